"""The verbs: what each step of a plan does and waits for.

A verb takes the stage of its case and the step; it returns the bytes that it read (most read
nothing) and raises CaseEndedError when it can no longer be met. drive.py calls the same verbs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from driver.stage import Stage
from driver.verbs import data, objects, programs, states
from grader import wire

_VERBS: Mapping[type[wire.Step], Callable[[Stage, Any], bytes]] = MappingProxyType(
    {
        wire.Start: programs.start,
        wire.Kill: programs.kill,
        wire.Finish: programs.finish,
        wire.Send: data.send,
        wire.Expect: data.expect,
        wire.Open: data.open_,
        wire.Write: data.write,
        wire.Read: data.read,
        wire.Close: data.close,
        wire.Contents: data.contents,
        wire.Make: objects.make,
        wire.Remove: objects.remove,
        wire.SetSem: objects.set_semaphores,
        wire.Exists: objects.exists,
        wire.Signal: states.send_signal,
        wire.Blocked: states.blocked,
        wire.Handles: states.handles,
        wire.Processes: states.processes,
    }
)


def perform(stage: Stage, step: wire.Step) -> bytes:
    """Carry out one step; returns what it read, if it is one that reads."""
    return _VERBS[type(step)](stage, step)
