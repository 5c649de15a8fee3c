"""What a process waits for in futex(2), told by the memory at the word that it waits for.

The kernel knows of an address only. How glibc lays out mutexes, semaphores and condition variables is in nptl/ of
its sources (struct __pthread_mutex_s, struct new_sem, struct __pthread_cond_s).
"""

from __future__ import annotations

from driver import procfs

PRIVATE = 0x80  # FUTEX_PRIVATE_FLAG
_PI = {6, 11, 13}
WAIT, WAIT_BITSET = 0, 9
_OWNER = 0x3FFFFFFF
_WAITERS = 0x80000000


def mutex_owner(operation: int, expected: int, words: tuple[int, ...]) -> int | None:
    """Tid of who holds the mutex that a futex call waits for (0: unknown); None if it is no mutex."""
    if operation in _PI or (operation == WAIT and expected & _WAITERS):
        return words[0] & _OWNER
    # A plain mutex: {lock, count, owner, users}; lock is 2 while somebody waits for it.
    if operation == WAIT and expected == 2 and words[0] == 2:
        return words[2]
    return None


def is_semaphore(words: tuple[int, ...]) -> bool:
    """A sem_t whose value is 0: {value, number of waiters, FUTEX_PRIVATE_FLAG or 0}."""
    return words[0] == 0 and 0 < words[1] < 1 << 16 and words[2] in (0, PRIVATE)


# Where a pthread_cond_t keeps the number of its waiters, times 8, and the two words that they wait for:
# (offset of the word waited for, offset of the number), up to glibc 2.40 and since.
_CONDITIONS = ((40, 36), (44, 36), (32, 28), (36, 28))
_DESTROYED = 4  # in that number: somebody waits in pthread_cond_destroy()


def is_condition(pid: int, address: int) -> bool:
    """Does the word waited for lie in a pthread_cond_t that counts a waiter?"""
    return any(8 <= _waiters(pid, address - offset, count) < 1 << 16 for offset, count in _CONDITIONS)


def still_waiting(pid: int, address: int, operation: int, expected: int) -> int:
    """Of how many waiters pthread_cond_destroy() waits for the end; 0 if that is not what a futex call waits for."""
    if operation != WAIT or not expected & _DESTROYED or not 8 <= expected < 1 << 16:
        return 0
    counts = {count for _, count in _CONDITIONS}
    return expected >> 3 if any(_waiters(pid, address - count, count) == expected for count in counts) else 0


def _waiters(pid: int, start: int, count: int) -> int:
    """The number of waiters, times 8, that a pthread_cond_t keeps at an offset; -1 if none can be there."""
    room = procfs.memory(pid, start, 40)
    if room is None or not 0 < int.from_bytes(room[:8], "little") >> 1 < 1 << 32:
        return -1
    return int.from_bytes(room[count : count + 4], "little")
