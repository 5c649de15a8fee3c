/* Wakes whoever watches it: millions of short sleeps, stops and goes, renames, descriptors opened
 * and closed.
 *
 * @row timing
 * @fails-some busy-loop steps
 */
#include "attack.h"

int main(void)
{
    for (unsigned n = 0;; n++) {
        prctl(PR_SET_NAME, n % 2 ? TAG ") R 1 (" : TAG);
        close(open("a", O_CREAT | O_WRONLY, 0600));
        rename("a", "b");
        if (n % 64 == 0)
            usleep(1);
    }
}
