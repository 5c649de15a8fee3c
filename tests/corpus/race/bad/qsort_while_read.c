/* Wrong: the child sorts while the parent reads. */
#include "../u.h"

static int compare(const void *one, const void *other)
{
    (void)one, (void)other;
    return 0;
}

int main(void)
{
    int *numbers = shared(4 * sizeof *numbers);
    if (fork() == 0) {
        qsort(numbers, 4, sizeof *numbers, compare);
        _exit(0);
    }
    int failed = numbers[0] + numbers[3] == 77;
    return reap() || failed;
}
