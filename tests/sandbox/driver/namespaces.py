"""Run a test function as PID 1 of fresh namespaces, with its own /dev, /proc, home and /tmp.

`@in_namespaces` starts this module with unshare(1); it lays out the place, imports the test's module and
calls the undecorated function. What the function prints and raises is shown when it fails.
"""

from __future__ import annotations

import functools
import importlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pytest

from driver import kernel
from driver.workspace import Workspace

HOME = "/mnt/home"
TEMPORARY = "/mnt/tmp"
_DEVICES = ("null", "zero", "full", "random", "urandom")
_HERE = os.path.dirname(os.path.abspath(__file__))
_REPOSITORY = os.path.normpath(f"{_HERE}/../../..")
_PYTHONPATH = f"{_REPOSITORY}/sandbox:{_REPOSITORY}:{_HERE}"
_SKIPPED = 77


@functools.cache
def _refused(options: str) -> str:
    if shutil.which("unshare") is None:
        return "there is no unshare(1)"
    tried = subprocess.run(["unshare", options, "--mount-proc", "true"], capture_output=True, text=True, check=False)
    return tried.stderr.strip() if tried.returncode else ""


def in_namespaces(test: Callable[..., None]) -> Callable[..., None]:
    """A test that runs in namespaces of its own; as root without a user namespace, so that it can be other uids."""

    @functools.wraps(test)
    def run(**arguments: str) -> None:
        options = "-mpfin" if os.geteuid() == 0 else "-Urmpfin"
        refused = _refused(options)
        if refused:
            pytest.skip(f"no namespaces here: {refused}")
        told = [f"{key}={value}" for key, value in arguments.items()]
        done = subprocess.run(
            ["unshare", options, "--mount-proc", sys.executable, "-m", __name__, test.__module__, test.__name__, *told],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            cwd=_REPOSITORY,
            env={**os.environ, "PYTHONPATH": _PYTHONPATH, "PYTHONWARNINGS": "error"},
            timeout=60,
        )
        if done.returncode == _SKIPPED:
            pytest.skip(done.stdout.strip())
        if done.returncode:
            pytest.fail(f"in namespaces:\n{done.stdout}{done.stderr}", pytrace=False)

    run.inside = test  # type: ignore[attr-defined]
    return run


def workspace(**more: Any) -> Workspace:
    """The place's workspace, as the driver would make it."""
    made = Workspace(HOME, (TEMPORARY,), owner=os.getuid(), group=os.getgid(), **more)
    made.clean()
    return made


def need_other_uids() -> None:
    """Skip where the namespaces have but one uid."""
    with open("/proc/self/uid_map", encoding="ascii") as lines:
        if int(lines.read().split()[2]) == 1:
            pytest.skip("needs root, to be several uids")


def _lay_out() -> None:
    kernel.mount("mnt", "/mnt", "tmpfs")
    for path in (HOME, TEMPORARY, "/mnt/dev/shm", "/mnt/dev/mqueue"):
        os.makedirs(path)
    for name in _DEVICES:
        with open(f"/mnt/dev/{name}", "wb"):
            kernel.mount(f"/dev/{name}", f"/mnt/dev/{name}", flags=kernel.MS_BIND)
    os.symlink("/proc/self/fd", "/mnt/dev/fd")
    kernel.mount("mqueue", "/mnt/dev/mqueue", "mqueue")
    kernel.mount("/mnt/dev", "/dev", flags=kernel.MS_BIND | kernel.MS_REC)


def main(module: str, name: str, *told: str) -> None:
    """Entry, in the namespaces."""
    _lay_out()
    arguments = dict(argument.split("=", 1) for argument in told)
    try:
        getattr(importlib.import_module(module), name).inside(**arguments)
    except pytest.skip.Exception as reason:
        print(reason)
        sys.exit(_SKIPPED)


if __name__ == "__main__":
    main(*sys.argv[1:])
