/* Wrong: a structure is assigned as a whole while the other compares it. */
#include "../u.h"

typedef struct {
    char name[40];
    int age;
} Person;

int main(void)
{
    Person *person = segment(sizeof *person), other = {"somebody", 42};
    if (fork() == 0) {
        *person = other;
        _exit(0);
    }
    int same = memcmp(person, &other, sizeof other);
    return reap() + (same > 1 << 20);
}
