/* Right: one message that is passed round as a mutex. */
#include "../u.h"

int main(void)
{
    int *n = shared(4096);
    int q = msgget(IPC_PRIVATE, 0600);
    struct {
        long t;
    } m = {1};
    msgsnd(q, &m, 0, 0);
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            for (int k = 0; k < 10; k++) {
                if (msgrcv(q, &m, 0, 1, 0) < 0)
                    _exit(1);
                ++*n;
                m.t = 1;
                msgsnd(q, &m, 0, 0);
            }
            _exit(0);
        }
    int r = reap();
    msgctl(q, IPC_RMID, NULL);
    return r || *n != 30;
}
