/* Also right: a thread writes and closes its end, while the main one reads until the end of the
   file.

   Usage: pipe_self TEXT...
*/
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct job {
    int fd;
    const char *text;
};

static void *feed(void *argument)
{
    const struct job *job = argument;
    const char *rest = job->text;
    for (size_t left = strlen(rest); left > 0;) {
        ssize_t written = write(job->fd, rest, left);
        if (written == -1) {
            perror("write");
            exit(1);
        }
        rest += written;
        left -= (size_t)written;
    }
    close(job->fd);
    return NULL;
}

int main(int argc, char *argv[])
{
    if (argc < 2) {
        fputs("usage: pipe_self TEXT...\n", stderr);
        return 2;
    }
    for (char **text = argv + 1; *text != NULL; text++) {
        int ends[2];
        if (pipe(ends) == -1) {
            perror("pipe");
            return 1;
        }
        struct job job = {ends[1], *text};
        pthread_t writer;
        if ((errno = pthread_create(&writer, NULL, feed, &job)) != 0) {
            perror("pthread_create");
            return 1;
        }
        FILE *input = fdopen(ends[0], "r");
        char *back = NULL;
        size_t room = 0;
        ssize_t length = getdelim(&back, &room, '\0', input);
        printf("%zd: %s\n", length < 0 ? 0 : length, length < 0 ? "" : back);
        free(back);
        fclose(input);
        pthread_join(writer, NULL);
    }
    return 0;
}
