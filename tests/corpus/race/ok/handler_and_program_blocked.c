/* Right: structures and texts that handler and program both assign, each with the signal blocked.
 */
#include "../u.h"

typedef struct {
    long a, b, c, d;
} Four;
struct node {
    int value;
    struct node *next;
};

static Four state;
static char last[32];
static struct node *head, nodes[20];
static volatile sig_atomic_t waiting, sum;

static void handler(int number)
{
    state = (Four){number, number, number, number};
    strcpy(last, "a signal");
    waiting++;
    int all = 0;
    for (struct node *one = head; one != NULL; one = one->next)
        all += one->value;
    sum = all;
}

int main(void)
{
    sigset_t only, before;
    handle(SIGUSR1, handler);
    sigemptyset(&only);
    sigaddset(&only, SIGUSR1);
    pid_t parent = getpid();
    if (fork() == 0) {
        for (int i = 0; i < 3; i++)
            kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int i = 0; i < 10; i++) {
        sigprocmask(SIG_BLOCK, &only, &before);
        Four copy = state;
        if (copy.a != copy.d)
            return 1;
        strcpy(last, "none");
        waiting--;
        nodes[i].value = 1;
        nodes[i].next = head;
        head = &nodes[i];
        sigprocmask(SIG_SETMASK, &before, NULL);
    }
    return reap();
}
