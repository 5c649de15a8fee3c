/* Right: a local variable of main() that a handler changes is volatile sig_atomic_t; what lies
 * there later is another. */
#include "../u.h"

static volatile sig_atomic_t *volatile counter;

static void handler(int number)
{
    (void)number;
    if (counter != NULL)
        ++*counter;
}

static int counts(void)
{
    volatile sig_atomic_t here = 0;
    counter = &here;
    for (int i = 0; i < 3; i++)
        kill(getpid(), SIGUSR1);
    counter = NULL;
    return here;
}

static int fill(int *all, int size)
{
    int sum = 0;
    for (int i = 0; i < size; i++)
        all[i] = i;
    for (int i = 0; i < size; i++)
        sum += all[i];
    return sum;
}

static int uses_the_stack(void)
{
    int all[32];
    return fill(all, 32);
}

int main(void)
{
    handle(SIGUSR1, handler);
    int failed = 0;
    for (int i = 0; i < 3; i++) {
        failed |= counts() != 3;
        failed |= uses_the_stack() != 496;
        kill(getpid(), SIGUSR1);
    }
    return failed;
}
