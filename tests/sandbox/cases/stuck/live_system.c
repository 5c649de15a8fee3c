/* Waits in system() for a command that sleeps. */
#include "case.h"

int main(void)
{
    return system("sleep 0.2");
}
