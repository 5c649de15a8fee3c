/* Forks for ever, and so does every child. */
#include <unistd.h>

int main(void)
{
    for (;;)
        fork();
}
