"""Text that is safe to show, and differences that can be seen."""

from __future__ import annotations

import pytest

from grader import showing


@pytest.mark.parametrize(
    ("expected", "seen", "told"),
    [
        ("total 40\n", "total 40", ["- total·40␊", "+ total·40", "\\ no newline at end"]),
        ("a b\n", "a\tb\n", ["- a·b␊", "+ a→b␊"]),
        ("a  b\n", "a c\n", ["- a··b", "+ a c"]),
        ("a\n\nb\n", "a\nb\n", ["  a", "- ␊", "  b"]),
        ("a\n", "a\r\n", ["- a␊", "+ a␍␊"]),
        ("a\n", "", ["- a", "+ (nothing)"]),
        ("", " a\n", ["- (nothing)", "+ ·a"]),
    ],
)
def test_white_space_that_differs_can_be_seen(expected: str, seen: str, told: list[str]) -> None:
    lines = showing.diff(expected, seen)
    assert [line for line in lines if not line.startswith("@")] == told


def test_long_lines_are_shown_where_they_begin_to_differ() -> None:
    lines = showing.diff("x" * 9000 + "\n", "x" * 5000 + "y" + "x" * 3999 + "\n", 80)
    changed = [line for line in lines if line[0] == "+"]
    assert "xyx" in changed[0]
    assert max(map(len, lines)) < 150


def test_a_flood_is_cut_and_said_to_be() -> None:
    expected = "".join(f"{i}\n" for i in range(100_000))
    seen = "".join(f"{i * 2}\n" for i in range(100_000))
    lines = showing.diff(expected, seen)
    assert len(lines) <= showing.DIFF_LINES + 1
    assert lines[-1] == "@ and more: the rest is not shown"
    assert lines[0] == "@ line 1"
    late = showing.diff(expected, expected + "more\n")
    assert late[0] == "@ line 99999"
    assert late[-1] == "+ more"
