"""driver/census.py: by hand, and with every program of tests/sandbox/cases/lea*."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import socket
import struct
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from driver import ipc, procfs
from driver.census import Census, descriptors, has_executed, open_files, unix_sockets
from driver.locks import locks
from grader.wire import Kind, Leftover
from tests.sandbox.driver.namespaces import HOME, in_namespaces, need_other_uids, workspace

_F_OFD_SETLK = 37  # fcntl(2); Python names it from 3.14 on

CASES = Path(__file__).parents[1] / "cases"
FOLDERS = sorted(folder.name for folder in CASES.glob("lea*"))


def _name(pid: int) -> str:
    return "driver" if pid == os.getpid() else f"pid {pid}"


def _census() -> Census:
    made = Census(workspace())
    made.before()
    return made


def _await(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not done():
        assert time.monotonic() < end
        time.sleep(0.001)


def _blocked(pid: int, word: str) -> Callable[[], bool]:
    return lambda: word in procfs.wchan(pid)


# --- by hand -------------------------------------------------------------------------------------


@in_namespaces
def test_what_was_there_before_and_what_was_adopted_does_not_count() -> None:
    ipc.make_shm(1, 10)
    census = Census(workspace())
    os.mkfifo(f"{HOME}/old.fifo")
    ipc.make_posix_shm("/old", 1)
    census.before()
    census.adopt("sem", "", ipc.make_sem(2, [0]))
    census.adopt("msg", "q", ipc.make_msg(0))
    ipc.make_posix_shm("/new", 1)
    census.adopt("posix-shm", "/new")
    ipc.make_posix_sem("/new", 1)
    census.adopt("posix-sem", "/new")
    ipc.make_mqueue("/new")
    census.adopt("mqueue", "/new")
    os.mkfifo(f"{HOME}/jobs.fifo")
    census.adopt("fifo", "./jobs.fifo")
    assert census.after([], _name) == ()


@in_namespaces
def test_an_adopted_path_that_became_something_else_counts() -> None:
    census = _census()
    os.mkfifo(f"{HOME}/x")
    census.adopt("fifo", "x")
    os.unlink(f"{HOME}/x")
    os.mkdir(f"{HOME}/x")
    assert [left.kind for left in census.after([], _name)] == [Kind.DIRECTORY]


@in_namespaces
def test_sweep_removes_what_is_new_or_adopted_and_keeps_the_rest() -> None:
    kept = ipc.make_shm(1, 10)
    census = _census()
    ipc.make_shm(0, 10)
    ipc.make_sem(3, [0])
    census.adopt("sem", "", ipc.make_sem(2, [0]))
    ipc.make_msg(4)
    ipc.make_posix_shm("/a", 1)
    ipc.make_posix_sem("/a", 1)
    ipc.make_mqueue("/a")
    os.mkfifo(f"{HOME}/x")
    census.sweep()
    assert [found.id for found in ipc.shms()] == [kept]
    assert (ipc.sems(), ipc.msgs()) == ((), ())
    assert [os.listdir(path) for path in (HOME, "/dev/shm", "/dev/mqueue")] == [[], [], []]


@in_namespaces
def test_in_shared_tables_only_what_the_submission_made_counts() -> None:
    need_other_uids()
    os.chmod("/dev/shm", 0o777)
    place = workspace(shared=True)
    place.owner = 12345
    census = Census(place)
    census.before()
    theirs = ipc.make_shm(1, 1)
    ipc.make_posix_shm("/theirs", 1)
    os.seteuid(12345)
    ipc.make_shm(2, 1)
    ipc.make_posix_shm("/mine", 1)
    os.seteuid(0)
    assert [left.name for left in census.after([], _name)] == ["0x2", "/mine"]
    census.sweep()
    assert [found.id for found in ipc.shms()] == [theirs]
    assert os.listdir("/dev/shm") == ["theirs"]


@in_namespaces
def test_a_segment_that_was_removed_while_attached_does_not_count() -> None:
    census = _census()
    made = ipc.make_shm(0, 10)
    libc = ctypes.CDLL(None)
    libc.shmat.restype = ctypes.c_void_p
    libc.shmat(made, None, 0)
    (left,) = census.after([], _name)
    assert (left.owner, left.facts["attached"], left.facts["pid"]) == ("driver", "by 1 process", "1")
    ipc.remove_shm(made)
    assert len(ipc.shms()) == 1
    assert census.after([], _name) == ()


@in_namespaces
def test_what_is_put_into_dev_shm_by_hand_is_told_as_what_it_is() -> None:
    census = _census()
    os.symlink("/etc/passwd", "/dev/shm/link")
    os.mkfifo("/dev/shm/sem.fifo")
    os.mkdir("/dev/shm/directory")
    with open("/dev/shm/sem.short", "wb"):
        pass
    assert [(left.kind, left.name) for left in census.after([], _name)] == [
        (Kind.DIRECTORY, "/dev/shm/directory"),
        (Kind.SYMLINK, "/dev/shm/link"),
        (Kind.FIFO, "/dev/shm/sem.fifo"),
        (Kind.POSIX_SEM, "/short"),
    ]
    census.sweep()
    assert os.listdir("/dev/shm") == []


@in_namespaces
def test_names_of_abstract_sockets_may_hold_anything() -> None:
    census = _census()
    with socket.socket(socket.AF_UNIX) as first, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as second:
        first.bind("\0two\nlines: 1 2 3 4 5 6 7")
        second.bind(b"\0\xff\0 x")
        names = [left.name for left in census.after([], _name)]
        assert names == ["@\\xff@ x", "@two"]
    assert not unix_sockets()


@in_namespaces
def test_thousands_of_things_are_cut_with_their_number() -> None:
    census = _census()
    for number in range(1200):
        os.mkfifo(f"{HOME}/{number}")
    left = census.after([], _name)
    assert (len(left), left[-1].name) == (1001, "(200 more)")


@in_namespaces
def test_locks_of_every_kind_are_told_with_their_range() -> None:
    census = _census()
    read, write = os.pipe()
    null = os.open("/dev/null", os.O_RDONLY)  # of somebody else's, and inherited: not the program's doing
    fcntl.fcntl(null, _F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_RDLCK, os.SEEK_SET, 0, 0, 0))
    child = os.fork()
    if child == 0:
        file = os.open(f"{HOME}/a", os.O_RDWR | os.O_CREAT)
        fcntl.lockf(file, fcntl.LOCK_EX, 10, 5)
        flocked = os.open(f"{HOME}/b", os.O_RDWR | os.O_CREAT)
        fcntl.flock(flocked, fcntl.LOCK_SH)
        gone = os.open(f"{HOME}/c", os.O_RDWR | os.O_CREAT)
        os.unlink(f"{HOME}/c")
        fcntl.lockf(gone, fcntl.LOCK_EX)
        os.write(write, b"x")
        signal.pause()
    os.read(read, 1)
    left = [found for found in census.after([child], lambda _: "locker") if found.kind is Kind.LOCK]
    told = {(found.name, found.facts["type"], found.facts["range"], found.owner) for found in left}
    assert told == {
        ("a", "write record lock (fcntl)", "bytes 5 to 14", "locker"),
        ("b", "read flock lock", "the whole file", "locker"),
        (f"{HOME}/c (deleted)", "write record lock (fcntl)", "the whole file", "locker"),
    }, (told, locks(lambda _: True), open_files(child))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)


# --- descriptors -----------------------------------------------------------------------------------


@in_namespaces
def test_a_descriptor_that_came_through_exec_is_found_while_its_owner_lives() -> None:
    census = _census()
    read, write = os.pipe()
    os.set_inheritable(write, True)
    with open(f"{HOME}/log", "wb") as log:
        os.set_inheritable(log.fileno(), True)
        child = subprocess.Popen(["sleep", "30"], close_fds=False, stdin=subprocess.DEVNULL)
        _await(_blocked(child.pid, "nanosleep"))
        census.look_at_descriptors([os.getpid(), child.pid], {child.pid: "child 1"})
        child.kill()
        child.wait()
        left = [found for found in census.after([], _name) if found.kind is Kind.DESCRIPTOR]
    assert [(found.name.split(":")[0], found.owner) for found in left] == [
        ("write end of pipe", "child 1"),
        (f"{HOME}/log for writing", "child 1"),
    ]
    assert left[0].facts == {"descriptor": str(write), "program": "sleep 30", "pid": str(child.pid)}
    os.close(read)


@in_namespaces
def test_what_an_executed_program_opened_itself_is_no_leak() -> None:
    census = _census()
    with open(f"{HOME}/data", "wb"):
        pass
    os.mkfifo(f"{HOME}/fifo")
    # tail opens the file, the shell makes 5 and 6; neither inherits anything but the standard three.
    child = subprocess.Popen(["tail", "-f", "data"], cwd=HOME, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    script = "exec 5>&1; exec 6<data; read line <fifo"
    shell = subprocess.Popen(["sh", "-c", script], cwd=HOME, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    _await(_blocked(shell.pid, "wait_for_partner"))
    _await(lambda: procfs.stat(child.pid).state == "S")  # type: ignore[union-attr]
    _await(lambda: any(link.endswith("data") for _, link in procfs.fd_links(child.pid)))
    assert {5, 6} <= set(procfs.fds(shell.pid))
    census.look_at_descriptors([os.getpid(), child.pid, shell.pid], {})
    assert [found for found in census.after([], _name) if found.kind is Kind.DESCRIPTOR] == []
    for process in (child, shell):
        process.kill()
        process.communicate()


@in_namespaces
def test_a_forked_child_has_not_executed() -> None:
    child = os.fork()
    if child == 0:
        signal.pause()
    assert not has_executed(child)
    assert has_executed(os.getpid())
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert not has_executed(child)


@in_namespaces
def test_descriptors_lists_all_but_the_expected() -> None:
    with socket.socket(socket.AF_UNIX), open(f"{HOME}/x", "w+b") as file:
        found = {left.facts["descriptor"]: left.name for left in descriptors(os.getpid(), (0, 1, 2), "driver")}
        assert found[str(file.fileno())] == f"{HOME}/x for reading and writing"
        assert any(name.startswith("socket:[") for name in found.values())
        assert descriptors(os.getpid(), [int(number) for number in found] + [0, 1, 2]) == ()
    assert descriptors(99999) == ()


# --- the programs ------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], str]:
    def build(folder: str) -> str:
        made = tmp_path_factory.mktemp(folder) / "main"
        flags = ["-std=gnu17", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
        subprocess.run(["gcc", *flags, "-o", str(made), str(CASES / folder / "main.c")], check=True)
        return str(made)

    return build


class _Parent:
    """The little of a driver that a census needs: runs one program, and sees what becomes of its children."""

    def __init__(self, program: str) -> None:
        self.census = Census(workspace())
        os.symlink(program, f"{HOME}/main")
        self.census.before()
        self.program = subprocess.Popen(["./main"], cwd=HOME, stdin=subprocess.DEVNULL)
        assert self.program.wait(timeout=20) == 0
        self.zombies: list[tuple[int, str, str]] = []
        self.orphans: list[tuple[int, str, str]] = []
        for pid in procfs.children(os.getpid()):
            seen = procfs.stat(pid)
            if seen is not None:
                (self.orphans if seen.living else self.zombies).append((pid, seen.comm, "main"))

    def name(self, pid: int) -> str:
        return "main" if pid == self.program.pid else f"child of main (pid {pid})"

    def after(self) -> tuple[Leftover, ...]:
        end = time.monotonic() + 0.5
        while time.monotonic() < end and self._living():
            time.sleep(0.01)
        strays = self._living()
        orphans = [orphan for orphan in self.orphans if orphan[0] not in strays]
        return self.census.after(strays, self.name, self.zombies, orphans)

    def _living(self) -> list[int]:
        found = ((pid, procfs.stat(pid)) for pid in procfs.pids() if pid != os.getpid())
        return [pid for pid, seen in found if seen is not None and seen.living]


def _contains(left: Leftover, expected: Mapping[str, Any]) -> bool:
    return (
        left.kind.value == expected["kind"]
        and expected.get("name", "") in left.name
        and left.owner == expected.get("owner", left.owner)
        and all(value in left.facts.get(key, "") for key, value in expected.get("facts", {}).items())
    )


@pytest.mark.parametrize("folder", FOLDERS)
def test_the_census_finds_what_the_program_leaves(folder: str, built: Callable[[str], str]) -> None:
    run_case(folder=folder, program=built(folder))


@in_namespaces
def run_case(folder: str, program: str) -> None:
    parent = _Parent(program)
    left = parent.after()
    expected = yaml.safe_load((CASES / folder / "expected.yaml").read_text())["leaves"]
    print(*left, sep="\n")
    assert [found.kind.value for found in left] == [wanted["kind"] for wanted in expected]
    assert all(_contains(found, wanted) for found, wanted in zip(left, expected, strict=True))
    for pid in procfs.pids():
        if pid != os.getpid():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
    parent.census.sweep()
    assert [os.listdir(path) for path in (HOME, "/dev/shm", "/dev/mqueue")] == [[], [], []]
    assert (ipc.shms(), ipc.sems(), ipc.msgs()) == ((), (), ())
