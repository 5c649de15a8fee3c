/* Right: msgrcv() with MSG_EXCEPT takes a message of any other type. */
#include "../u.h"

struct m {
    long t;
    int v;
};
int main(void)
{
    int *n = shared(4096);
    int q = msgget(IPC_PRIVATE, 0600);
    if (fork() == 0) {
        struct m m;
        if (msgrcv(q, &m, sizeof m.v, 5, MSG_EXCEPT) < 0)
            _exit(1);
        _exit(*n != 3 || m.v != 1);
    }
    struct m a = {2, 1};
    *n = 3;
    msgsnd(q, &a, sizeof a.v, 0);
    int r = reap();
    msgctl(q, IPC_RMID, NULL);
    return r;
}
