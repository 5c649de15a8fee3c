"""Durations ("200ms") and sizes ("64M") as authors write them."""

from __future__ import annotations

import re

_DURATION = re.compile(r"([0-9]+(?:\.[0-9]+)?)(ms|s|min)")
_SECONDS = {"ms": 0.001, "s": 1.0, "min": 60.0}
_SIZE = re.compile(r"([0-9]+)([KMG]?)")
_BYTES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
_LONGEST = 24 * 3600.0
_LARGEST = 1 << 40

DURATION_PATTERN = r"^[0-9]+(\.[0-9]+)?(ms|s|min)$"
SIZE_PATTERN = r"^[0-9]+[KMG]?$"


def duration(value: object) -> float:
    """Seconds. ValueError says what is wrong."""
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
            raise ValueError(f"a duration needs its unit; write '{value:g}s' or '{value:g}ms'")
        raise ValueError("a duration is needed; write for example '2s' or '200ms'")
    seconds = float(match[1]) * _SECONDS[match[2]]
    if not 0 < seconds <= _LONGEST:
        raise ValueError("a duration is more than nothing and at most 24 hours")
    return seconds


def size(value: object) -> int:
    """Bytes; K, M and G are powers of 1024. ValueError says what is wrong."""
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    match = _SIZE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        close = re.fullmatch(r"([0-9]+) ?([kKmMgG])(?:i?[bB])?", text) if isinstance(text, str) else None
        wanted = f"{close[1]}{close[2].upper()}" if close else "64M"
        raise ValueError(f"a size is needed; write {'' if close else 'for example '}'{wanted}'")
    if not 0 < len(match[1]) < 16 or not 0 < (number := int(match[1]) * _BYTES[match[2]]) <= _LARGEST:
        raise ValueError("a size is more than nothing and at most 1024G")
    return number
