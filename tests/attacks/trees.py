"""Attacks that are no programs: what a student may hand in as a directory, and what a student may be called."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.attack import Attack

MANY = 30_000  # files; more than the grader cares to list
RIGHT = Path(__file__).parent / "course/exercises/one-case/reference/main.c"
Make = Callable[[Path], None]


@dataclass(frozen=True)
class Tree:
    """How the directory of a submission is made, and what must be told of it."""

    attack: Attack
    make: Make


def _right(folder: Path) -> None:
    (folder / "main.c").write_text(RIGHT.read_text(encoding="utf-8").partition("*/")[2], encoding="utf-8")


def _link(target: str) -> Make:
    return lambda folder: os.symlink(target, folder / "main.c")


def _text(content: bytes) -> Make:
    def make(folder: Path) -> None:
        (folder / "main.c").write_bytes(content)

    return make


def _linked_folder(folder: Path) -> None:
    folder.rmdir()
    os.symlink("/etc", folder)


def _socket(folder: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        here = os.getcwd()
        os.chdir(folder)  # the path of a socket has room for a hundred bytes
        try:
            made.bind("main.c")
        finally:
            os.chdir(here)


def _sparse(folder: Path) -> None:
    with (folder / "main.c").open("wb") as made:
        made.truncate(10 << 30)


def _device(folder: Path) -> None:
    os.mknod(folder / "main.c", 0o020666, os.makedev(1, 5)) if os.geteuid() == 0 else _link("/dev/zero")(folder)


def _many(folder: Path) -> None:
    for number in range(MANY):
        os.close(os.open(folder / f"f{number}.c", os.O_CREAT | os.O_WRONLY, 0o600))


def _names(folder: Path) -> None:
    for name in (
        b"\n::error::pwned",
        b"\x1b[2J\x1b]0;pwned\x07",
        b"\xff\xfe",
        b"=cmd|'calc'!A0",
        b"<script>&",
        b"\xc2\x9b31m",
    ):
        os.close(os.open(os.fsencode(folder) + b"/" + name, os.O_CREAT | os.O_WRONLY, 0o600))


def _loop(folder: Path) -> None:
    os.symlink("main.c", folder / "main.c")


def _deep(folder: Path) -> None:
    _right(folder)
    here = folder
    for _ in range(40):
        here = here / ("d" * 60)
        if len(str(here)) > 3500:
            break
        here.mkdir()
    os.symlink("/", folder / "root")


def _tree(name: str, make: Make, *says: str, right: bool = False, rows: tuple[str, ...] = ("archives",)) -> Tree:
    fails = frozenset() if right else frozenset({"build"})
    return Tree(Attack(name, rows, points=None if right else (0, 0), fails=fails, says=says), make)


def _called(name: str, student: str, *rows: str) -> Tree:
    return Tree(Attack(name, ("archives", *rows), points=None, fails=frozenset(), student=student), _right)


TREES = (
    _tree("link_to_shadow", _link("/etc/shadow"), "main.c is a symbolic link (to /etc/shadow)"),
    _tree("link_to_reference", _link("../../../course/exercises/one-case/reference/main.c"), "is a symbolic link"),
    _tree("link_to_another_student", _link("../../000-right/one-case/main.c"), "is a symbolic link"),
    _tree("link_to_itself", _loop, "is a symbolic link"),
    _tree("folder_is_a_link", _linked_folder, "main.c"),
    _tree("fifo_for_a_source", lambda folder: os.mkfifo(folder / "main.c"), "main.c is a FIFO"),
    _tree("socket_for_a_source", _socket, "main.c is a socket"),
    _tree("device_for_a_source", _device, "main.c is a"),
    _tree("directory_for_a_source", lambda folder: (folder / "main.c").mkdir(), "main.c is a directory"),
    _tree("sparse_source", _sparse, "too large: 10,737,418,240 bytes"),
    _tree("many_files", _many, "no main.c"),
    _tree("names_of_files", _names, "no main.c", rows=("archives", "escapes")),
    _tree("deep_directories", _deep, right=True),
    _tree("nul_in_source", _text(b"int main(void)\n{\n    return 0;\0}\n"), "main.c:3: holds a NUL byte"),
    _tree("source_is_a_program", _text(b"\x7fELF\x02\x01\x01" + b"\0" * 9 + b"\x02\0"), "an ELF executable"),
    _tree("source_is_no_text", _text(b"/* \xff\xfe */\nint main(void) { return 0; }\n"), "byte 0xff is not UTF-8"),
    _tree("source_is_a_zip_bomb", _text(b"PK\x03\x04" + b"\0" * 64), "a zip archive"),
    _tree("empty_folder", lambda _: None, "it is empty"),
    _called("student_newline", "z\n::error::pwned\n::set-output name=x::y", "escapes"),
    _called("student_escape", "z\x1b[2J\x1b]0;pwned\x07\x9b31m", "escapes"),
    _called("student_invalid", "z\udcff\udcfe", "escapes"),
    _called("student_formula", "=cmd|'calc'!A0", "escapes"),
    _called("student_at_formula", "@SUM(1+1)*cmd", "escapes"),
    _called("student_html", "z<script>alert(1)<&\"'>]]>", "escapes"),
    _called("student_dots", "..."),
    _called("student_option", "--sandbox=inplace"),
    _called("student_percent", "%2e%2e%2fz"),
    _called("student_long", "z" * 250),
)
