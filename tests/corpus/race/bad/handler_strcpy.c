/* Wrong: the handler copies a text into a buffer that the program copies into, too. */
#include "../u.h"

static char last[32];

static void handler(int number)
{
    strcpy(last, number == SIGUSR1 ? "a signal of the user's" : "another");
}

int main(void)
{
    handle(SIGUSR1, handler);
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        _exit(0);
    }
    strcpy(last, "nothing has come so far");
    int failed = reap();
    return failed || strlen(last) < 5;
}
