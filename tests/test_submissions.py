from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from grader.errors import UsageError
from grader.model import Exercise, Finding, Location
from grader.submissions import (
    SIZE_LIMIT,
    SubmissionError,
    ignored_files,
    printable,
    read_solution,
    read_submission,
    with_excerpts,
)
from tests.samples import BAD, GOOD, a_report, an_exercise, write_tree


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    return an_exercise(tmp_path / "course")


@pytest.fixture
def two_files(tmp_path: Path) -> Exercise:
    return an_exercise(tmp_path / "course", submit=("server.c", "client.c"))


def refusal(exercise: Exercise, path: Path) -> str:
    with pytest.raises(SubmissionError) as caught:
        read_submission(exercise, path)
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_status == 2
    assert caught.value.student_fault
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_directory_gives_the_files_that_the_exercise_names(exercise: Exercise, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "alice", {"demo.c": GOOD, "notes.txt": "x"})
    submission = read_submission(exercise, folder)
    assert dict(submission.files) == {"demo.c": GOOD.encode()}
    assert submission.name == "alice"
    assert ignored_files(exercise, folder) == ("notes.txt",)


def test_a_single_file_may_have_any_name_and_gives_the_same_digest(exercise: Exercise, tmp_path: Path) -> None:
    write_tree(tmp_path, {"alice/demo.c": GOOD, "my work": GOOD})
    by_file = read_submission(exercise, tmp_path / "my work")
    assert dict(by_file.files) == {"demo.c": GOOD.encode()}
    assert by_file.digest == read_submission(exercise, tmp_path / "alice").digest


def test_the_current_directory_is_called_by_its_name(
    exercise: Exercise, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(write_tree(tmp_path / "alice", {"demo.c": GOOD}))
    assert read_submission(exercise, Path()).name == "alice"


def test_the_digest_keeps_names_and_contents_apart(two_files: Exercise, tmp_path: Path) -> None:
    one = read_submission(two_files, write_tree(tmp_path / "1", {"server.c": "ab", "client.c": "c"}))
    other = read_submission(two_files, write_tree(tmp_path / "2", {"server.c": "a", "client.c": "bc"}))
    assert one.digest != other.digest


def test_one_file_where_several_are_wanted(two_files: Exercise, tmp_path: Path) -> None:
    write_tree(tmp_path, {"server.c": GOOD})
    assert "takes 2 files (server.c, client.c)" in refusal(two_files, tmp_path / "server.c")


@pytest.mark.parametrize("there", ["Demo.c", "dmeo.c", "solution.c"])
def test_a_wrong_name_is_told_with_the_one_that_was_meant(exercise: Exercise, tmp_path: Path, there: str) -> None:
    told = refusal(exercise, write_tree(tmp_path / "alice", {there: GOOD, "README.md": ""}))
    assert "no demo.c" in told
    assert "demo wants demo.c" in told
    assert f"did you mean {there}?" in told


def test_a_missing_file_is_told_with_what_is_there(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert "it is empty" in refusal(exercise, tmp_path / "empty")
    assert "it holds a.c, b.c" in refusal(exercise, write_tree(tmp_path / "two", {"a.c": "", "b.c": "", "x.txt": ""}))
    assert "no such file" in refusal(exercise, tmp_path / "nowhere")


@pytest.mark.parametrize("target", ["/etc/passwd", "../secret.c", "other.c", "gone.c"])
def test_no_symbolic_link_is_followed(exercise: Exercise, tmp_path: Path, target: str) -> None:
    write_tree(tmp_path, {"secret.c": GOOD, "alice/other.c": GOOD})
    (tmp_path / "alice" / "demo.c").symlink_to(target)
    assert f"demo.c is a symbolic link (to {target})" in refusal(exercise, tmp_path / "alice")


def test_a_fifo_is_refused_without_waiting_for_a_writer(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "alice").mkdir()
    os.mkfifo(tmp_path / "alice" / "demo.c")
    assert "demo.c is a FIFO" in refusal(exercise, tmp_path / "alice")
    assert "is a FIFO" in refusal(exercise, tmp_path / "alice" / "demo.c")


def test_what_is_no_regular_file_is_named(exercise: Exercise, tmp_path: Path) -> None:
    (tmp_path / "dir" / "demo.c").mkdir(parents=True)
    assert "demo.c is a directory" in refusal(exercise, tmp_path / "dir")
    assert "/dev/zero is a device" in refusal(exercise, Path("/dev/zero"))
    (tmp_path / "sock").mkdir()
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "sock" / "demo.c"))
        assert "demo.c is a socket" in refusal(exercise, tmp_path / "sock")


def test_too_large_names_the_size_and_the_limit(exercise: Exercise, tmp_path: Path) -> None:
    path = tmp_path / "demo.c"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    told = refusal(exercise, path)
    assert "50,000,000 bytes" in told
    assert f"{SIZE_LIMIT:,}" in told
    path.write_bytes(b" " * SIZE_LIMIT)
    assert len(read_submission(exercise, path).files["demo.c"]) == SIZE_LIMIT


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"\x7fELF\x02\x01\x01\0" + b"\0" * 8 + b"\x03\0", "an ELF executable"),
        (b"\x7fELF\x02\x01\x01\0" + b"\0" * 8 + b"\x01\0", "an ELF object file"),
        (b"PK\x03\x04rest", "a zip archive"),
        ("int main;".encode("utf-16"), "UTF-16 text"),
        (b"int main(void)\n{ \0 }\n", "demo.c:2: holds a NUL byte (byte 17"),
        (b"/* fine */\n/* caf\xe9 */\n", "demo.c:2:7: byte 0xe9 is not UTF-8"),
    ],
)
def test_what_is_no_c_source_is_called_what_it_is(
    exercise: Exercise, tmp_path: Path, content: bytes, told: str
) -> None:
    assert told in refusal(exercise, write_tree(tmp_path / "alice", {"demo.c": content}))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_to_read(exercise: Exercise, tmp_path: Path) -> None:
    path = write_tree(tmp_path / "alice", {"demo.c": GOOD}) / "demo.c"
    path.chmod(0)
    assert "cannot read demo.c: permission denied" in refusal(exercise, path.parent)


def test_hostile_names_are_escaped_in_messages(exercise: Exercise, tmp_path: Path) -> None:
    folder = write_tree(tmp_path / "a\x1b[31m\nb", {"x\x1b]0;y\x07.c": "", "z.c": ""})
    told = refusal(exercise, folder)
    assert told.isprintable()
    assert "\\x1b[31m\\nb" in told


def test_printable_shows_bytes_that_are_no_utf8() -> None:
    assert printable(os.fsdecode(b"caf\xe9")) == "caf\\xe9"
    assert printable("café") == "café"


def test_excerpts_quote_the_lines_that_findings_point_at(exercise: Exercise, tmp_path: Path) -> None:
    submission = read_submission(exercise, write_tree(tmp_path / "alice", {"demo.c": "one\ntwo\nthree\n"}))
    report = a_report(exercise, submission, 1, failing={"works": "wrong"})
    item = report.items[0]
    places = (Location("demo.c", 2), Location("demo.c", 99), Location("libc.c", 1))
    pointed = type(item)(**{**vars(item), "findings": (Finding("memory", "wrong", locations=places),)})
    facts = {**vars(report), "items": (pointed,), "notes": pointed.findings}
    quoted = with_excerpts(type(report)(**facts), submission)
    assert quoted.items[0].findings[0].data["excerpts"] == [
        {"file": "demo.c", "line": 2, "first": 1, "text": ["one", "two", "three"]}
    ]
    assert quoted.notes == quoted.items[0].findings


def test_a_wrong_solution_of_the_exercise_need_hold_only_what_differs(tmp_path: Path) -> None:
    exercise = an_exercise(tmp_path, submit=("demo.c", "more.c"))
    write_tree(exercise.root, {"reference/demo.c": GOOD, "reference/more.c": GOOD, "wrong/part/more.c": BAD})
    path = exercise.root / "wrong" / "part"
    assert read_solution(exercise, path).files == {"demo.c": GOOD.encode(), "more.c": BAD.encode()}
    write_tree(tmp_path / "alice", {"more.c": BAD})
    with pytest.raises(SubmissionError, match=r"no demo\.c in"):
        read_solution(exercise, tmp_path / "alice")
