/* Replaces ./main in its working directory by a program that answers wrong or right, for the cases
 * to come.
 *
 * @row replace
 * @exercise three-cases
 * @points 2..10
 * @fails-some no-leftover-files output
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    unlink("main");
    unlink("teller");
    symlink("/bin/false", "main");
    symlink("/bin/true", "teller");
    chmod(".", 0777);
    return answer(argc, argv);
}
