"""The mother of `local` sandboxes: warm, idle, and forked once for each submission.

It has imported everything that a driver needs, so that a sandbox costs a clone() and its mounts, not the
start of a Python interpreter. The engine starts one zygote (grader/backends/local.py) and talks
to it over a socket, one JSON document a message:

  {"open": SLOT, "bind": [...]}  with a descriptor: the driver's end of its channel
                                 -> {"pid": N} or {"error": "..."}
  {"learn": N}   with a descriptor: cases that the sandboxes to come will know (lessons.py); no answer
  {"forget": N}                  these no more; no answer
  {"close": PID}                 kill that sandbox; no answer
  {"bury": PID}                  the same, wait until it is gone -> {"status": N}, as waitpid(2) tells it

When the socket ends, everything is killed and the zygote exits; when the zygote dies, every
sandbox dies with it (PR_SET_PDEATHSIG).
"""

from __future__ import annotations

import errno
import gc
import json
import os
import signal
import socket
import sys

from driver import confine, kernel
from driver.disguise import find_arguments
from driver.launching import allow_descriptors
from driver.lessons import Lessons
from driver.session import Channel, Session
from driver.vforking import Vforking
from grader import wire
from grader.wire import Fault

_MESSAGE = 65536


class Zygote:
    """control: the engine's socket. launcher, runtime, library: descriptors of what confine.enter() is given."""

    def __init__(self, control: socket.socket, launcher: int, runtime: int, library: int) -> None:
        self._control = control
        self._launcher = launcher
        self._runtime = runtime
        self._vforking = Vforking(library)
        os.close(library)
        self._lessons = Lessons()
        self._children: set[int] = set()
        self._killed: set[int] = set()

    def serve(self) -> None:
        """Answer until the engine goes away."""
        wire.prepare()
        find_arguments()
        confine.shown_of_system()
        # What is here now is never garbage: a collection in a child would copy every page.
        gc.collect()
        gc.freeze()
        gc.disable()
        try:
            while True:
                message, descriptors, _, _ = socket.recv_fds(self._control, _MESSAGE, 1)
                if not message:
                    return
                request = json.loads(message)
                if "open" in request:
                    self._answer(self._open(request["open"], tuple(request["bind"]), descriptors[0]))
                elif "learn" in request:
                    self._lessons.learn(request["learn"], descriptors[0])
                elif "forget" in request:
                    self._lessons.forget(request["forget"])
                elif "close" in request:
                    self._kill(request["close"])
                else:
                    self._answer({"status": self._bury(request["bury"])})
                self._reap()
        finally:
            for pid in tuple(self._children):
                self._bury(pid)

    def _answer(self, document: dict[str, object]) -> None:
        self._control.send(json.dumps(document).encode())

    def _open(self, slot: int, bind: tuple[str, ...], channel: int) -> dict[str, object]:
        who = confine.identity(slot)
        waits, go = os.pipe2(os.O_CLOEXEC)
        try:
            pid = kernel.clone(confine.NAMESPACES)
            if pid == 0:
                os.close(go)
                self._become(who, bind, channel, waits)
            try:
                confine.write_maps(pid, who)
            except OSError:
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
                raise
            self._children.add(pid)
            os.write(go, b"g")
        except OSError as error:
            return {"error": str(error), "errno": errno.errorcode.get(error.errno or 0, "")}
        finally:
            os.close(waits)
            os.close(go)
            os.close(channel)
        return {"pid": pid}

    def _become(self, who: confine.Identity, bind: tuple[str, ...], channel: int, waits: int) -> None:
        """In the child: confine ourselves, then serve as the driver. Never returns."""
        status = 1
        try:
            self._control.close()
            told = Channel(channel, channel)
            if os.read(waits, 1) != b"g":
                os._exit(1)
            os.close(waits)
            try:
                inside = confine.enter(who, self._launcher, self._runtime, self._vforking, bind)
            except OSError as error:
                told.send(Fault(f"the local sandbox cannot be set up: {error.strerror or error}"))
                os._exit(1)
            Session(inside, told, self._lessons).serve()
            status = 0
        finally:
            os._exit(status)

    def _kill(self, pid: int) -> None:
        if pid in self._children:
            self._killed.add(pid)
            os.kill(pid, signal.SIGKILL)  # a zombie takes it too: only _bury and _reap let go of the pid

    def _bury(self, pid: int) -> int:
        if pid not in self._children:
            return 0
        self._kill(pid)
        self._children.discard(pid)
        self._killed.discard(pid)
        return os.waitpid(pid, 0)[1]

    def _reap(self) -> None:
        """Collect sandboxes that were killed before; a namespace takes a few milliseconds to come down."""
        for pid in tuple(self._killed):
            if os.waitpid(pid, os.WNOHANG)[0]:
                self._killed.discard(pid)
                self._children.discard(pid)


def main() -> None:
    """Entry: descriptors of the control socket, the launcher, the runtime and the library are the arguments."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the engine's to handle
    allow_descriptors()
    control = socket.socket(fileno=int(sys.argv[1]))
    Zygote(control, *map(int, sys.argv[2:5])).serve()
