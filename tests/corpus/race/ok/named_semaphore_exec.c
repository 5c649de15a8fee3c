/* Right: the exec'ed worker opens the named semaphore and the memory by their names. */
#include "../u.h"

int main(int argc, char **argv)
{
    sem_t *lock = sem_open("/corpus_exec", O_CREAT, 0600, 1);
    int memory = shm_open("/corpus_exec", O_CREAT | O_RDWR, 0600);
    ftruncate(memory, 4096);
    int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    for (int i = 0; i < 2 && argc == 1; i++)
        if (fork() == 0) {
            execl("/proc/self/exe", argv[0], "worker", NULL);
            _exit(9);
        }
    sem_wait(lock);
    ++*count;
    sem_post(lock);
    if (argc > 1)
        return 0;
    int status = reap();
    sem_unlink("/corpus_exec");
    shm_unlink("/corpus_exec");
    return status || *count != 3;
}
