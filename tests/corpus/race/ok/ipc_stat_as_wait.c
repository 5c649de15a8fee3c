/* Right: the queue is empty once the other one has received. */
#include "../u.h"

int main(void)
{
    int q = msgget(IPC_PRIVATE, 0600);
    int *n = shared(4096);
    struct {
        long t;
        int v;
    } m = {1, 2};
    msgsnd(q, &m, sizeof m.v, 0);
    if (fork() == 0) {
        *n = 3;
        if (msgrcv(q, &m, sizeof m.v, 0, 0) < 0)
            _exit(1);
        _exit(0);
    }
    struct msqid_ds d;
    do {
        msgctl(q, IPC_STAT, &d);
    } while (d.msg_qnum);
    int r = *n != 3;
    *n = 1;
    int k = reap();
    msgctl(q, IPC_RMID, NULL);
    return r || k;
}
