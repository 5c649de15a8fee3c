/* Right: what the child printed is flushed by its exit(); the parent reads to the end. */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), ends[2];
    char line[64];
    pipe(ends);
    if (fork() == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        printf("to be flushed\n");
        *data = 42;
        exit(0);
    }
    close(ends[1]);
    FILE *in = fdopen(ends[0], "r");
    if (fgets(line, sizeof line, in) == NULL)
        return 1;
    return *data != 42 || reap();
}
