"""Places in a sentence at which something can be said better later, when the case is over.

The graph of a traced case is drawn while its processes live, but from which line an object comes is known only
afterwards. So the graph's words mark what they speak of: `mark` says what it is, and how to call it as long as
nothing better is known; `resolve` replaces it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

# Of Unicode's private use. In a name that a program chose they may stand, too, and then harm only its own words.
_BEGIN, _NEXT, _END = "\ue000", "\ue001", "\ue002"
_MARK = re.compile(f"{_BEGIN}([a-z]+){_NEXT}(\\d+){_NEXT}([^{_BEGIN}-{_END}]*){_END}")


def mark(kind: str, number: int, words: str) -> str:
    """kind, number: what it is. words: how to call it."""
    return f"{_BEGIN}{kind}{_NEXT}{number}{_NEXT}{words}{_END}"


def resolve(text: str, better: Callable[[str, int, str], str]) -> str:
    """The text with every mark replaced by what better(kind, number, words) calls it."""
    return _MARK.sub(lambda found: better(found[1], int(found[2]), found[3]), text)


def marked(text: str) -> list[tuple[str, int]]:
    """Every (kind, number) in a text."""
    return [(kind, int(number)) for kind, number, _ in _MARK.findall(text)]
