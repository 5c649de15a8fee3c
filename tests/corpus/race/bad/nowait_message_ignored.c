/* Wrong: msgrcv() with IPC_NOWAIT has received nothing, and nobody looks. */
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
        msgrcv(q, &m, sizeof m.v, 0, IPC_NOWAIT);
        printf("%d\n", *n);
        return 0;
    }
    struct m a = {1, 1};
    *n = 3;
    msgsnd(q, &a, sizeof a.v, 0);
    reap();
    msgctl(q, IPC_RMID, NULL);
    return 0;
}
