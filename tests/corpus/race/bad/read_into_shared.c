/* Wrong: read() writes to memory, too. */
#include "../u.h"

int main(void)
{
    char *room = shared(64);
    int ends[2];
    pipe(ends);
    write(ends[1], "hello", 5);
    if (fork() == 0) {
        read(ends[0], room, 5);
        _exit(0);
    }
    int first = room[0];
    return reap() + (first != 0 && first != 'h');
}
