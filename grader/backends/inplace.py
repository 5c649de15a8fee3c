"""The `inplace` sandbox: for a place that is itself thrown away afterwards, and has no room for another.

A Gradescope harness, a CI job or a Kubernetes pod often can neither make namespaces nor reach a container
engine. There the submission runs where the grader runs: with a uid of its own where the grader is root, else
with the grader's own uid behind Landlock (Linux 6.12); sandbox/driver/inplace.py tells how. It refuses to run
where the place does not look like one that is thrown away, and where no wall can be put up, unless told to:
in grader.yaml, or by the environment variable GRADER_INPLACE, which counts more:

  sandbox: {use: inplace, options: {inplace: anywhere}}      also in a place that is not thrown away
  sandbox: {use: inplace, options: {inplace: unprotected}}   also without any wall: for your own code

What it cannot defend, in the words of `caveats`: network, IPC tables, /proc and the temporary directories are
those of the place; memory is limited for each process, not for all together; nothing is mounted, so that
sizes of directories are not limited. An ordinary user's submission can moreover change modes of the user's
own files (chmod(2) is not Landlock's to forbid); and, unlike elsewhere, it cannot use /tmp.

Submissions are graded one at a time in one place, whoever starts the graders: they would see each other's
IPC objects, and an ordinary user's are told apart by nothing. A lock on a file says whose turn it is.
"""

from __future__ import annotations

import fcntl
import os
import socket
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from grader.backends.mother import Forked, Mother
from grader.errors import SandboxError
from grader.hookspecs import hookimpl
from grader.model import Backend, SandboxSettings
from grader.wire import Plan

_SCOPES = 6  # version of Landlock that can keep signals in
_INSISTS = ("anywhere", "unprotected")
_TEMPORARY = ("/tmp", "/var/tmp")  # shown to a submission that has a uid of its own
_HOW = "sandbox: {{use: inplace, options: {{inplace: {0}}}}} in grader.yaml, or GRADER_INPLACE={0}, insists"


@hookimpl
def grader_backends(settings: SandboxSettings) -> Iterable[Backend]:
    """Offer the inplace sandbox."""
    return [InplaceBackend(settings)]


def throwaway(root: Path = Path("/")) -> str:
    """What shows that this is a container, in words; "" where nothing does. root: for tests."""
    for name, words in {
        ".dockerenv": "/.dockerenv",
        "run/.containerenv": "/run/.containerenv",
        "autograder": "/autograder (Gradescope)",
    }.items():
        if (root / name).exists():
            return words
    if os.environ.get("KUBERNETES_SERVICE_HOST"):
        return "KUBERNETES_SERVICE_HOST"
    if any(word.startswith(b"container=") for word in _content(root / "proc/1/environ").split(b"\0")):
        return "container= in the environment of process 1"
    if any(word in _content(root / "proc/1/cgroup") for word in (b"docker", b"kubepods", b"containerd", b"libpod")):
        return "the control group of process 1"
    for line in _content(root / "proc/self/mounts").split(b"\n"):
        if line.split()[1:3] == [b"/", b"overlay"]:
            return "an overlay as root file system"
    return ""


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


class InplaceBackend:
    """The place itself."""

    name = "inplace"
    preference = 90
    identity = ""  # the place's own compiler

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._mother: Mother | None = None
        self._verdict: str | None = None
        self._place = throwaway()
        self._walls: dict[str, Any] = {}

    def unusable(self) -> str:
        """Refuse where nobody would expect it to run; then try it for real."""
        if self._verdict is None:
            try:
                self._verdict = self._refused() or self._tried()
            except SandboxError as error:
                self._verdict = str(error)
        return self._verdict

    @property
    def caveats(self) -> str:
        """What is not defended here, in one line. Known when unusable() has said that it can be used."""
        words = ["shares network, IPC tables, /proc and /dev/shm with this place", "limits memory only per process"]
        root, walls = os.geteuid() == 0, self._walls.get("landlock", 0)
        if not walls:
            words.append("cannot hide files that every user may read (no Landlock here)")
        if not self._place:
            words.append("may leave something behind: this is no container that is thrown away")
        if not root and walls >= _SCOPES:
            words.append("keeps a submission out of /tmp")
            words.append("cannot keep it from changing modes of this user's own files")
        elif not root:
            words.append("lets a submission read, change and kill all that belongs to this user")
        if root and not walls and not self._walls.get("trace"):
            words.append("cannot watch partner programs (no CAP_SYS_PTRACE)")
        return f"the inplace sandbox {'; '.join(words)}"

    def _insists(self) -> str:
        told = os.environ.get("GRADER_INPLACE") or self._settings.options.get("inplace", "")
        if told and told not in _INSISTS:
            raise SandboxError(f"'{told}' is not what the inplace sandbox can be told; there are {', '.join(_INSISTS)}")
        return told

    def _refused(self) -> str:
        if sys.platform != "linux":
            return "the inplace sandbox needs Linux"
        if not self._place and not self._insists():
            return (
                "this does not look like a container that is thrown away, and a submission would share network, IPC "
                f"tables and temporary files with it; {_HOW.format('anywhere')}"
            )
        return ""

    def _tried(self) -> str:
        tried = self.open()
        try:
            for _ in tried.run(Plan((), ())):
                pass
        finally:
            tried.close()
        walls = self._walls["landlock"]
        if self._insists() == "unprotected":
            return ""
        if os.geteuid() != 0 and walls < _SCOPES:
            return (
                "an ordinary user's submission could kill the grader and read all that this user can: run as root, or "
                f"with Linux 6.12 (Landlock 6; here is {walls}); {_HOW.format('unprotected')}"
            )
        if os.geteuid() == 0 and (seen := self._open_to_all(_TEMPORARY if walls else ("/",))):
            return (
                f"a submission could read {seen}: close it (chmod o-rwx){' or move it out of /tmp' if walls else ''}; "
                f"{_HOW.format('unprotected')}"
            )
        return ""

    def _open_to_all(self, shown: tuple[str, ...]) -> str:
        """A directory with secrets (references, specifications, other submissions) that any user can enter.

        shown: only what lies in one of these is visible at all.
        """
        for secret in (self._settings.driver.parent / "exercises", Path.cwd()):
            parts = [secret, *secret.parents]
            visible = any(Path(place) in secret.parents for place in shown)
            if visible and secret.is_dir() and all(part.stat().st_mode & 0o001 for part in parts):
                return str(secret)
        return ""

    def open(self) -> Forked:
        """A fresh sandbox, as soon as no other one is open in this place."""
        turn = _turn()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with self._lock:
                if self._mother is None or not self._mother.alive:
                    self._mother = Mother(self._settings.driver, "driver.inplace")
                mother = self._mother
            # With one uid for all, whatever this user has in /tmp (submissions, a course) would be the submission's.
            common = os.geteuid() == 0
            request = {"open": True, "bind": self._settings.bind, "common": common}
            learned = mother.learned
            answer = mother.ask(request, [theirs.fileno(), turn])
            if "error" in answer:
                raise SandboxError(f"the inplace sandbox cannot be made: {answer['error']}")
        except SandboxError:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(turn)  # the mother has it too, until all is cleaned away
        self._walls = answer
        return Forked(mother, int(answer["pid"]), ours, learned)

    def close(self) -> None:
        """End the mother, and with her a sandbox that is still open."""
        with self._lock:
            mother, self._mother = self._mother, None
        if mother is not None:
            mother.close()


def _turn() -> int:
    """Wait until it is our turn in this place; the descriptor holds the lock.

    In a directory that every container has. A file of another user's cannot be waited for: its owner
    has another uid, and is told apart by that.
    """
    path = f"/tmp/grader-inplace-{os.geteuid()}.lock"
    try:
        turn = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        if os.fstat(turn).st_uid != os.geteuid():
            os.close(turn)
            raise SandboxError(f"{path} belongs to somebody else")
        fcntl.flock(turn, fcntl.LOCK_EX)
    except OSError as error:
        raise SandboxError(f"the lock of the inplace sandbox cannot be had: {error}") from None
    return turn
