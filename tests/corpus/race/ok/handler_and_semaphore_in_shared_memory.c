/* Right: handlers of two processes count with an atomic, and the parent reads plain numbers behind
 * a semaphore. */
#include "../u.h"
#include <semaphore.h>
#include <stdatomic.h>

struct board {
    sem_t done;
    atomic_int seen;
    int result;
};
static struct board *board;

static void on(int number)
{
    (void)number;
    atomic_fetch_add(&board->seen, 1);
}

int main(void)
{
    board = shared(sizeof *board);
    sem_init(&board->done, 1, 0);
    handle(SIGUSR1, on);
    pid_t parent = getpid();
    if (fork() == 0) {
        kill(parent, SIGUSR1);
        raise(SIGUSR1);
        board->result = 42;
        sem_post(&board->done);
        _exit(0);
    }
    while (sem_wait(&board->done) < 0)
        continue;
    int result = board->result;
    board->result++;
    int status = reap();
    return result == 42 && atomic_load(&board->seen) == 2 ? status : 1;
}
