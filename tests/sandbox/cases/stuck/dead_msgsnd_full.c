/* Sends into a queue that nobody empties. */
#include "case.h"

int main(void)
{
    struct {
        long type;
        char text[4096];
    } message = {.type = 1, .text = "hello"};
    int queue = make_queue();
    for (int i = 0; i < 100000; i++)
        check(msgsnd(queue, &message, sizeof message.text, 0), "msgsnd");
    return 0;
}
