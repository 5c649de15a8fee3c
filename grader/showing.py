"""Text that is safe to show, and differences that can be seen: what every report for people needs.

Standard library only. What a student wrote or printed may hold terminal escapes, characters that turn the
direction of writing, and bytes that are no text; `shown` draws each of them as something visible.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence

DIFF_LINES = 40  # lines of a diff that are shown
DIFF_INPUT = 400  # lines of each side that are compared, after what both begin with
CONTEXT = 2  # equal lines round a difference


def shown(text: str) -> str:
    """Text with every character that is not printable made visible; the result is one line."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _picture(char) for char in text)


def _picture(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return "→" if char == "\t" else "␊" if char == "\n" else chr(0x2400 + code)
    if code == 0x7F:
        return "␡"
    if 0xDC80 <= code <= 0xDCFF:  # a byte that was no UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def diff(expected: str, seen: str, width: int = 100) -> list[str]:
    """A unified diff, each line beginning with '-', '+', ' ', '@' or '\\'; white space that matters is visible."""
    if not seen:
        return [*_side("-", _lines(expected)[:DIFF_LINES], width), "+ (nothing)"]
    if not expected:
        return ["- (nothing)", *_side("+", _lines(seen)[:DIFF_LINES], width)]
    first, second = _lines(expected), _lines(seen)
    same = _common(first, second)
    start = max(0, same - CONTEXT)
    ours, theirs = first[start : start + DIFF_INPUT], second[start : start + DIFF_INPUT]
    made: list[str] = []
    for group in difflib.SequenceMatcher(None, ours, theirs, autojunk=False).get_grouped_opcodes(CONTEXT):
        made.append(f"@ line {start + group[0][1] + 1}")
        for tag, low, high, other_low, other_high in group:
            if tag == "equal":
                made += [f"  {cut(shown(line.rstrip(chr(10))), width)}" for line in ours[low:high]]
            else:
                made += _change(ours[low:high], theirs[other_low:other_high], width)
    beyond = max(len(first), len(second)) - start - DIFF_INPUT
    hidden = max(0, len(made) - DIFF_LINES)
    made = made[:DIFF_LINES]
    if hidden or beyond > 0:
        made.append("@ and more: the rest is not shown")
    return made


def _lines(text: str) -> list[str]:
    """Lines as a C program sees them: ended by newlines only."""
    parts = text.split("\n")
    return [part + "\n" for part in parts[:-1]] + ([parts[-1]] if parts[-1] else [])


def _common(first: Sequence[str], second: Sequence[str]) -> int:
    for index, (one, other) in enumerate(zip(first, second, strict=False)):
        if one != other:
            return index
    return min(len(first), len(second))


def _change(removed: Sequence[str], added: Sequence[str], width: int) -> Iterator[str]:
    bare = ["".join("".join(side).split()) for side in (removed, added)]
    white = bare[0] == bare[1]  # they differ in nothing but white space: show all of it
    skip = 0
    if len(removed) == len(added) == 1:
        skip = _skipped(removed[0], added[0], width)
    yield from _side("-", removed, width, white=white, skip=skip)
    yield from _side("+", added, width, white=white, skip=skip)


def _skipped(one: str, other: str, width: int) -> int:
    """So many characters of two long lines are left out, that their first difference can be seen."""
    same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    return same - width // 3 if max(len(one), len(other)) > width and same > width // 2 else 0


def _side(sign: str, lines: Sequence[str], width: int, *, white: bool = False, skip: int = 0) -> Iterator[str]:
    for line in lines:
        ended = line.endswith("\n")
        text = spaced(line[:-1] if ended else line, everything=white)
        if ended and (white or not text):
            text += "␊"
        if skip:
            text = f"…({skip:,} characters)… {text[skip:]}"
        yield f"{sign} {cut(text, width)}"
        if not ended:
            yield "\\ no newline at end"


def spaced(text: str, *, everything: bool) -> str:
    """Spaces as dots: all of them, or the leading, trailing and doubled ones, which one would overlook."""
    if everything:
        return shown(text).replace(" ", "·")
    body = text.strip(" ")
    lead, trail = len(text) - len(text.lstrip(" ")), len(text) - len(text.rstrip(" "))
    if not body:
        return "·" * len(text)
    inner = "".join(
        "·" if char == " " and " " in (body[i - 1 : i] + body[i + 1 : i + 2]) else char for i, char in enumerate(body)
    )
    return "·" * lead + shown(inner) + "·" * trail


def cut(text: str, width: int) -> str:
    """So much of a line as fits in a width (of 40 at least), and how much more there is."""
    limit = max(40, width)
    return text if len(text) <= limit else f"{text[:limit]}… ({len(text) - limit:,} more)"
