/* Wrong: the handler walks a list that the program changes with the signal let through. */
#include "../u.h"

struct node {
    int value;
    struct node *next;
};
static struct node *head, nodes[20];
static volatile sig_atomic_t sum;

static void handler(int number)
{
    (void)number;
    int all = 0;
    for (struct node *one = head; one != NULL; one = one->next)
        all += one->value;
    sum = all;
}

int main(void)
{
    handle(SIGUSR1, handler);
    pid_t parent = getpid();
    if (fork() == 0) {
        for (int i = 0; i < 3; i++)
            kill(parent, SIGUSR1);
        _exit(0);
    }
    for (int i = 0; i < 20; i++) {
        nodes[i].value = 1;
        nodes[i].next = head;
        head = &nodes[i];
        if (i % 3 == 0)
            head = head->next;
    }
    return reap();
}
