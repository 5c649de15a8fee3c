"""The `local` sandbox: Linux namespaces, no daemon, a few milliseconds.

Out here is only the handle: a zygote process (sandbox/driver/zygote.py) is started once and forked for each
submission; sandbox/driver/confine.py tells what happens inside. bubblewrap was measured and not taken:
`make bench` prints this machine's figures. On 2 cores `bwrap ... true` took 7.5 ms and `unshare ... true`
4.6 ms, about what a clone of the zygote with its root and mounts takes; but both then start a Python
interpreter for the driver, which the zygote has warm, and that made 160 to 180 ms of it.
"""

from __future__ import annotations

import contextlib
import itertools
import socket
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from grader.backends.mother import Forked, Mother
from grader.errors import SandboxError
from grader.hookspecs import hookimpl
from grader.model import Backend, SandboxSettings
from grader.wire import Observation, Plan

_SLOTS = 64  # sandboxes of one zygote that may live at a time


@hookimpl
def grader_backends(settings: SandboxSettings) -> Iterable[Backend]:
    """Offer the local sandbox."""
    return [LocalBackend(settings)]


class LocalBackend:
    """Namespaces of this machine's own kernel."""

    name = "local"
    preference = 20
    identity = ""  # this machine's own kernel and compiler
    caveats = ""

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._zygote: _Zygote | None = None
        self._verdict: str | None = None
        self._spare: LocalSandbox | None = None
        self._opened = 0

    def unusable(self) -> str:
        """Try it for real: some systems let unshare() through and refuse the first mount."""
        if self._verdict is None:
            try:
                tried = self._fresh()
                for _ in tried.run(Plan((), ())):
                    pass
                self._spare = tried
                self._verdict = ""
            except SandboxError as error:
                self._verdict = str(error)
        return self._verdict

    def open(self) -> LocalSandbox:
        """A fresh sandbox. From the second on the next one is made ready meanwhile, for there will be more."""
        with self._lock:
            spare, self._spare = self._spare, None
            self._opened += 1
            more = self._opened > 1
        sandbox = spare if spare is not None else self._fresh()
        if more:
            threading.Thread(target=self._refill, daemon=True).start()
        return sandbox

    def _refill(self) -> None:
        made: LocalSandbox | None
        # Where no sandbox can be made, whoever needs one is told why.
        with contextlib.suppress(SandboxError):
            made = self._fresh(start=False)
            with self._lock:
                if self._spare is None and self._zygote is not None:
                    self._spare, made = made, None
            if made is not None:
                made.close()

    def _fresh(self, *, start: bool = True) -> LocalSandbox:
        """start: whether a zygote may be started for it."""
        with self._lock:
            if self._zygote is None:
                if not start:
                    raise SandboxError("the local sandbox was closed")
                self._zygote = _Zygote(self._settings.driver)
            zygote = self._zygote
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        learned = zygote.learned
        try:
            pid = zygote.open(theirs.fileno(), self._settings.bind)
        except SandboxError:
            ours.close()
            self._forget(zygote)
            raise
        finally:
            theirs.close()
        return LocalSandbox(zygote, pid, ours, learned)

    def _forget(self, zygote: _Zygote) -> None:
        """A zygote that cannot make sandboxes any more is replaced at the next try."""
        with self._lock:
            if self._zygote is zygote and not zygote.alive:
                self._zygote = None

    def close(self) -> None:
        """End the zygote, and with it every sandbox that is still open."""
        with self._lock:
            spare, self._spare = self._spare, None
            zygote, self._zygote = self._zygote, None
        if spare is not None:
            spare.close()
        if zygote is not None:
            zygote.close()


class LocalSandbox(Forked):
    """One clone of the zygote."""

    def run(self, plan: Plan) -> Iterator[Observation]:
        """See grader.model.Sandbox."""
        try:
            yield from super().run(plan)
        except SandboxError as error:
            if "cannot be set up" in str(error):
                raise SandboxError(f"{error}{_advice()}") from None
            raise


class _Zygote(Mother):
    """The warm process that is cloned for each sandbox."""

    def __init__(self, driver: Path) -> None:
        if sys.platform != "linux":
            raise SandboxError("the local sandbox needs Linux; use --sandbox docker")
        super().__init__(driver, "driver.zygote")
        self._count = itertools.count(1)

    def open(self, channel: int, bind: tuple[str, ...]) -> int:
        """The pid of a new sandbox, whose driver listens to this descriptor."""
        slot = (self.pid % (1 << 22)) * _SLOTS + next(self._count) % _SLOTS
        answer = self.ask({"open": slot, "bind": bind}, [channel])
        if "error" in answer:
            raise SandboxError(f"the local sandbox cannot be made: {answer['error']}{_advice()}")
        return int(answer["pid"])


_SETTINGS = (
    ("kernel/unprivileged_userns_clone", "0", "sysctl kernel.unprivileged_userns_clone=1"),
    ("kernel/apparmor_restrict_unprivileged_userns", "1", "sysctl kernel.apparmor_restrict_unprivileged_userns=0"),
    ("user/max_user_namespaces", "0", "sysctl user.max_user_namespaces=10000"),
)


def _advice() -> str:
    """Which setting of this machine forbids namespaces, and what to do about it."""
    found = []
    for name, forbidding, remedy in _SETTINGS:
        with contextlib.suppress(OSError):
            if Path("/proc/sys", name).read_text().strip() == forbidding:
                found.append(f"{name.replace('/', '.')} is {forbidding}: as root, `{remedy}`")
    if found:
        return "; " + "; ".join(found)
    return "; this system seems to refuse unprivileged namespaces (a container?): use --sandbox docker, or run as root"
