/* Right: closes every descriptor there is, its standard ones as well, and goes to "/". */
#include "../u.h"

int main(void)
{
    int *data = shared(sizeof *data), set = semaphores(1, 1);
    if (fork() == 0) {
        for (int i = 0; i < 1024; i++)
            close(i);
        if (chdir("/") == -1)
            _exit(1);
        P(set, 0);
        ++*data;
        V(set, 0);
        _exit(0);
    }
    P(set, 0);
    ++*data;
    V(set, 0);
    int status = reap();
    remove_set(set);
    return status || *data != 2;
}
