/* Wrong: strtok_r() writes into the text that the parent reads. */
#include "../u.h"

int main(void)
{
    char *text = shared(64), *rest;
    strcpy(text, "word and word");
    if (fork() == 0) {
        strtok_r(text, " ", &rest);
        _exit(0);
    }
    int failed = strlen(text) > 63;
    return reap() || failed;
}
