/* Wrong: strcpy() into shared memory while another reads the text. */
#include "../u.h"

int main(void)
{
    char *text = segment(64), copy[64];
    if (fork() == 0) {
        strcpy(text, "some text that takes a while");
        _exit(0);
    }
    snprintf(copy, sizeof copy, "%s", text);
    return reap();
}
