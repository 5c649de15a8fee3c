/* Two threads wait, one signal has come: one goes on waiting. */
#include "case.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
static int waiting, turn;

static void *wait_for_turn(void *unused)
{
    pthread_mutex_lock(&mutex);
    waiting++;
    while (turn == 0)
        pthread_cond_wait(&condition, &mutex);
    turn--;
    pthread_mutex_unlock(&mutex);
    return unused;
}

int main(void)
{
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, wait_for_turn, NULL);
    for (int there = 0; there < 2;) {
        pthread_mutex_lock(&mutex);
        there = waiting;
        pthread_mutex_unlock(&mutex);
        sched_yield();
    }
    pthread_mutex_lock(&mutex);
    turn = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
    pthread_exit(NULL);
}
