/* bare: a start and system calls without a C library, for programs that are started all the time.
 *
 * Starting even a static glibc program asks the processor what it is (cpuid), several dozen times,
 * and in a virtual machine each of these questions leaves the guest: measured here, 0.55 ms of 0.7
 * for vfork + exec + exit, against 0.03 ms without. A launcher that is executed for every program
 * of every case is worth that.
 *
 * Whoever includes this writes `int bare_main(int argc, char *argv[], char *envp[])` in place of
 * main, and compiles with BARE_FLAGS of grader/backends/launcher.py; or, in a library, defines
 * BARE_LIBRARY before. System calls return what the kernel returns: -errno on failure (syscalls(2),
 * syscall(2) for the registers).
 */
#ifndef GRADER_BARE_H
#define GRADER_BARE_H

#include <errno.h>
#include <stddef.h>
#include <sys/syscall.h>

#if defined(__x86_64__)
static inline long bare_call(long number, long a, long b, long c, long d, long e)
{
    register long r10 __asm__("r10") = d;
    register long r8 __asm__("r8") = e;
    long result;

    __asm__ volatile("syscall"
                     : "=a"(result)
                     : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
                     : "rcx", "r11", "memory");
    return result;
}
#elif defined(__aarch64__)
static inline long bare_call(long number, long a, long b, long c, long d, long e)
{
    register long x8 __asm__("x8") = number;
    register long x0 __asm__("x0") = a;
    register long x1 __asm__("x1") = b;
    register long x2 __asm__("x2") = c;
    register long x3 __asm__("x3") = d;
    register long x4 __asm__("x4") = e;

    __asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4) : "memory");
    return x0;
}
#else
#error "the launcher knows x86_64 and aarch64"
#endif

#define CALL5(number, a, b, c, d, e)                                                               \
    bare_call(SYS_##number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e))
#define CALL4(number, a, b, c, d) CALL5(number, a, b, c, d, 0)
#define CALL3(number, a, b, c) CALL5(number, a, b, c, 0, 0)
#define CALL2(number, a, b) CALL5(number, a, b, 0, 0, 0)
#define CALL1(number, a) CALL5(number, a, 0, 0, 0, 0)
#define CALL0(number) CALL5(number, 0, 0, 0, 0, 0)

static _Noreturn void bare_exit(int status)
{
    for (;;)
        CALL1(exit_group, status);
}

static size_t bare_length(const char *text)
{
    size_t length = 0;

    while (text[length] != '\0')
        length++;
    return length;
}

/* Does the text begin with the word? */
static int bare_begins(const char *text, const char *word)
{
    while (*word != '\0')
        if (*text++ != *word++)
            return 0;
    return 1;
}

static int bare_equal(const char *one, const char *other)
{
    return bare_begins(one, other) && bare_length(one) == bare_length(other);
}

/* A decimal number, with its sign; what follows it is left alone. */
static long bare_number(const char *text)
{
    int negative = *text == '-';
    long value = 0;

    for (text += negative; *text >= '0' && *text <= '9'; text++)
        value = value * 10 + (*text - '0');
    return negative ? -value : value;
}

#ifndef BARE_LIBRARY
/* The kernel leaves argc, argv[], NULL, envp[] on the stack (System V ABI, 3.4.1). */
#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp, %ebp\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall "
        "bare_start\n");
#else
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tmov x0, sp\n\tbl bare_start\n");
#endif

int bare_main(int argc, char *argv[], char *envp[]);

_Noreturn void bare_start(long *stack);
_Noreturn void bare_start(long *stack)
{
    int argc = (int)stack[0];
    char **argv = (char **)(stack + 1);

    bare_exit(bare_main(argc, argv, argv + argc + 1));
}
#endif

/* Compilers make calls of these two out of plain assignments, also for a program without a library.
 */
void *memset(void *to, int byte, size_t size);
void *memset(void *to, int byte, size_t size)
{
    volatile unsigned char *place = to;

    while (size-- > 0)
        *place++ = (unsigned char)byte;
    return to;
}

void *memcpy(void *to, const void *from, size_t size);
void *memcpy(void *to, const void *from, size_t size)
{
    volatile unsigned char *place = to;
    const unsigned char *byte = from;

    while (size-- > 0)
        *place++ = *byte++;
    return to;
}

#endif
