/* Runs before main(), and in the place of main(): .preinit_array, constructors, an ifunc, a
 * destructor.
 *
 * It is the program all the same, with its rights: every one of them finds itself the submission.
 *
 * @row compiler
 */
#include "attack.h"

static int early_uid = -1, early_driver = -1;

static void first(void)
{
    early_uid = (int)getuid();
    early_driver = open("/proc/1/environ", O_RDONLY);
}

__attribute__((section(".preinit_array"), used)) static void (*const before)(void) = first;

static int chosen(void)
{
    return 42;
}

static int (*choose(void))(void)
{
    return syscall(SYS_getuid) == 0 ? NULL : chosen;
}

int number(void) __attribute__((ifunc("choose")));

__attribute__((destructor)) static void last(void)
{
    if (open("/proc/1/environ", O_RDONLY) != -1)
        puts("BREACH: the driver's environment at the end");
}

int main(void)
{
    held(early_uid > 0, "running as root before main()");
    refused(early_driver, "the driver's environment before main()");
    held(number() == 42, "an ifunc as root");
    return done();
}
