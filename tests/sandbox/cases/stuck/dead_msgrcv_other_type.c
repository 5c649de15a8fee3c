/* Waits for a message of a type that nobody sends. */
#include "case.h"

int main(void)
{
    struct {
        long type;
        char text[8];
    } message = {.type = 1, .text = "hello"};
    int queue = make_queue();
    check(msgsnd(queue, &message, sizeof message.text, 0), "msgsnd");
    check(msgrcv(queue, &message, sizeof message.text, 7, 0), "msgrcv");
    return 0;
}
