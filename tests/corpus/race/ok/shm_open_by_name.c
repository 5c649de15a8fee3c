/* Right: who makes the object posts its semaphore when it is ready. */
#include "../u.h"

struct s {
    sem_t m;
    int n;
};
int main(void)
{
    for (int i = 0; i < 3; i++)
        if (fork() == 0) {
            int f = shm_open("/byname", O_CREAT | O_EXCL | O_RDWR, 0600);
            struct s *s;
            if (f >= 0) {
                if (ftruncate(f, sizeof *s))
                    _exit(1);
                s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
                sem_init(&s->m, 1, 0);
                sem_post(&s->m);
            } else {
                while ((f = shm_open("/byname", O_RDWR, 0600)) < 0)
                    usleep(100);
                struct stat a;
                do
                    fstat(f, &a);
                while (a.st_size < (off_t)sizeof *s);
                s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
            }
            for (int k = 0; k < 5; k++) {
                while (sem_trywait(&s->m))
                    usleep(50);
                s->n++;
                sem_post(&s->m);
            }
            _exit(0);
        }
    int r = reap();
    shm_unlink("/byname");
    return r;
}
