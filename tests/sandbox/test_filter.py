"""The launcher's filter answers as it says, and the container engine's list of refused system calls says the same."""

from __future__ import annotations

import json
import operator
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

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


# --- what the launcher's filter answers ---------------------------------------------------------

PRINTER = r"""
#include "filter.h"
#include <stdio.h>
#define PRINT(name, word) printf(#word " " #name " %ld\n", (long)SYS_##name);
int main(void)
{
    for (size_t i = 0; i < filter.len; i++) {
        const struct sock_filter *at = &filter.filter[i];
        printf("step %u %u %u %u\n", at->code, at->jt, at->jf, at->k);
    }
    FILTER_DENIED(PRINT, refused)
    FILTER_LOOKED_INTO(PRINT, looked)
    printf("arch arch %u\n", FILTER_ARCH);
    return 0;
}
"""
RET, JA, TAX, LOAD = 0x06, 0x05, 0x07, 0x20  # <linux/bpf_common.h>
JUMPS: dict[int, Callable[[int, int], object]] = {
    0x15: operator.eq,
    0x25: operator.gt,
    0x35: operator.ge,
    0x45: operator.and_,
}
SETS: dict[int, Callable[[int, int, int], int]] = {
    0x00: lambda _a, _x, k: k,
    0x54: lambda a, _x, k: a & k,
    0x74: lambda a, _x, k: a >> k,
    0x7C: lambda a, x, _k: a >> x,
}
ALLOW, KILL = 0x7FFF0000, 0x80000000
EPERM, ENOSYS, EAFNOSUPPORT = (0x50000 | number for number in (1, 38, 97))
NEWEST = 462


@dataclass
class Filter:
    """The program as it is compiled here. steps: (code, jt, jf, k), <linux/filter.h>."""

    steps: list[tuple[int, int, int, int]]
    refused: dict[str, int]
    looked: dict[str, int]
    arch: int

    def answer(self, number: int, *args: int, arch: int | None = None) -> int:
        """For one struct seccomp_data, <linux/seccomp.h>, as words."""
        words = [number, self.arch if arch is None else arch, 0, 0]
        for value in (*args, *[0] * (6 - len(args))):
            words += [value & 0xFFFFFFFF, value >> 32]
        a = x = at = 0
        while True:
            code, jt, jf, k = self.steps[at]
            at += 1
            if code == RET:
                return k
            if code in JUMPS:
                at += jt if JUMPS[code](a, k) else jf
            elif code == JA:
                at += k
            elif code == TAX:
                x = a
            else:
                a = words[k // 4] if code == LOAD else SETS[code](a, x, k)


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> Filter:
    folder = tmp_path_factory.mktemp("filter")
    (folder / "printer.c").write_text(PRINTER, encoding="utf-8")
    command = ["gcc", "-D_GNU_SOURCE", f"-I{SANDBOX / 'driver'}", "printer.c", "-o", "printer"]
    subprocess.run(command, cwd=folder, check=True)
    printed = subprocess.run([folder / "printer"], capture_output=True, text=True, check=True).stdout
    made = Filter([], {}, {}, 0)
    for kind, *rest in map(str.split, printed.splitlines()):
        if kind == "step":
            code, jt, jf, k = map(int, rest)
            made.steps.append((code, jt, jf, k))
        elif kind == "arch":
            made.arch = int(rest[1])
        else:
            {"refused": made.refused, "looked": made.looked}[kind][rest[0]] = int(rest[1])
    return made


def test_every_call_has_its_answer(compiled: Filter) -> None:
    looked = set(compiled.looked.values())
    for number in set(range(NEWEST + 1)) - looked:
        assert compiled.answer(number) == (EPERM if number in compiled.refused.values() else ALLOW), number
    for number in (NEWEST + 1, 511, 0x40000000, 0x40000001, 0x7FFFFFFF, 0xFFFFFFFF):  # x32 begins at 0x40000000
        assert compiled.answer(number) == ENOSYS
    assert compiled.answer(0, arch=0x40000003) == KILL  # i386


def test_what_is_refused_by_its_arguments(compiled: Filter) -> None:
    number, answer = compiled.looked, compiled.answer
    namespaces = (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000)
    assert {answer(number["clone"], flag | 17) for flag in namespaces} == {EPERM}
    assert answer(number["clone"], 0x3D0F00) == ALLOW  # of a thread
    assert answer(number["clone3"]) == ENOSYS
    assert {family: answer(number["socket"], family) for family in (1, 2, 10, 16, 17)} == {
        **dict.fromkeys((1, 2, 10), ALLOW),  # AF_UNIX, AF_INET, AF_INET6
        **dict.fromkeys((16, 17), EAFNOSUPPORT),  # AF_NETLINK, AF_PACKET
    }
    assert [answer(number["ioctl"], 0, request) for request in (0x5412, 0x541C, 0x5413)] == [EPERM, EPERM, ALLOW]
    assert [answer(number["prlimit64"], pid) for pid in (0, 1, 7)] == [ALLOW, EPERM, EPERM]
    for name in ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        assert [answer(number[name], pid) for pid in (0, 1, 7)] == [ALLOW, EPERM, ALLOW], name
    for name, of_user in (("setpriority", 2), ("ioprio_set", 3)):
        assert answer(number[name], of_user, 1000) == EPERM
        assert [answer(number[name], 1, who) for who in (0, 1, 7)] == [ALLOW, EPERM, ALLOW], name
    assert [answer(number["prctl"], option) for option in (4, 15)] == [EPERM, ALLOW]  # PR_SET_DUMPABLE, PR_SET_NAME
