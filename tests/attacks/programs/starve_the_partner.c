/* Burns the CPU in twenty processes while a partner works, to make the partner late; only its own
 * case is lost.
 *
 * @row timing
 * @exercise three-cases
 * @points 4..7
 * @fails-some busy-loop steps output no-stray-processes
 */
#include "attack.h"

int main(int argc, char *argv[])
{
    if (argc == 2)
        for (int i = 0; i < 20; i++)
            if (fork() == 0)
                for (;;)
                    ;
    return answer(argc, argv);
}
