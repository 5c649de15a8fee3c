"""Whose container is it? Labels that tell, and what a crashed grader left behind.

A container is removed by its engine as soon as its driver ends, and its driver ends when the grader's
connection does; so a grader that is killed leaves nothing. Where that fails (an engine that was killed too, a
container that never started) the next grader finds the container by its labels. It takes only what belongs to
a process that provably is no more: of this boot of this machine, in this PID namespace.
"""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import docker

from grader.backends.docker.container import remove

LABEL = "org.grader.sandbox"
OWNER = "org.grader.owner"
_RUN = "org.grader.run"
_INSISTS = 30.0  # seconds
_LOOK = 0.1  # seconds between two requests


@dataclass(frozen=True)
class Held:
    """A container of some grader's. abandoned: its grader is gone for certain."""

    id: str
    status: str
    owner: str
    abandoned: bool


def labels() -> dict[str, str]:
    """What a container of this process carries."""
    return {LABEL: "1", OWNER: f"{_here()}:{os.getpid()}:{_start_time(os.getpid())}"}


def run_labels() -> dict[str, str]:
    """The same, with a name of its own for one Operation, of which a process may have several."""
    return {**labels(), _RUN: secrets.token_hex(8)}


def held(client: docker.DockerClient) -> list[Held]:
    """Every container on the engine that a grader made."""
    found = client.api.containers(all=True, filters={"label": LABEL})
    return [
        Held(item["Id"], item.get("State", ""), owner, _is_abandoned(owner))
        for item in found
        for owner in (item["Labels"].get(OWNER, ""),)
    ]


def remove_abandoned(client: docker.DockerClient) -> int:
    """Remove what graders that are gone have left; how many that were."""
    left = [container for container in held(client) if container.abandoned]
    for container in left:
        remove(client, container.id)
    return len(left)


def remove_own(client: docker.DockerClient, labels: Mapping[str, str]) -> None:
    """Remove whatever is left of what carries these labels (of run_labels).

    An engine that is removing a container already, or has just come back, refuses to: it is asked again for a while,
    for it announces no end of either.
    """
    end, tries = time.monotonic() + _INSISTS, 0
    while left := client.api.containers(all=True, filters={"label": f"{_RUN}={labels[_RUN]}"}):
        for item in left:
            remove(client, item["Id"])
        if time.monotonic() > end:
            return
        if tries:
            time.sleep(_LOOK)
        tries += 1


def _here() -> str:
    """This boot of this machine, and the PID namespace, without which a pid says nothing; "" where unknown."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = os.readlink("/proc/self/ns/pid")  # pid:[4026531836]
        return f"{boot}/{namespace.strip('pid:[]')}"
    except OSError:
        return ""


def _start_time(pid: int) -> str:
    """When a process was started, in ticks after boot (proc(5), stat, field 22); "" if there is none."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_bytes()
    except OSError:
        return ""
    return stat[stat.rindex(b")") + 2 :].split()[19].decode("ascii")


def _is_abandoned(owner: str) -> bool:
    here, pid, started = _parts(owner)
    return bool(here) and here == _here() and pid.isdigit() and _start_time(int(pid)) != started


def _parts(owner: str) -> tuple[str, str, str]:
    words = owner.rsplit(":", 2)
    return (words[0], words[1], words[2]) if len(words) == 3 else ("", "", "")
