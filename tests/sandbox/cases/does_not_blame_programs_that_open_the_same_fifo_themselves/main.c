/* Three children each run cat on one FIFO: all of them open it themselves, under the same number.
 */
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void)
{
    if (mkfifo("letters", 0600) == -1)
        return 1;
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            execlp("cat", "cat", "letters", (char *)0);
            _exit(127);
        }
    while (wait(NULL) > 0)
        continue;
    return unlink("letters") == -1;
}
