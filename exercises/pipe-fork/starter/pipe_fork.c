/* pipe_fork.c

   Send standard input to a child process through a pipe, and print what it sends back through
   another one: the same with the letters a to z in upper case.

   Usage: pipe_fork
*/
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

int main(void)
{
    /* TODO: make two pipes (pipe(2)): one there, one back */

    /* TODO: start the child (fork(2)); which ends does it need, which does the parent need? */

    /* TODO: the child reads until the end of its input, and sends everything back in upper case */

    /* TODO: the parent sends on what it reads, and prints what comes back; when does it do which?
     */
    char chunk[4096];
    ssize_t got = read(STDIN_FILENO, chunk, sizeof(chunk));
    printf("%zd bytes have come\n", got);

    /* TODO: tell the child that there is nothing more, and wait for it (waitpid(2)) */

    return EXIT_SUCCESS;
}
