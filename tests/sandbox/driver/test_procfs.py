"""What is read from /proc is what is there, and what has gone gives None."""

from __future__ import annotations

import ctypes
import os
import select
import signal
import subprocess
import threading
from collections.abc import Iterator

import pytest

from driver import calls, procfs
from driver.procfs import Syscall

GONE = 2**22 + 1  # above the largest pid that Linux gives
HIGH = 0x7FFF00000000  # where the stack of a 64-bit program lies


@pytest.fixture
def cat() -> Iterator[subprocess.Popen[bytes]]:
    """A process that is blocked in read() of its standard input, and ends when that is closed."""
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        while not any(call.name == "read" and call.descriptor == 0 for call in calls.blocked(process.pid)):
            select.select([], [], [], 0.001)
        yield process


def test_this_process_is_listed_with_its_threads() -> None:
    assert os.getpid() in procfs.pids()
    assert procfs.tids(os.getpid())[0] == os.getpid()
    assert threading.get_native_id() in procfs.tids(os.getpid())


@pytest.mark.parametrize("place", [procfs._PROCESSES, 0, 1 << 30])
def test_all_processes_are_listed_wherever_the_list_begins(place: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(procfs, "_PROCESSES", place)
    before = set(map(int, filter(str.isdecimal, os.listdir("/proc"))))
    found = procfs.pids()
    after = set(map(int, filter(str.isdecimal, os.listdir("/proc"))))
    assert before & after <= set(found)
    assert found == sorted(found)


def test_stat_of_a_child(cat: subprocess.Popen[bytes]) -> None:
    found = procfs.stat(cat.pid)
    assert found is not None
    assert (found.pid, found.comm, found.state, found.ppid) == (cat.pid, "cat", "S", os.getpid())
    assert (found.pgrp, found.session, found.threads) == (os.getpgrp(), os.getsid(0), 1)
    assert found.living
    assert found.rss > 0
    assert found.starttime > 0


def test_the_name_of_a_program_may_look_like_a_stat_file() -> None:
    fields = " ".join(["7"] * 50)
    found = procfs.parse_stat(f"12 (a) R (b) S {fields}".encode())
    assert found is not None
    assert (found.pid, found.comm, found.state) == (12, "a) R (b", "S")


def test_a_zombie_is_not_living(cat: subprocess.Popen[bytes]) -> None:
    cat.kill()
    os.waitid(os.P_PID, cat.pid, os.WEXITED | os.WNOWAIT)
    found = procfs.stat(cat.pid)
    assert found is not None
    assert found.state == "Z"
    assert not found.living
    assert procfs.cmdline(cat.pid) == ()
    assert cat.pid in procfs.children(os.getpid())


def test_seconds_of_the_processor_are_counted() -> None:
    before = procfs.stat(os.getpid())
    assert before is not None
    while (now := procfs.stat(os.getpid())) is not None and now.cpu <= before.cpu:
        pass
    assert now is not None


def test_signal_sets() -> None:
    pid = os.getpid()
    number = signal.SIGUSR2
    before = signal.pthread_sigmask(signal.SIG_BLOCK, [number])
    handler = signal.signal(number, lambda *_: None)
    try:
        signal.pthread_kill(threading.get_ident(), number)
        found = procfs.status(pid)
        assert found is not None
        mask = 1 << (number - 1)
        assert found.blocked & found.caught & found.pending & mask
        assert not found.ignored & mask
        assert not found.deliverable & mask
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(number, handler)


def test_context_switches_do_not_grow_while_a_process_is_blocked(cat: subprocess.Popen[bytes]) -> None:
    first, second = procfs.status(cat.pid), procfs.status(cat.pid)
    assert first is not None
    assert first.voluntary > 0
    assert first == second


def test_the_call_in_which_a_process_is_blocked(cat: subprocess.Popen[bytes]) -> None:
    found = procfs.syscall(cat.pid)
    assert found is not None
    assert len(found.args) == 6
    assert calls.decode(found).name == "read"
    assert "read" in procfs.wchan(cat.pid) or procfs.wchan(cat.pid) == ""


def test_who_runs_is_in_no_call() -> None:
    assert procfs.parse_syscall(b"running\n") is None
    assert procfs.parse_syscall(b"-1 0x7ffc 0x7f00\n") == Syscall(-1, (), 0x7FFC)


def test_descriptors(cat: subprocess.Popen[bytes]) -> None:
    assert cat.stdin is not None
    assert set(procfs.fds(cat.pid)) == {0, 1, 2}
    link = procfs.fd_link(cat.pid, 0)
    assert link == os.readlink(f"/proc/self/fd/{cat.stdin.fileno()}")
    assert dict(procfs.fd_links(cat.pid))[0] == link
    assert procfs.fd_flags(cat.pid, 0) == os.O_RDONLY | getattr(os, "O_LARGEFILE", 0)
    assert procfs.fd_flags(cat.pid, 99) is None


def test_program_and_arguments(cat: subprocess.Popen[bytes]) -> None:
    assert os.path.basename(procfs.exe(cat.pid) or "") in ("cat", "coreutils", "busybox")
    assert procfs.cmdline(cat.pid) == ("cat",)
    assert procfs.cwd(cat.pid) == os.getcwd()
    assert procfs.children(cat.pid) == []
    assert procfs.children(os.getpid()) == [cat.pid]


def test_memory() -> None:
    room = ctypes.create_string_buffer(b"hello", 16)
    pid, address = os.getpid(), ctypes.addressof(room)
    assert procfs.memory(pid, address, 5) == b"hello"
    assert procfs.text_at(pid, address) == "hello"
    assert procfs.word_at(pid, address) == int.from_bytes(b"hello\0\0\0", "little")
    assert procfs.memory(pid, 8, 4) is None
    assert procfs.text_at(pid, 2**63) is None
    found = procfs.mapping_at(pid, address)
    assert found is not None
    assert found.start <= address < found.end
    assert not found.shared


def test_a_process_without_timers_has_none(cat: subprocess.Popen[bytes]) -> None:
    assert procfs.timers(cat.pid) in ([], None)


def test_room_in_a_pipe() -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    assert procfs.writable(writing)
    try:
        while True:
            os.write(writing, bytes(65536))
    except BlockingIOError:
        pass
    assert not procfs.writable(writing)
    os.close(reading)
    assert procfs.writable(writing)  # to learn that the pipe is broken
    os.close(writing)


@pytest.mark.parametrize(
    "reader",
    [
        procfs.stat,
        procfs.status,
        procfs.syscall,
        procfs.exe,
        procfs.cwd,
        procfs.cmdline,
        procfs.timers,
    ],
)
def test_who_has_gone_gives_none(reader: object) -> None:
    assert callable(reader)
    assert reader(GONE) is None


def test_who_has_gone_has_nothing() -> None:
    assert procfs.tids(GONE) == procfs.children(GONE) == procfs.fds(GONE) == []
    assert procfs.maps(GONE) == []
    assert procfs.fd_link(GONE, 0) is None
    assert procfs.fd_info(GONE, 0) is None
    assert procfs.memory(GONE, 4096, 1) is None
    assert procfs.wchan(GONE) == ""
    assert calls.blocked(GONE) == []


# --- the same numbers mean the same on every machine of a kind ---------------------------------------


@pytest.mark.skipif(calls.MACHINE != "x86_64", reason="numbers of x86_64")
@pytest.mark.parametrize(
    ("number", "args", "family", "timed"),
    [
        (7, (HIGH, 1, 0xFFFFFFFF), "poll", False),
        (7, (HIGH, 1, 0), "poll", True),
        (7, (HIGH, 1, 250), "poll", True),
        (23, (4, HIGH, 0, 0, 0), "poll", False),
        (23, (4, HIGH, 0, 0, HIGH), "poll", True),
        (232, (4, HIGH, 8, 0xFFFFFFFFFFFFFFFF), "poll", False),
        (232, (4, HIGH, 8, 10), "poll", True),
        (271, (HIGH, 1, HIGH), "poll", True),
        (220, (1, HIGH, 1, 0), "semop", False),
        (220, (1, HIGH, 1, HIGH), "semop", True),
        (202, (HIGH, 0x80, 2, 0), "sem-wait", False),
        (202, (HIGH, 0x189, 0, HIGH), "sem-wait", True),
        (202, (HIGH, 0x81, 1, 0), "", False),  # FUTEX_WAKE
        (72, (3, 7, HIGH), "lock", False),
        (72, (3, 38, HIGH), "lock", False),
        (72, (3, 6, HIGH), "", False),  # F_SETLK does not wait
        (73, (3, 2), "lock", False),
        (56, (0x4111, HIGH), "vfork", False),
        (56, (0x11, 0), "", False),  # fork
        (128, (HIGH, 0, 0), "signal", False),
        (128, (HIGH, 0, HIGH), "signal", True),
        (242, (3, HIGH, 8, 1, HIGH), "mq-send", True),
        (35, (HIGH, HIGH), "sleep", True),
        (230, (0, 0, HIGH, HIGH), "sleep", True),
        (219, (), "sleep", True),
        (99999, (), "", False),
    ],
)
def test_decoding(number: int, args: tuple[int, ...], family: str, timed: bool) -> None:
    padded = (*args, 0, 0, 0, 0, 0, 0)[:6]
    call = calls.decode(Syscall(number, padded, HIGH))
    assert (call.family, call.timed) == (family, timed)


@pytest.mark.skipif(calls.MACHINE != "x86_64", reason="numbers of x86_64")
def test_nothing_is_known_of_the_calls_of_a_32_bit_program() -> None:
    assert calls.decode(Syscall(7, (0, 0, 0xFFFFFFFF, 0, 0, 0), 0xFFFFD000)).family == ""


def test_a_poll_of_nothing_is_a_pause() -> None:
    number = 73 if calls.MACHINE == "aarch64" else 271
    assert calls.decode(Syscall(number, (0, 0, 0, 0, 8, 0), HIGH)).families == {"poll", "signal"}
