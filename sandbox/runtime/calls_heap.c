/* calls_heap.c - the heap: only where it is called matters */
#include "runtime.h"
#include <malloc.h>
#include <stdlib.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void __libc_free(void *);

EXPORT void *malloc(size_t size)
{
    if (UNLIKELY(in_handler))
        unsafe("malloc", HERE());
    if (UNLIKELY(points_wanted) && ACTIVE) {
        Site site = HERE();
        point(CALL_malloc, site, BEFORE);
        if (fault_at(CALL_malloc, site))
            return NULL;
    }
    return __libc_malloc(size);
}

EXPORT void *calloc(size_t count, size_t size)
{
    if (UNLIKELY(in_handler))
        unsafe("calloc", HERE());
    return __libc_calloc(count, size);
}

EXPORT void *realloc(void *old, size_t size)
{
    if (UNLIKELY(in_handler))
        unsafe("realloc", HERE());
    if (UNLIKELY(handlers != 0) && old != NULL)
        forget_freed((uintptr_t)old, malloc_usable_size(old));
    return __libc_realloc(old, size);
}

EXPORT void free(void *old)
{
    if (UNLIKELY(in_handler))
        unsafe("free", HERE());
    if (UNLIKELY(handlers != 0) && old != NULL)
        forget_freed((uintptr_t)old, malloc_usable_size(old));
    __libc_free(old);
}
