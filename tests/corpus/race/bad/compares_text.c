/* Wrong: strncmp() and printf() of a text that the child may be writing; that it is empty is read,
 * too. */
#include "../u.h"

int main(void)
{
    char *text = segment(64);
    if (fork() == 0) {
        strncpy(text, "answer", 32);
        _exit(0);
    }
    int same = strncmp(text, "answer", 6) == 0;
    printf("%.3s %d\n", text, same);
    return reap();
}
