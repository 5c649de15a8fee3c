/* Right: memory that mremap() has moved keeps its mutex. */
#include "../u.h"

struct s {
    pthread_mutex_t m;
    int n[2000];
};
int main(void)
{
    int f = scratch_file();
    if (ftruncate(f, 65536))
        return 3;
    struct s *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0);
    shared_mutex(&s->m);
    s = mremap(s, 4096, 16384, MREMAP_MAYMOVE);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            for (int k = 0; k < 30; k++) {
                pthread_mutex_lock(&s->m);
                s->n[1500]++;
                pthread_mutex_unlock(&s->m);
            }
            _exit(0);
        }
    int r = reap();
    return r || s->n[1500] != 60;
}
