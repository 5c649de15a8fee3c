/* instrumented.c - what gcc -fsanitize=thread puts before each access of the student's program

   The names are those of compiler-rt's tsan interface (gcc/tsan.cc lists them). An access to memory
   that nobody shares costs two comparisons; unless a handler was installed, whose variables are
   watched.
*/
#include "runtime.h"

static inline __attribute__((always_inline)) int in_shared(uintptr_t address)
{
    return address - lowest < highest - lowest && highest != 0;
}

#define ACCESS(address, size, flags)                                                               \
    do {                                                                                           \
        uintptr_t at_ = (uintptr_t)(address);                                                      \
        if (UNLIKELY(in_shared(at_)))                                                              \
            shared_access(at_, size, flags, HERE());                                               \
        else if (watched(at_))                                                                     \
            private_access(at_, size, flags, HERE());                                              \
    } while (0)

#define PLAIN(kind, size, flags)                                                                   \
    EXPORT void __tsan_##kind##size(void *address)                                                 \
    {                                                                                              \
        ACCESS(address, size, flags);                                                              \
    }

#define OF_SIZE(size)                                                                              \
    PLAIN(read, size, 0)                                                                           \
    PLAIN(write, size, ACCESS_WRITE)                                                               \
    PLAIN(unaligned_read, size, 0)                                                                 \
    PLAIN(unaligned_write, size, ACCESS_WRITE)                                                     \
    PLAIN(volatile_read, size, ACCESS_VOLATILE)                                                    \
    PLAIN(volatile_write, size, ACCESS_VOLATILE | ACCESS_WRITE)                                    \
    PLAIN(unaligned_volatile_read, size, ACCESS_VOLATILE)                                          \
    PLAIN(unaligned_volatile_write, size, ACCESS_VOLATILE | ACCESS_WRITE)

OF_SIZE(1)
OF_SIZE(2)
OF_SIZE(4)
OF_SIZE(8)
OF_SIZE(16)

EXPORT void __tsan_init(void)
{
    initialise();
}

EXPORT void __tsan_func_entry(void *unused)
{
    (void)unused;
}

EXPORT void __tsan_func_exit(void)
{
}

EXPORT void __tsan_read_range(void *address, size_t size)
{
    ACCESS(address, size, 0);
}

EXPORT void __tsan_write_range(void *address, size_t size)
{
    ACCESS(address, size, ACCESS_WRITE);
}

EXPORT void __tsan_vptr_update(void **address, void *unused)
{
    (void)unused;
    ACCESS(address, 8, ACCESS_WRITE);
}

EXPORT void __tsan_vptr_read(void **address)
{
    ACCESS(address, 8, 0);
}

/* --- atomics: an access that never races with its like, and an order where the memory order says
 * so --- */

/* A relaxed access is ordered by a fence on its side: a store by one before it, a load by one
   after it. What was loaded without order is remembered until there is such a fence. */
enum { LOADED = 8 };
static __thread int fenced;          /* There was a fence that releases */
static __thread Clock fenced_before; /* What had been done by then: no store tells of more */
static __thread uint64_t loaded[LOADED][2];
static __thread unsigned loaded_count;
static __thread Clock loaded_told; /* By those for which there was no room in `loaded` */

/* Whose order matters: of memory that processes share, or threads of one that has some. */
static int orders(uintptr_t at)
{
    return (in_shared(at) && is_shared((const void *)at)) || has_threads;
}

static void atomic_access(const volatile void *address, size_t size, unsigned flags, Site site)
{
    uintptr_t at = (uintptr_t)address;
    if (in_shared(at))
        shared_access(at, size, flags | ACCESS_ATOMIC, site);
    else if (watched(at))
        private_access(at, size, flags | ACCESS_ATOMIC, site);
}

static int tells(const volatile void *address, int order)
{
    return (order >= __ATOMIC_RELEASE || fenced) && orders((uintptr_t)address);
}

static void tell_order(const volatile void *address, int order)
{
    uint64_t key[2];
    key_of_address((const void *)address, key);
    Sync *sync = sync_at(SYNC_ATOMIC, key[0], key[1]);
    if (order >= __ATOMIC_RELEASE)
        release(sync);
    else
        join(&sync->released, &fenced_before);
}

static void atomic_before(const volatile void *address, size_t size, unsigned flags, int order,
                          Site site)
{
    atomic_access(address, size, flags, site);
    if ((flags & ACCESS_WRITE) && tells(address, order))
        LOCKED({ tell_order(address, order); });
}

static void atomic_after(const volatile void *address, int order)
{
    if (!orders((uintptr_t)address))
        return;
    uint64_t key[2];
    key_of_address((const void *)address, key);
    if (order == __ATOMIC_RELAXED || order == __ATOMIC_RELEASE) {
        for (unsigned i = 0; i < LOADED && i < loaded_count; i++)
            if (loaded[i][0] == key[0] && loaded[i][1] == key[1])
                return;
        uint64_t *place = loaded[loaded_count % LOADED];
        if (loaded_count++ >= LOADED)
            LOCKED({ join(&loaded_told, &sync_at(SYNC_ATOMIC, place[0], place[1])->released); });
        place[0] = key[0];
        place[1] = key[1];
        return;
    }
    LOCKED({ acquire(sync_at(SYNC_ATOMIC, key[0], key[1])); });
}

#define ATOMIC_UPDATE(bits, type, name)                                                            \
    EXPORT type __tsan_atomic##bits##_fetch_##name(volatile type *at, type value, int order)       \
    {                                                                                              \
        atomic_before(at, bits / 8, ACCESS_WRITE, order, HERE());                                  \
        type old = __atomic_fetch_##name(at, value, __ATOMIC_SEQ_CST);                             \
        atomic_after(at, order);                                                                   \
        return old;                                                                                \
    }

#define COMPARE_EXCHANGE(at, expected, value)                                                      \
    __atomic_compare_exchange_n(at, expected, value, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)

/* One that fails stores nothing, and is no more than a load. Whether it does is not known before,
   and nobody may see what it stores before the order is there: it is done under the lock. */
#define ATOMIC_EXCHANGE(bits, type, strength)                                                      \
    EXPORT int __tsan_atomic##bits##_compare_exchange_##strength(                                  \
        volatile type *at, type *expected, type value, int order, int other)                       \
    {                                                                                              \
        int tried = 0, done = 0;                                                                   \
        atomic_access(at, bits / 8, ACCESS_WRITE, HERE());                                         \
        if (tells(at, order))                                                                      \
            LOCKED({                                                                               \
                tried = 1;                                                                         \
                done = COMPARE_EXCHANGE(at, expected, value);                                      \
                if (done)                                                                          \
                    tell_order(at, order);                                                         \
            });                                                                                    \
        if (!tried)                                                                                \
            done = COMPARE_EXCHANGE(at, expected, value);                                          \
        atomic_after(at, done ? order : other);                                                    \
        return done;                                                                               \
    }

#define ATOMIC(bits, type)                                                                         \
    EXPORT type __tsan_atomic##bits##_load(const volatile type *at, int order)                     \
    {                                                                                              \
        atomic_before(at, bits / 8, 0, order, HERE());                                             \
        type value = __atomic_load_n(at, __ATOMIC_SEQ_CST);                                        \
        atomic_after(at, order);                                                                   \
        return value;                                                                              \
    }                                                                                              \
    EXPORT void __tsan_atomic##bits##_store(volatile type *at, type value, int order)              \
    {                                                                                              \
        atomic_before(at, bits / 8, ACCESS_WRITE, order, HERE());                                  \
        __atomic_store_n(at, value, __ATOMIC_SEQ_CST);                                             \
    }                                                                                              \
    EXPORT type __tsan_atomic##bits##_exchange(volatile type *at, type value, int order)           \
    {                                                                                              \
        atomic_before(at, bits / 8, ACCESS_WRITE, order, HERE());                                  \
        type old = __atomic_exchange_n(at, value, __ATOMIC_SEQ_CST);                               \
        atomic_after(at, order);                                                                   \
        return old;                                                                                \
    }                                                                                              \
    ATOMIC_UPDATE(bits, type, add)                                                                 \
    ATOMIC_UPDATE(bits, type, sub)                                                                 \
    ATOMIC_UPDATE(bits, type, and)                                                                 \
    ATOMIC_UPDATE(bits, type, or)                                                                  \
    ATOMIC_UPDATE(bits, type, xor)                                                                 \
    ATOMIC_UPDATE(bits, type, nand)                                                                \
    ATOMIC_EXCHANGE(bits, type, strong)                                                            \
    ATOMIC_EXCHANGE(bits, type, weak)

ATOMIC(8, uint8_t)
ATOMIC(16, uint16_t)
ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)

EXPORT void __tsan_atomic_thread_fence(int order)
{
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    if (order >= __ATOMIC_RELEASE)
        LOCKED({
            fenced = 1;
            fenced_before = self->clock;
            tick();
        });
    if (order == __ATOMIC_RELEASE || order == __ATOMIC_RELAXED)
        return;
    unsigned count = loaded_count < LOADED ? loaded_count : LOADED;
    loaded_count = 0;
    LOCKED({
        join(&self->clock, &loaded_told);
        for (unsigned i = 0; i < count; i++)
            acquire(sync_at(SYNC_ATOMIC, loaded[i][0], loaded[i][1]));
    });
}

EXPORT void __tsan_atomic_signal_fence(int order)
{
    (void)order;
}
