/* Counts past INT_MAX. */
#include <limits.h>

int main(int argc, char *argv[])
{
    (void)argv;
    int big = INT_MAX - 1 + argc;
    return big + argc == 42;
}
