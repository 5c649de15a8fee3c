/* Dies in the way that argv[1] names. */
#include <err.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static volatile int zero;

static void past_the_end_of_a_file(void)
{
    int fd = open("data", O_RDWR | O_CREAT, 0600);
    volatile char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    if ((const void *)page == MAP_FAILED)
        err(EXIT_FAILURE, "mmap(data)");
    page[0] = 1;
}

static void into_a_pipe_without_reader(void)
{
    int ends[2];

    if (pipe(ends) == -1)
        err(EXIT_FAILURE, "pipe");
    close(ends[0]);
    if (write(ends[1], "x", 1) == -1)
        err(EXIT_FAILURE, "write");
}

int main(int argc, char *argv[])
{
    const char *how = argc > 1 ? argv[1] : "";
    int *volatile nowhere = NULL;

    if (strcmp(how, "SIGSEGV") == 0)
        *nowhere = 1;
    if (strcmp(how, "SIGABRT") == 0)
        abort();
    if (strcmp(how, "SIGFPE") == 0)
        return argc / zero;
    if (strcmp(how, "SIGBUS") == 0)
        past_the_end_of_a_file();
    if (strcmp(how, "SIGILL") == 0)
        __builtin_trap();
    if (strcmp(how, "SIGPIPE") == 0)
        into_a_pipe_without_reader();
    if (strcmp(how, "SIGKILL") == 0)
        kill(getpid(), SIGKILL);
    return 0;
}
