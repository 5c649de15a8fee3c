/* Wrong: children made by _Fork() count without a lock. */
#include "../u.h"
int main(void)
{
    int *count = shared(4096);
    for (int i = 0; i < 2; i++)
        if (_Fork() == 0) {
            for (int n = 0; n < 3; n++)
                ++*count;
            _exit(0);
        }
    reap();
    return 0;
}
