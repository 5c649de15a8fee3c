/* Right: a file is mapped page by page, an account in each, and the lock in one of them. */
#include "../u.h"
enum { PAGES = 140, PAGE = 4096 };
int main(void)
{
    int *windows[PAGES], file = memfd_create("accounts", 0);
    ftruncate(file, PAGES * PAGE);
    for (int i = 0; i < PAGES; i++)
        windows[i] = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, (off_t)i * PAGE);
    pthread_mutex_t *lock = (pthread_mutex_t *)windows[PAGES - 1];
    shared_mutex(lock);
    for (int child = 0; child < 2; child++)
        if (fork() == 0) {
            for (int i = 0; i < 20; i++) {
                pthread_mutex_lock(lock);
                windows[i][0] += 5;
                pthread_mutex_unlock(lock);
            }
            _exit(0);
        }
    if (reap())
        return 1;
    for (int i = 0; i < 20; i++)
        if (windows[i][0] != 10)
            return 1;
    return 0;
}
