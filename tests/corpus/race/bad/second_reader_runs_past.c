/* Wrong: the first reader takes the room for all, but the second does not wait until it has it. */
#include "../u.h"

typedef struct {
    sem_t room;
    atomic_int readers;
    int low, high;
} Book;

static int reader(Book *book)
{
    if (atomic_fetch_add(&book->readers, 1) == 0)
        sem_wait(&book->room);
    int same = book->low == book->high;
    if (atomic_fetch_sub(&book->readers, 1) == 1)
        sem_post(&book->room);
    return same;
}

int main(void)
{
    Book *book = shared(sizeof *book);
    sem_init(&book->room, 1, 1);
    for (int i = 0; i < 2; i++)
        if (fork() == 0) {
            int right = 1;
            for (int k = 0; k < 3; k++)
                right &= reader(book);
            _exit(!right);
        }
    for (int k = 1; k <= 3; k++) {
        sem_wait(&book->room);
        book->low = k;
        book->high = k;
        sem_post(&book->room);
    }
    return reap();
}
