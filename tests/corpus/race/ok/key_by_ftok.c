/* Right: maker with IPC_EXCL, others wait until semop() has been called (sem_otime). */
#include "../u.h"

int main(void)
{
    key_t key = ftok("/proc/self/exe", 7);
    int *count = shared(sizeof *count);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int set = semget(key, 1, IPC_CREAT | IPC_EXCL | 0600);
            if (set != -1) {
                set_to(set, 0, 0);
                V(set, 0);
            } else {
                struct semid_ds about = {0};
                union semun argument = {.buf = &about};
                set = semget(key, 1, 0);
                while (semctl(set, 0, IPC_STAT, argument) == 0 && about.sem_otime == 0)
                    usleep(200);
            }
            P(set, 0);
            ++*count;
            V(set, 0);
            _exit(0);
        }
    int status = reap();
    remove_set(semget(key, 1, 0));
    return status || *count != 2;
}
