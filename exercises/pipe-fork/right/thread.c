/* Also right: a thread prints what comes back while main() sends.

   Usage: pipe_fork
*/
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void *print(void *argument)
{
    const int *from = argument;
    char text[1000];
    ssize_t got = 0;
    bool well = true;
    while (well && (got = read(*from, text, sizeof(text))) > 0)
        for (ssize_t done = 0, n; well && done < got; done += n)
            well = (n = write(STDOUT_FILENO, text + done, (size_t)(got - done))) >= 0;
    close(*from); /* Or the child might wait for room */
    return well && got == 0 ? NULL : argument;
}

static int convert(int from, int to)
{
    char text[60000];
    ssize_t got;
    while ((got = read(from, text, sizeof(text))) > 0) {
        for (char *c = text; c < text + got; c++)
            *c = *c >= 'a' && *c <= 'z' ? (char)(*c ^ ' ') : *c;
        for (ssize_t done = 0, n; done < got; done += n)
            if ((n = write(to, text + done, (size_t)(got - done))) < 0)
                return 1;
    }
    return got != 0;
}

int main(void)
{
    int down[2], up[2], status = 0, lost = 0;
    char text[5000];
    pthread_t printer;
    void *failed = NULL;
    ssize_t got = 0;

    if (pipe(down) != 0 || pipe(up) != 0) {
        perror("pipe");
        return 1;
    }
    pid_t child = fork();
    if (child == -1) {
        perror("fork");
        return 1;
    }
    if (child == 0) {
        close(up[0]);
        close(down[1]);
        _exit(convert(down[0], up[1]));
    }
    close(up[1]);
    close(down[0]);
    signal(SIGPIPE, SIG_IGN);
    bool printing = pthread_create(&printer, NULL, print, &up[0]) == 0;
    lost = !printing;
    while (!lost && (got = read(STDIN_FILENO, text, sizeof(text))) > 0)
        for (ssize_t done = 0, n; done < got && !lost; done += n)
            lost = (n = write(down[1], text + done, (size_t)(got - done))) < 0;
    close(down[1]);
    if (printing)
        pthread_join(printer, &failed);
    waitpid(child, &status, 0);
    if (lost || got < 0 || failed != NULL || status != 0) {
        fprintf(stderr, "pipe_fork: not everything was passed on\n");
        return 1;
    }
    return 0;
}
