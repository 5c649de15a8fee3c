"""Made-up facts in the shapes of the JSON report."""

from __future__ import annotations

from typing import Any

EVIL = "\x1b[2J<script>&\"'</svg>]]>\u202egnp\x00\ud800\udcff\n\u200b\ufffe"


def place(line: int, function: str = "main", file: str = "demo.c") -> dict[str, Any]:
    return {"file": file, "line": line, "function": function}


def waiter(name: str, words: str, call: str = "semop", to: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    return {"name": name, "pid": 7, "call": call, "words": words, "waits_for": list(to), **more}


def semaphore(number: int, reason: str = "last changed by another") -> str:
    return f"waits in semop() for semaphore {number} of set 3 (key 0x5a, value 0), {reason}"


CIRCLE: dict[str, Any] = {
    "cycle": ["child 1 of abba", "child 2 of abba"],
    "waiters": [
        waiter(
            "abba", "waits in wait() for child 1 of abba or child 2 of abba to exit", "wait",
            ("child 1 of abba", "child 2 of abba"),
        ),
        waiter("child 1 of abba", semaphore(1), to=("child 2 of abba",), place=place(31, "take")),
        waiter("child 2 of abba", semaphore(0), to=("child 1 of abba",), place=place(44, "other")),
    ],
    "excerpts": [{"file": "demo.c", "line": 31, "first": 30, "text": ["{", "\tsemop(set, &take, 1);", "}"]}],
}  # fmt: skip

RACE: dict[str, Any] = {
    "interleaving": [
        {"process": "child 1", "text": "reads 41", "place": place(9, "count")},
        {"process": "child 2", "text": "reads 41", "place": place(9, "count")},
        {"process": "child 2", "text": "writes 42", "place": place(9, "count")},
        {"process": "child 1", "text": "writes 42", "place": place(9, "count")},
    ],
}


def event(at: float, process: str, kind: str, call: str = "", **more: Any) -> dict[str, Any]:
    made = {"at": at / 1000, "process": process, "kind": kind, "call": call, "object": "", "value": 0}
    return {**made, "error": "", "other": "", "place": None, "woken_by": -1, **more}


def timeline(*events: dict[str, Any]) -> dict[str, Any]:
    return {"processes": list(dict.fromkeys(one["process"] for one in events)), "events": list(events)}
