"""Stuck is said of programs that are, and never of programs that are not.

No test waits for a time to pass before it believes a verdict: the watch looks until it has one.
The programs are in tests/sandbox/cases/stuck: dead_* never end, live_* end by themselves.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from driver import calls, graph, ipc, procfs, scene
from driver.stuck import Quiet, Watch
from grader import wire

CASES = Path(__file__).parents[1] / "cases" / "stuck"
DEAD = sorted(path.stem for path in CASES.glob("dead_*.c"))
LIVE = sorted(path.stem for path in CASES.glob("live_*.c"))
NOBODY = 65534
PR_SET_CHILD_SUBREAPER = 36


@pytest.fixture(scope="session")
def built() -> Iterator[Path]:
    """Where programs are compiled when first needed; others may read it."""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield Path(directory)


@pytest.fixture(autouse=True)
def subreaper() -> Iterator[None]:
    """Orphans become children of the test, as they become the driver's."""
    libc = ctypes.CDLL(None)
    libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    yield
    libc.prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def executable(built: Path, name: str) -> Path:
    made = built / name
    if not made.exists():
        source = CASES / f"{name}.c"
        flags = ["-std=gnu17", "-D_GNU_SOURCE", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-pthread"]
        subprocess.run(["gcc", *flags, "-o", made, source, "-lrt"], check=True)
    return made


def family(doubtful: bool = True) -> list[int]:
    """All descendants of this process.

    Who has lost its parent in just this moment may be one, or may belong to whatever else this machine does:
    it is in doubt. The watch must have it (for one look more it says RUNNING, if it was for nothing); in the
    sandbox all processes belong to the case.
    """
    me = os.getpid()
    listed = [pid for pid in procfs.pids() if pid != me]
    lost = me if doubtful else 0
    parents = {pid: found.ppid if (found := procfs.stat(pid)) else lost for pid in listed}

    def ours(pid: int) -> bool:
        while pid in parents:
            pid = parents[pid]
        return pid == me

    return [pid for pid in listed if ours(pid)]


def descendants() -> list[int]:
    """Who is one without doubt."""
    return family(doubtful=False)


def has_no_pipe(pid: int) -> bool:
    """Has a process nothing open but its standard streams?"""
    return max(procfs.fds(pid), default=3) < 3


class Case:
    """One program at work, in a directory of its own; ended and cleaned up on leaving."""

    def __init__(self, program: Path, *, uid: int | None = None, stdin: int = subprocess.PIPE) -> None:
        self._directory = tempfile.TemporaryDirectory()
        os.chmod(self._directory.name, 0o777)
        self.process = subprocess.Popen(
            [program], stdin=stdin, stdout=subprocess.PIPE, cwd=self._directory.name, user=uid, start_new_session=True
        )
        self.pid = self.process.pid
        self.name = program.name
        self.watch = Watch(family, programs=[str(program)])

    def reap(self) -> None:
        self.process.poll()
        for pid in procfs.children(os.getpid()):
            if pid != self.pid:
                os.waitpid(pid, os.WNOHANG)

    def looks(self) -> Iterator[Quiet]:
        """What each look says, up to and with the first DEAD or EMPTY."""
        while True:
            self.reap()
            verdict = self.watch.look()
            yield verdict
            if verdict in (Quiet.DEAD, Quiet.EMPTY):
                return
            select.select([], [], [], 0.001)

    def outcome(self) -> Quiet:
        return list(self.looks())[-1]

    def graph(self) -> wire.WaitGraph:
        return graph.wait_graph(descendants(), {self.pid: "main"}, {})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        while family():
            for pid in descendants():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.reap()
        output, _ = self.process.communicate()
        for line in output.decode().splitlines():
            kind, number = line.split()
            with contextlib.suppress(OSError):
                {"sem": ipc.remove_sem, "msg": ipc.remove_msg}[kind](int(number))
        self._directory.cleanup()


USERS = [
    pytest.param(None, id="as-self"),
    pytest.param(NOBODY, id="as-nobody", marks=pytest.mark.skipif(os.geteuid() != 0, reason="needs root")),
]


@pytest.mark.parametrize("uid", USERS)
@pytest.mark.parametrize("name", DEAD)
def test_a_dead_program_is_found_dead(built: Path, name: str, uid: int | None) -> None:
    with Case(executable(built, name), uid=uid) as case:
        assert case.outcome() is Quiet.DEAD
        assert case.outcome() is Quiet.DEAD  # and stays so
        assert all(waiter.dead for waiter in case.graph().waiters)


@pytest.mark.parametrize("uid", USERS)
@pytest.mark.parametrize("name", LIVE)
def test_a_live_program_is_never_found_dead(built: Path, name: str, uid: int | None) -> None:
    with Case(executable(built, name), uid=uid) as case:
        assert case.outcome() is Quiet.EMPTY


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time limits of the programs do not end before they have been looked at, however busy the machine is."""
    monkeypatch.setenv("CASE_SLOWLY", "1")


@pytest.mark.usefixtures("slowly")
def test_a_time_out_is_seen_as_such(built: Path) -> None:
    with Case(executable(built, "live_poll")) as case:
        assert Quiet.TIMED in case.looks()


def test_after_a_reset_one_look_proves_nothing(built: Path) -> None:
    with Case(executable(built, "dead_pause")) as case:
        assert case.outcome() is Quiet.DEAD
        case.watch.reset()
        assert case.watch.look() is Quiet.RUNNING
        assert case.outcome() is Quiet.DEAD


def test_no_process_is_empty() -> None:
    assert Watch(list).look() is Quiet.EMPTY


def test_a_process_that_cannot_be_read_counts_as_running() -> None:
    watch = Watch(lambda: [2**22 + 1])
    assert [watch.look() for _ in range(3)] == [Quiet.RUNNING] * 3


def test_who_reads_is_dead_until_something_is_written(built: Path) -> None:
    with Case(executable(built, "until_line")) as case:
        assert case.outcome() is Quiet.DEAD
        assert case.process.stdin is not None
        case.process.stdin.write(b"line\n")
        case.process.stdin.flush()
        case.watch.reset()
        assert case.outcome() is Quiet.EMPTY


@pytest.mark.parametrize("_", range(20))
def test_what_was_typed_on_a_terminal_arrives_before_stuck_is_said(built: Path, _: int) -> None:
    mine, theirs = pty.openpty()
    try:
        with Case(executable(built, "until_line"), stdin=theirs) as case:
            assert case.outcome() is Quiet.DEAD
            os.write(mine, b"line\n")
            case.watch.reset()
            assert case.outcome() is Quiet.EMPTY
    finally:
        os.close(mine)
        os.close(theirs)


def test_a_terminal_with_a_time_out_is_not_dead(built: Path) -> None:
    mine, theirs = pty.openpty()
    try:
        with Case(executable(built, "terminal_timeout"), stdin=theirs) as case:
            assert case.outcome() is Quiet.EMPTY
    finally:
        os.close(mine)
        os.close(theirs)


@pytest.mark.usefixtures("slowly")
def test_the_word_of_an_alarm_record_is_taken(built: Path) -> None:
    with Case(executable(built, "live_alarm_then_exec")) as case:
        watch = Watch(family, alarm=lambda _: False)
        while watch.look() is not Quiet.DEAD:
            select.select([], [], [], 0.001)
        assert case.watch.look() is not Quiet.DEAD


def test_beside_a_busy_process_the_graph_marks_only_the_dead(built: Path) -> None:
    with Case(executable(built, "beside_busy")) as case:
        # Until it has closed its ends of the pipe the busy one could wake the others.
        while sum(bool(calls.blocked(pid)) for pid in descendants()) < 2 or not any(map(has_no_pipe, descendants())):
            assert case.watch.look() is Quiet.RUNNING
        found = {waiter.name: waiter for waiter in case.graph().waiters}
        assert [found[name].dead for name in ("main", "child 1 of main", "child 2 of main")] == [True, False, True]
        assert found["child 1 of main"].words == "runs"


# --- words -----------------------------------------------------------------------------------

WORDS = {
    "dead_semaphores_crossed": ("child 1 of main", "last changed by child 2 of main"),
    "dead_own_write_end": (
        "main",
        "a pipe (descriptor 3) whose only write end is open in itself (descriptor 4): it keeps itself from seeing",
    ),
    "dead_pipe_full": ("main", "which is full and whose only read end is open in itself (descriptor 3)"),
    "dead_childrens_write_end": ("main", "whose write end is open in child 1 of main (descriptor 4)"),
    "dead_mutex_owner_died": ("main", "never unlocked before it ended"),
    "dead_mutex_copied": ("child 1 of main", "a copy of one that was locked when fork() copied it"),
    "dead_mutex_twice": ("main", "for a mutex in its own memory, which it has locked itself"),
    "dead_mutexes_crossed": ("thread 2 of main", "which main has locked"),
    "dead_wait_for_paused_child": ("main", "waits in waitpid() for child 1 of main to exit"),
    "dead_fifos_crossed": ("main", "waits in open() of a.fifo for a process that opens it for writing"),
    "dead_fifo_without_reader": ("main", "waits in open() of jobs.fifo for a process that opens it for reading"),
    "dead_flock_crossed": ("child 1 of main", "for an exclusive lock on a.dat"),
    "dead_fcntl_lock_kept": ("child 1 of main", "on bytes 10 to 14 of data.dat (descriptor 3), which main has locked"),
    "dead_msgrcv_other_type": ("main", "a message of type 7"),
    "dead_msgsnd_full": ("main", "from which nobody has received anything yet"),
    "dead_mq_receive": ("main", "which is empty"),
    "dead_sem_wait": ("main", "waits in sem_wait() for a semaphore in shared memory, whose value is 0"),
    "dead_named_sem_wait": ("main", "waits in sem_wait() for a named semaphore"),
    "dead_pause": ("main", "waits in pause() for a signal; it has a handler for SIGUSR1"),
    "dead_children_ended": (
        "main",
        "in sigwait() for SIGCHLD; child 1 of main and child 2 of main have ended before, and nobody waited for them",
    ),
    "dead_no_child_left": ("main", "a handler for SIGCHLD; it has no child any more that could end"),
    "dead_signals_blocked": ("main", "it has no handler (SIGINT and SIGTERM, which it blocks, have come)"),
    "dead_numbers_in_a_table": ("main", "waits in pause() for a signal"),
    "dead_sigsuspend": ("main", "it has a handler for SIGUSR2"),
    "dead_socket_pair": ("main", "whose other end is open in child 1 of main"),
    "dead_accept": ("main", "waits in accept() for a connection to server.sock"),
    "dead_join": ("main", "waits in pthread_join() for thread 2 of main to end"),
    "dead_condition": ("main", "waits in pthread_cond_wait() for a condition variable in its own memory"),
    "dead_condition_signalled": ("thread", "waits in pthread_cond_wait() for a condition variable in its own memory"),
    "dead_poll": ("main", "waits in poll() for a pipe (descriptor 3), whose write end is open in itself"),
    "dead_select": ("main", "waits in select() for a pipe (descriptor 3)"),
    "dead_stopped": ("main", "is stopped by a signal"),
    "dead_poll_resumed": ("child 1 of main", "waits in poll() for a pipe"),
    "dead_vfork": ("main", "until child 1 of main runs a program or exits"),
    "dead_timer_blocked": ("main", "waits in poll() for a timerfd"),
    "dead_leader_left": ("thread 2 of main", "waits in pause()"),
    "dead_many": ("main", "child 1 of main, child 2 of main, child 3 of main or 97 others"),
    "dead_alarm_ignored": ("main", "it keeps itself from seeing end-of-file"),
}


def test_words_are_checked_for_every_dead_program() -> None:
    assert sorted(WORDS) == DEAD


@pytest.mark.parametrize("name", DEAD)
def test_the_graph_says_in_words_what_each_waits_for(built: Path, name: str) -> None:
    with Case(executable(built, name)) as case:
        assert case.outcome() is Quiet.DEAD
        who, words = WORDS[name]
        found = {waiter.name: waiter.words for waiter in case.graph().waiters}
        assert any(words in told for name, told in found.items() if name.startswith(who)), found


@pytest.mark.parametrize(
    ("name", "cycle"),
    [
        ("dead_semaphores_crossed", {"child 1 of main", "child 2 of main"}),
        ("dead_childrens_write_end", {"main", "child 1 of main"}),
        ("dead_flock_crossed", {"main", "child 1 of main"}),
        ("dead_fcntl_lock_kept", {"main", "child 1 of main"}),
        ("dead_socket_pair", {"main", "child 1 of main"}),
        ("dead_mutexes_crossed", {"main", "thread 2 of main"}),
        ("dead_own_write_end", {"main"}),
        ("dead_pause", set()),
    ],
)
def test_a_circle_of_waiting_is_found(built: Path, name: str, cycle: set[str]) -> None:
    with Case(executable(built, name)) as case:
        assert case.outcome() is Quiet.DEAD
        assert set(case.graph().cycle) == cycle


_COMES_AND_GOES = """
import fcntl, sys
with open(sys.argv[1], "w") as file:
    while True:
        for at in range(400):
            fcntl.lockf(file, fcntl.LOCK_EX, 1, 2 * at)
            if at == 10:
                print(flush=True)
        fcntl.lockf(file, fcntl.LOCK_UN)
"""


def test_a_circle_of_locks_is_found_while_others_come_and_go(built: Path, tmp_path: Path) -> None:
    with Case(executable(built, "dead_flock_crossed")) as case:
        assert case.outcome() is Quiet.DEAD
        mine = descendants()
        command = [sys.executable, "-c", _COMES_AND_GOES, str(tmp_path / "file")]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as other:
            assert other.stdout is not None
            try:
                other.stdout.readline()
                found = [graph.wait_graph(mine, {case.pid: "main"}, {}).cycle for _ in range(3)]
            finally:
                other.kill()
        assert [set(cycle) for cycle in found] == [{"main", "child 1 of main"}] * 3


def test_what_the_scenario_holds_is_told_in_its_words(built: Path) -> None:
    with Case(executable(built, "until_line")) as case:
        assert case.outcome() is Quiet.DEAD
        assert case.process.stdin is not None
        link = os.readlink(f"/proc/self/fd/{case.process.stdin.fileno()}")
        held = {link: "standard input of main, which the scenario holds open"}
        waiter = graph.wait_graph(descendants(), {case.pid: "main"}, held).waiters[0]
        assert waiter.words == "waits in read() of standard input of main, which the scenario holds open"


def test_a_running_process_is_said_to_run(built: Path) -> None:
    with Case(executable(built, "beside_busy")) as case:
        waiter, *_threads = graph.wait_graph([os.getpid()], {os.getpid(): "me"}, {}).waiters  # xdist has threads
        assert (waiter.name, waiter.call, waiter.dead) == ("me", "", False)
        assert case.pid != os.getpid()


def test_children_are_named_by_their_order_of_birth(built: Path) -> None:
    with Case(executable(built, "dead_semaphores_crossed")) as case:
        assert case.outcome() is Quiet.DEAD
        names = scene.name_all(descendants(), {case.pid: "main"})
        assert [names[pid] for pid in sorted(names)] == ["main", "child 1 of main", "child 2 of main"]


# --- the call, as the `blocked` step names it ----------------------------------------------------

FAMILIES = {
    "dead_own_write_end": {"read"},
    "dead_pipe_full": {"write"},
    "dead_wait_for_paused_child": {"wait"},
    "dead_fifo_without_reader": {"open"},
    "dead_fcntl_lock_kept": {"wait"},
    "dead_msgrcv_other_type": {"msgrcv"},
    "dead_msgsnd_full": {"msgsnd"},
    "dead_mq_receive": {"mq-receive"},
    "dead_sem_wait": {"sem-wait"},
    "dead_pause": {"signal"},
    "dead_sigsuspend": {"signal"},
    "dead_socket_pair": {"read", "recv"},
    "dead_accept": {"accept"},
    "dead_poll": {"poll"},
    "dead_select": {"poll"},
    "live_sigtimedwait": {"signal"},
    "live_signalfd": {"read", "signal"},
    "live_semtimedop": {"semop"},
}


@pytest.mark.usefixtures("slowly")
@pytest.mark.parametrize("name", FAMILIES)
def test_a_blocked_call_is_of_its_families(built: Path, name: str) -> None:
    with Case(executable(built, name)) as case:
        for verdict in case.looks():
            if verdict in (Quiet.TIMED, Quiet.DEAD):
                break
        (call,) = calls.blocked(case.pid)
        assert call.families == FAMILIES[name]


def test_a_blocked_open_tells_its_path(built: Path) -> None:
    with Case(executable(built, "dead_fifo_without_reader")) as case:
        assert case.outcome() is Quiet.DEAD
        (call,) = calls.blocked(case.pid)
        assert (call.path, calls.open_mode(case.pid, call)) == ("jobs.fifo", os.O_WRONLY)


def test_a_blocked_read_tells_its_descriptor_and_what_it_is_open_on(built: Path) -> None:
    with Case(executable(built, "until_line")) as case:
        assert case.outcome() is Quiet.DEAD
        (call,) = calls.blocked(case.pid)
        assert call.descriptor == 0
        assert call.target == procfs.fd_link(case.pid, 0)
