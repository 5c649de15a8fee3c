/* Wrong: the consumer gives the buffer back and then reads it. */
#include "../u.h"

typedef struct {
    sem_t empty, full;
    int buffer[2][4];
} Pair;

int main(void)
{
    Pair *pair = shared(sizeof *pair);
    sem_init(&pair->empty, 1, 2);
    sem_init(&pair->full, 1, 0);
    if (fork() == 0) {
        for (int n = 0; n < 6; n++) {
            sem_wait(&pair->empty);
            for (int k = 0; k < 4; k++)
                pair->buffer[n % 2][k] = n;
            sem_post(&pair->full);
        }
        _exit(0);
    }
    int wrong = 0;
    for (int n = 0; n < 6; n++) {
        sem_wait(&pair->full);
        int *mine = pair->buffer[n % 2];
        sem_post(&pair->empty);
        for (int k = 0; k < 4; k++)
            wrong |= mine[k] != n;
    }
    return reap() || wrong;
}
