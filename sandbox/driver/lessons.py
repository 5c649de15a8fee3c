"""Cases that a mother has learned, and so every driver that she forks afterwards knows.

A batch plays the same cases for each of its submissions. To read them takes a driver a millisecond; this way it
is done once.
"""

from __future__ import annotations

import os

from grader import wire
from grader.wire import CasePlan, Plan


class Lessons:
    """By number, as Plan.lesson names them."""

    def __init__(self) -> None:
        self._cases: dict[int, tuple[CasePlan, ...]] = {}

    def learn(self, number: int, text: int) -> None:
        """text: descriptor of a file with a plan of these cases, which is closed."""
        try:
            self._cases[number] = wire.decode(Plan, os.pread(text, os.fstat(text).st_size, 0)).cases
        finally:
            os.close(text)

    def forget(self, number: int) -> None:
        """Drivers that are there already go on knowing it."""
        self._cases.pop(number, None)

    def cases(self, plan: Plan) -> tuple[CasePlan, ...]:
        """What a plan wants to be played."""
        return self._cases[plan.lesson] if plan.lesson else plan.cases
