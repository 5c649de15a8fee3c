/* Right: /proc/PID/stat tells that the child is a zombie. */
#include "../u.h"

int main(void)
{
    char path[32], text[256];
    int *data = shared(2 * sizeof *data);
    pid_t child = fork();
    if (child == 0) {
        *data = 42;
        _exit(0);
    }
    snprintf(path, sizeof path, "/proc/%d/stat", (int)child);
    for (;;) {
        int file = open(path, O_RDONLY);
        ssize_t length = read(file, text, sizeof text - 1);
        close(file);
        text[length < 0 ? 0 : length] = '\0';
        if (strstr(text, ") Z") != NULL)
            break;
        usleep(200);
    }
    int seen = *data;
    return reap() || seen != 42;
}
