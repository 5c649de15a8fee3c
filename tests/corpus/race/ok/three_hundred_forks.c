/* Right: three hundred children, one after the other, each after its predecessor's end. */
#include "../u.h"

int main(void)
{
    int *count = shared(sizeof *count);
    for (int i = 0; i < 300; i++) {
        pid_t child = fork();
        if (child == 0) {
            ++*count;
            _exit(0);
        }
        waitpid(child, NULL, 0);
    }
    return *count != 300;
}
