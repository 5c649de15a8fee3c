"""May alarm() or setitimer() be pending in a process? Judged by what its executable names.

The kernel shows interval timers nowhere (/proc/PID/timers lists only those of timer_create(2)), so
stuck.Watch asks here: a process whose code cannot set one has none. driver.stuck tells what follows.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Callable, Iterable, Iterator

from driver import calls, procfs
from driver.calls import Call

_SETS_ALARM = {"alarm", "ualarm", "setitimer"}
_EXECUTES = {"execve", "execv", "execvp", "execvpe", "execl", "execlp", "execle", "fexecve", "execveat"}
_BY_NUMBER = "syscall"
# With which a program can reach into processes that wait for others: see driver.partial.
_SIGNALS = {"kill", "killpg", "tgkill", "pthread_kill", "sigqueue", "pthread_sigqueue", "pidfd_send_signal"}
_RUNS = {"system", "popen", "posix_spawn", "posix_spawnp"}
_HANDS_OVER = {"mq_notify", "recvmsg", "recvmmsg", "prctl", "dlopen", "dlsym", "unshare", "clone", "ptrace"}
REACHES = frozenset(_SIGNALS | _EXECUTES | _RUNS | _HANDS_OVER | {_BY_NUMBER})
_INTERESTING = _SETS_ALARM | REACHES | {"timer_settime"}
# Libraries whose own use of timers is known: none, but for what the program asks them to do.
_RUNTIMES = (
    *("libc.", "libc-", "libm.", "libm-", "libmvec", "libpthread", "librt.", "librt-", "libdl", "ld-", "ld."),
    *("libasan", "libubsan", "libtsan", "liblsan", "libgcc_s", "libstdc++", "libatomic", "libgomp", "libgrader"),
)
# Shells set one only in a builtin that reads, and none is pending when they run a program.
_SHELLS = ("bash",)
# `mov $37,%edi` and `mov $38,%edi` (alarm, setitimer); `mov w0,#103` and `mov x0,#103` (setitimer)
_BY_NUMBER_CODE = {
    "x86_64": (b"\xbf\x25\0\0\0", b"\xbf\x26\0\0\0"),
    "aarch64": (b"\xe0\x0c\x80\x52", b"\xe0\x0c\x80\xd2"),
}


class Alarms:
    """Which processes may have an alarm pending, judged by what their executables name."""

    def __init__(self, programs: Iterable[str], ask: Callable[[int], bool | None] | None) -> None:
        self._programs = tuple(programs)
        self._ask = ask
        self._images: dict[int, bytes] = {}  # what each pid was called when its image was last noted
        self._hands_on = False  # an image was seen that could set an alarm and then exec another

    def note(self, pid: int, comm: bytes) -> None:
        """Remember the image of a process; called at each look, so it acts only if the name is new."""
        if self._images.get(pid) == comm:
            return
        self._images[pid] = comm
        if self._ask is not None and self._ask(pid) is not None:
            return
        self._hands_on = self._hands_on or _hands_on(f"/proc/{pid}/exe")

    def possible(self, pid: int, tid: int, call: Call) -> bool:
        """May alarm() or setitimer() be pending in this process?"""
        known = self._ask(pid) if self._ask is not None else None
        if known is not None:
            return known
        if self._programs:
            self._hands_on = self._hands_on or any(map(_hands_on, self._programs))
            self._programs = ()
        executable = procfs.exe(tid) or ""
        # A program may name itself anew, or run under the old name: look at the image itself too.
        self._hands_on = self._hands_on or _hands_on(f"/proc/{tid}/exe")
        if self._hands_on:
            return True
        if os.path.basename(executable) in _SHELLS and call.family == "wait":
            return False
        return _sets_alarm(f"/proc/{tid}/exe") or any(
            _sets_alarm(path, library=True) for path in _libraries(tid, executable)
        )


def _libraries(pid: int, executable: str) -> set[str]:
    """The mapped code that is neither the executable nor a known runtime, as paths that can be opened."""
    lines = (procfs.read_all(f"/proc/{pid}/maps") or b"").split(b"\n")
    # "start-end r-xp offset device inode   path"; a process has some thirty lines, few of them code.
    code = {line.split(None, 5)[5] for line in lines if b" r-xp " in line and b" /" in line}
    paths = {path.decode("utf-8", "surrogateescape") for path in code}
    return {
        f"/proc/{pid}/root{path}"
        for path in paths
        if path != executable and not os.path.basename(path).startswith(_RUNTIMES)
    }


def foreign_libraries(pid: int) -> bool:
    """Does a process map code of which nothing is known besides its executable?"""
    return bool(_libraries(pid, procfs.exe(pid) or ""))


def _sets_alarm(path: str, *, library: bool = False) -> bool:
    names = names_in(path, library=library)
    return names is None or bool(names & _SETS_ALARM)


def _hands_on(path: str) -> bool:
    """Could this executable set an alarm and then become another program? Unreadable ones: no (see above)."""
    if os.path.basename(procfs.link(path) or "") in _SHELLS:  # None: a path of `programs`
        return False
    names = names_in(path)
    return names is not None and bool(names & _SETS_ALARM) and bool(names & _EXECUTES)


# --- the names that an executable uses ---------------------------------------------------------

_SHT_SYMTAB, _SHT_DYNSYM = 2, 11
_PT_INTERP = 3
_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_PROGRAM = struct.Struct("<IIQQQQQQ")
_SHF_EXECINSTR = 0x4
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<I20x")  # only where its name is
_LARGEST = 8 << 20  # of a file; what is larger cannot be told
_LARGEST_TABLE = 2 << 20
_MOST_FILES = 500  # a case that runs more different programs than this does it to keep us busy
_seen: dict[tuple[bool, int, int, int, int], frozenset[str] | None] = {}


def names_in(path: str, *, library: bool = False) -> frozenset[str] | None:
    """Which of the interesting functions an executable or library names; None if it cannot be told.

    Of a dynamically linked one these are its dynamic symbols, needed or offered; of a static one all.
    """
    try:
        descriptor = procfs.open_file(path, os.O_RDONLY | os.O_NONBLOCK)
    except OSError:
        return None
    try:
        found = os.fstat(descriptor)
        key = (library, found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size)
        if key not in _seen:
            if len(_seen) >= _MOST_FILES:
                return None
            _seen[key] = _parse(descriptor, found, library=library)
        return _seen[key]
    finally:
        os.close(descriptor)


def _parse(descriptor: int, found: os.stat_result, *, library: bool) -> frozenset[str] | None:
    if not stat.S_ISREG(found.st_mode) or not _HEADER.size <= found.st_size <= _LARGEST:
        return None
    # Read, not mapped: who shortens a file that is mapped kills the reader with SIGBUS (mmap(2)).
    image = bytearray()
    try:
        while len(image) <= _LARGEST and (part := os.read(descriptor, 1 << 20)):
            image += part
        return _elf_names(bytes(image), library=library) if len(image) <= _LARGEST else None
    except (OSError, ValueError, struct.error):
        return None


def _elf_names(image: bytes, *, library: bool) -> frozenset[str] | None:
    header = _HEADER.unpack_from(image)
    if not header[0].startswith(b"\x7fELF\x02\x01"):
        return None
    program_offset, section_offset = header[5], header[6]
    program_size, programs, section_size, sections = header[9:13]
    kinds = {_PROGRAM.unpack_from(image, program_offset + at * program_size)[0] for at in range(programs)}
    table = _SHT_DYNSYM if library or _PT_INTERP in kinds else _SHT_SYMTAB
    rows = [_SECTION.unpack_from(image, section_offset + at * section_size) for at in range(sections)]
    for row in rows:
        if row[1] == table and row[6] < len(rows) and row[5] <= _LARGEST_TABLE:
            names = _symbols(image, row, rows[row[6]])
            code = (image[one[4] : one[4] + one[5]] for one in rows if one[2] & _SHF_EXECINSTR)
            return _with_numbers(code, names)
    return None


def _symbols(image: bytes, table: tuple[int, ...], strings: tuple[int, ...]) -> frozenset[str]:
    text = image[strings[4] : strings[4] + strings[5]]
    symbols = image[table[4] : table[4] + table[5] // _SYMBOL.size * _SYMBOL.size]
    used = {start for (start,) in _SYMBOL.iter_unpack(symbols)}
    return frozenset(name for name in _INTERESTING if any(at in used for at in _positions(text, name)))


def _positions(text: bytes, name: str) -> Iterator[int]:
    """Where a name lies in a string table; the linker lets one string be the end of another."""
    wanted = name.encode() + b"\0"
    at = text.find(wanted)
    while at >= 0:
        yield at
        at = text.find(wanted, at + 1)


def _with_numbers(code: Iterable[bytes], names: frozenset[str]) -> frozenset[str]:
    """Add "alarm" where syscall() is used and one of its numbers is put where syscall() takes it.

    code: the sections that have instructions; in tables and debug information the same bytes mean nothing.
    """
    numbers = _BY_NUMBER_CODE.get(calls.MACHINE, ())
    if _BY_NUMBER in names and any(number in section for section in code for number in numbers):
        return names | {"alarm"}
    return names
