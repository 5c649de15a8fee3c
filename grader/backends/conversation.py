"""Plans out, observations in, over whatever a sandbox offers as a channel: the same for every backend."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Protocol

from grader import wire
from grader.errors import SandboxError
from grader.wire import Done, Fault, Observation, Plan

_GRACE = 60.0  # seconds over the plan's own limits after which the driver counts as hung
_MOST = 21  # a case lasts no longer than so many times its wall limit, also on a machine that is too busy
_LARGEST_LINE = 256 << 20


class Link(Protocol):
    """A stream to the driver and back. All three raise OSError where the other end is gone."""

    def settimeout(self, seconds: float) -> None:
        """How long receive() and send() may take before they raise TimeoutError."""
        ...

    def send(self, data: bytes) -> None:
        """All of it."""
        ...

    def receive(self) -> bytes:
        """Some bytes; none at the end."""
        ...


class Conversation:
    """One driver, plan after plan. died: tells why the driver has hung up, in words."""

    def __init__(self, link: Link, died: Callable[[], str]) -> None:
        self._link = link
        self._died = died
        self._lines: deque[bytes] = deque()
        self._begun: list[bytes] = []  # the parts of a line that has not ended yet

    def run(self, plan: Plan, lesson: int = 0) -> Iterator[Observation]:
        """See grader.model.Sandbox. lesson: the number under which the driver knows the plan's cases, if it does."""
        patience = _GRACE + max(
            [sum(build.limits.wall for build in plan.builds)] + [_MOST * case.limits.wall for case in plan.cases]
        )
        try:
            self._link.settimeout(patience)
            self._link.send(wire.encode(replace(plan, cases=(), lesson=lesson) if lesson else plan))
            while True:
                observation = wire.decode_observation(self._line())
                if isinstance(observation, Done):
                    return
                if isinstance(observation, Fault):
                    raise SandboxError(observation.message)
                yield observation
        except TimeoutError:
            raise SandboxError(f"the sandbox has said nothing for {patience:.0f} s") from None
        except OSError:
            raise SandboxError(self._died()) from None
        except ValueError as error:
            raise SandboxError(f"the sandbox sent something that is no observation: {error}") from None

    def _line(self) -> bytes:
        while not self._lines:
            data = self._link.receive()
            if not data:
                raise SandboxError(self._died())
            ends, *more = data.split(b"\n")
            self._begun.append(ends)
            if more:
                self._lines += (b"".join(self._begun), *more[:-1])
                self._begun = [more[-1]]
            if sum(map(len, self._begun)) > _LARGEST_LINE:
                raise SandboxError("the sandbox sent a line without end")
        return self._lines.popleft()
