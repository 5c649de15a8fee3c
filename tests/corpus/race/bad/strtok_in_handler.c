/* Wrong: strtok() keeps state, strerror() may build its text in a static buffer. */
#include "../u.h"

static void handler(int number)
{
    int error = errno;
    char words[] = "one two";
    if (strtok(words, " ") != NULL)
        write(STDERR_FILENO, strerror(number), 1);
    errno = error;
}

int main(void)
{
    handle(SIGUSR1, handler);
    kill(getpid(), SIGUSR1);
    return 0;
}
