/* real.c - the C library's own versions of the functions that the runtime wraps */
#include "runtime.h"
#include <dlfcn.h>

extern Real __start_grader_reals[], __stop_grader_reals[];

/* Of these there is an older version, with another structure, which plain dlsym() would give. */
static const char *const versioned[] = {"pthread_cond_wait",   "pthread_cond_timedwait",
                                        "pthread_cond_signal", "pthread_cond_broadcast",
                                        "pthread_cond_init",   "pthread_cond_destroy"};

void *resolve(Real *real)
{
    inside++;
    void *found = NULL;
    for (size_t i = 0; i < sizeof versioned / sizeof *versioned; i++)
        if (equal_text(real->name, versioned[i]))
            found = dlvsym(RTLD_NEXT, real->name, "GLIBC_2.3.2");
    if (found == NULL)
        found = dlsym(RTLD_NEXT, real->name);
    real->function = found;
    inside--;
    return found;
}

void resolve_all(void)
{
    for (Real *real = __start_grader_reals; real < __stop_grader_reals; real++)
        if (real->function == NULL)
            resolve(real);
}
