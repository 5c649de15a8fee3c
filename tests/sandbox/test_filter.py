"""The two lists of refused system calls, the launcher's and the container engine's, say the same."""

from __future__ import annotations

import json
import re
from pathlib import Path

SANDBOX = Path(__file__).resolve().parents[2] / "sandbox"
# The driver borrows a socket of the submission's to see whether anything is under way (stuck.py).
DRIVER_NEEDS = {"pidfd_getfd"}
LOOKED_INTO = {"clone", "clone3", "socket", "ioctl"}  # by their arguments, each list in its own way


def launcher_refuses() -> set[str]:
    text = (SANDBOX / "driver" / "filter.h").read_text(encoding="utf-8")
    return set(re.findall(r"^ +X\((\w+), word\)", text, re.MULTILINE))


def engine_rules() -> dict[str, set[str]]:
    profile = json.loads((SANDBOX / "seccomp.json").read_text(encoding="utf-8"))
    rules: dict[str, set[str]] = {}
    for rule in profile["syscalls"]:
        for name in rule["names"]:
            rules.setdefault(name, set()).add(rule["action"])
    return rules


def test_what_the_launcher_refuses_a_container_refuses_too_but_for_the_drivers_needs() -> None:
    refused = {name for name, actions in engine_rules().items() if actions == {"SCMP_ACT_ERRNO"}}
    assert refused - LOOKED_INTO == launcher_refuses() - DRIVER_NEEDS


def test_whatever_is_not_listed_does_not_exist() -> None:
    profile = json.loads((SANDBOX / "seccomp.json").read_text(encoding="utf-8"))
    assert (profile["defaultAction"], profile["defaultErrnoRet"]) == ("SCMP_ACT_ERRNO", 38)
    assert "mount" in launcher_refuses()
    assert {"read", "semtimedop", "mq_timedreceive", "futex", "splice"} <= engine_rules().keys()
