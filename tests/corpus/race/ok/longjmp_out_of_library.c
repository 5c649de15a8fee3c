/* Right: a jump out of a callback of qsort(), and a second round. */
#include "../u.h"

static jmp_buf place;
static int *shared_calls, times;

static int compare(const void *one, const void *other)
{
    if (++*shared_calls == 2)
        longjmp(place, 1);
    return *(const int *)one - *(const int *)other;
}

int main(void)
{
    int numbers[] = {3, 1, 2};
    shared_calls = shared(sizeof *shared_calls);
    if (setjmp(place) == 0)
        qsort(numbers, 3, sizeof *numbers, compare);
    if (times++ == 0)
        qsort(numbers, 3, sizeof *numbers, compare);
    return numbers[0] != 1 || *shared_calls < 3;
}
