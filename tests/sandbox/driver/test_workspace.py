"""driver/workspace.py against trees that were made to hurt."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable

import pytest

from driver.workspace import UnreadableError, Workspace, printable
from grader.wire import Kind
from tests.sandbox.driver.namespaces import HOME, TEMPORARY, in_namespaces, need_other_uids, workspace


def _file(path: str, content: bytes = b"") -> None:
    with open(path, "wb") as file:
        file.write(content)


# --- clean ---------------------------------------------------------------------------------------


@in_namespaces
def test_clean_empties_every_place() -> None:
    place = workspace()
    for path in (f"{HOME}/a", f"{TEMPORARY}/b", "/dev/shm/c", "/dev/mqueue/d"):
        _file(path)
    os.mkfifo(f"{HOME}/fifo")
    place.clean()
    assert [os.listdir(path) for path in (HOME, TEMPORARY, "/dev/shm", "/dev/mqueue")] == [[], [], [], []]


@in_namespaces
def test_clean_takes_a_tree_of_4000_levels_apart() -> None:
    place = workspace()
    os.chdir(HOME)
    for _ in range(4000):
        os.mkdir("down")
        _file("file")
        os.chdir("down")
    os.chdir("/")
    began = time.monotonic()
    place.clean()
    print(f"4,000 levels: {time.monotonic() - began:.3f} s")
    assert os.listdir(HOME) == []
    assert time.monotonic() - began < 5


@in_namespaces
def test_clean_copes_with_names_and_modes() -> None:
    place = workspace()
    odd = os.fsdecode(b"\xff\xfe\n\x1b[31m")
    os.makedirs(f"{HOME}/{odd}/{odd}/inner")
    _file(f"{HOME}/{odd}/{odd}/inner/{odd}")
    for path in (f"{HOME}/{odd}/{odd}/inner", f"{HOME}/{odd}/{odd}", f"{HOME}/{odd}"):
        os.chmod(path, 0)
    os.chmod(HOME, 0)
    place.clean()
    assert os.listdir(HOME) == []
    assert os.stat(HOME).st_mode & 0o777 == 0o755


@in_namespaces
def test_clean_works_for_an_ordinary_user_too() -> None:
    need_other_uids()
    os.chown(HOME, 12345, 12345)
    os.setresuid(12345, 12345, 12345)
    place = Workspace(HOME, (), owner=12345, group=os.getgid())
    os.makedirs(f"{HOME}/a/b/c/d")
    _file(f"{HOME}/a/b/c/file")
    for path, mode in ((f"{HOME}/a/b/c/d", 0), (f"{HOME}/a/b/c", 0o400), (f"{HOME}/a/b", 0), (HOME, 0)):
        os.chmod(path, mode)
    place.clean()
    assert os.listdir(HOME) == []


@in_namespaces
def test_clean_does_not_stumble_over_names_that_it_uses_itself() -> None:
    place = workspace()
    os.makedirs(f"{HOME}/a/b/c")
    os.mkdir(f"{HOME}/.grader-moved-1")
    os.makedirs(f"{HOME}/.grader-moved-2/full")
    _file(f"{HOME}/.grader-moved-3")
    place.clean()
    assert os.listdir(HOME) == []


@in_namespaces
def test_clean_never_follows_a_link() -> None:
    place = workspace()
    os.mkdir("/mnt/precious")
    _file("/mnt/precious/file")
    os.symlink("/mnt/precious", f"{HOME}/link")
    os.mkdir(f"{HOME}/directory")
    os.symlink("/mnt/precious", f"{HOME}/directory/link")
    place.clean()
    assert os.listdir("/mnt/precious") == ["file"]


@in_namespaces
def test_clean_forgets_access_lists() -> None:
    place = workspace()
    try:
        os.setxattr(HOME, "trusted.mark", b"1")
    except PermissionError:
        pytest.skip("attributes of that kind need root")
    place.clean()
    assert "trusted.mark" not in os.listxattr(HOME)


LINKS = {"reader": "/programs/plain/reader"}


@in_namespaces
def test_what_is_offered_stays_where_nothing_else_was_left() -> None:
    need_other_uids()
    place = Workspace(HOME, (TEMPORARY,), owner=12345, group=12345)
    place.clean()
    place.offer(LINKS)
    made = os.lstat(f"{HOME}/reader").st_ino
    os.utime(HOME, (1, 1))
    place.clean(files=place.walk().entries)
    place.offer(LINKS)
    assert os.lstat(f"{HOME}/reader").st_ino == made
    assert os.stat(HOME).st_mtime > 1
    place.offer({"writer": "/programs/asan/writer"})
    assert os.listdir(HOME) == ["writer"]


def _leave_a_file() -> None:
    _file(f"{HOME}/left")


def _replace_the_link() -> None:
    os.unlink(f"{HOME}/reader")
    os.symlink(LINKS["reader"], f"{HOME}/reader")
    os.lchown(f"{HOME}/reader", 12345, 12345)


def _open_home_to_all() -> None:
    os.chmod(HOME, 0o777)


def _mark_home() -> None:
    os.setxattr(HOME, "trusted.mark", b"1")


@pytest.mark.parametrize("change", ["_leave_a_file", "_replace_the_link", "_open_home_to_all", "_mark_home"])
@in_namespaces
def test_what_is_offered_is_made_anew_where_anything_was_changed(change: str) -> None:
    need_other_uids()
    place = Workspace(HOME, (TEMPORARY,), owner=12345, group=12345)
    place.clean()
    place.offer(LINKS)
    globals()[change]()
    place.clean(files=place.walk().entries)
    assert os.listdir(HOME) == []
    place.offer(LINKS)
    found = os.lstat(f"{HOME}/reader")
    assert (found.st_uid, os.readlink(f"{HOME}/reader")) == (0, LINKS["reader"])
    assert (os.stat(HOME).st_mode & 0o7777, os.listxattr(HOME)) == (0o755, [])


@in_namespaces
def test_what_is_offered_is_made_anew_where_it_is_the_submissions_to_change() -> None:
    place = workspace()
    place.offer(LINKS)
    place.clean(files=place.walk().entries)
    assert os.listdir(HOME) == []


@in_namespaces
def test_clean_leaves_what_belongs_to_others_in_shared_places() -> None:
    need_other_uids()
    place = Workspace(HOME, (TEMPORARY,), owner=12345, group=12345, shared=True)
    for path in (f"{TEMPORARY}/mine", "/dev/shm/mine"):
        _file(path)
        os.chown(path, 12345, 12345)
    for path in (f"{TEMPORARY}/theirs", "/dev/shm/theirs"):
        _file(path)
    place.clean()
    assert os.listdir(TEMPORARY) == os.listdir("/dev/shm") == ["theirs"]


@in_namespaces
def test_empty_keeps_the_directory() -> None:
    os.makedirs("/mnt/build/plain/sub")
    workspace().empty("/mnt/build")
    assert os.listdir("/mnt/build") == []


def test_home_may_not_lie_in_a_temporary_place() -> None:
    with pytest.raises(ValueError, match="lies in a temporary directory"):
        Workspace("/tmp/case", ("/tmp",), owner=0, group=0)


# --- walk ----------------------------------------------------------------------------------------


@in_namespaces
def test_walk_tells_kinds_and_targets() -> None:
    place = workspace()
    os.mkdir(f"{HOME}/d")
    _file(f"{HOME}/d/f", b"12345")
    os.mkfifo(f"{HOME}/p", 0o640)
    os.symlink("/etc/passwd", f"{HOME}/l")
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind(f"{HOME}/s")
    _file(f"{TEMPORARY}/t")
    walk = place.walk()
    assert walk.complete
    assert [(entry.path, entry.kind) for entry in walk.entries] == [
        ("d", Kind.DIRECTORY),
        ("d/f", Kind.FILE),
        ("l", Kind.SYMLINK),
        ("p", Kind.FIFO),
        ("s", Kind.SOCKET),
        (f"{TEMPORARY}/t", Kind.FILE),
    ]
    found = {entry.path: entry for entry in walk.entries}
    assert (found["d/f"].size, found["p"].mode, found["l"].target) == (5, 0o640, "/etc/passwd")


@in_namespaces
def test_walk_stops_at_its_bounds() -> None:
    place = workspace()
    for number in range(30):
        _file(f"{HOME}/{number:02}")
    assert place.walk(most=30).complete
    few = place.walk(most=10)
    assert (len(few.entries), few.complete) == (10, False)
    place.clean()
    os.makedirs(HOME + "/d" * 40)
    deep = place.walk(deepest=5)
    assert (len(deep.entries), deep.complete) == (6, False)


@in_namespaces
def test_walk_and_list_bear_places_that_do_not_exist() -> None:
    place = Workspace(HOME, ("/mnt/none",), owner=os.getuid(), group=os.getgid())
    place.clean()
    assert place.walk().entries == place.list("/mnt/none").entries == ()


def test_names_become_printable() -> None:
    assert printable("é.txt") == "é.txt"
    assert printable(os.fsdecode(b"a\xffb")) == r"a\xffb"


# --- read ----------------------------------------------------------------------------------------


@in_namespaces
def test_a_regular_file_is_read() -> None:
    place = workspace()
    os.mkdir(f"{HOME}/d")
    _file(f"{HOME}/d/out.txt", b"hello\n")
    assert place.read_regular("d/out.txt", 6) == b"hello\n"
    assert place.read_regular(f"{HOME}/d/./out.txt", 100) == b"hello\n"
    _file(f"{TEMPORARY}/x", b"y")
    assert place.read_regular(f"{TEMPORARY}/x", 100) == b"y"
    os.chmod(f"{HOME}/d/out.txt", 0)
    assert place.read_regular("d/out.txt", 6) == b"hello\n"


def _fifo() -> None:
    os.mkfifo(f"{HOME}/out.txt")


def _link() -> None:
    os.symlink("/etc/passwd", f"{HOME}/out.txt")


def _directory() -> None:
    os.mkdir(f"{HOME}/out.txt")


def _huge() -> None:
    _file(f"{HOME}/out.txt")
    os.truncate(f"{HOME}/out.txt", 10 << 30)


def _nothing() -> None:
    pass


@pytest.mark.parametrize("what", ["_fifo", "_link", "_directory", "_huge", "_nothing"])
@in_namespaces
def test_anything_else_is_told_in_words(what: str) -> None:
    place = workspace()
    words = {
        "_fifo": "out.txt is a FIFO, not a regular file",
        "_link": "out.txt is a symbolic link, not a regular file",
        "_directory": "out.txt is a directory, not a regular file",
        "_huge": "out.txt holds 10,737,418,240 bytes; no more than 100 are read",
        "_nothing": "out.txt: there is no such file",
    }
    make: Callable[[], None] = globals()[what]
    make()
    with pytest.raises(UnreadableError) as caught:
        place.read_regular("out.txt", 100)
    assert str(caught.value) == words[what]


@in_namespaces
def test_a_path_is_not_followed_out_of_the_case() -> None:
    place = workspace()
    os.mkdir("/mnt/secret")
    _file("/mnt/secret/file", b"secret")
    os.symlink("/mnt/secret", f"{HOME}/d")
    for path, words in (
        ("d/file", "d is a symbolic link, not a directory"),
        ("../secret/file", "'../secret/file' is not a path below the directory of the case"),
        ("/mnt/secret/file", "/mnt/secret/file is outside the directories of the case"),
        ("", "'' is not a path below the directory of the case"),
    ):
        with pytest.raises(UnreadableError) as caught:
            place.read_regular(path, 100)
        assert str(caught.value) == words


@in_namespaces
def test_reading_a_fifo_does_not_let_its_writer_go_on() -> None:
    place = workspace()
    _fifo()
    writer = os.fork()
    if writer == 0:
        os.close(os.open(f"{HOME}/out.txt", os.O_WRONLY))
        os._exit(0)
    while open(f"/proc/{writer}/wchan", encoding="ascii").read() == "0":  # noqa: SIM115
        time.sleep(0.001)
    with pytest.raises(UnreadableError):
        place.read_regular("out.txt", 100)
    assert os.waitpid(writer, os.WNOHANG) == (0, 0)
    os.kill(writer, 9)
    os.waitpid(writer, 0)
