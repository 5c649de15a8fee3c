"""The driver as the first process of a container that is its own: the `docker` sandbox seen from inside.

The engine has made the namespaces, the read-only root and the writable places (grader/backends/docker);
what is left is to become inconspicuous, to choose an identity for the submission, and to serve plans that
arrive on standard input, one line each, until that ends. Observations leave on standard output.

Who is who: the driver is root in the container with the few capabilities that it needs, the submission a
uid that nothing else on the engine's machine has (RLIMIT_NPROC counts a uid's processes in all containers,
setrlimit(2)), without any capability. As PID 1 the driver cannot be signalled from inside
(pid_namespaces(7)) and, not being dumpable, not be looked into (ptrace(2)).
"""

from __future__ import annotations

import gc
import os
import select
import signal
import threading
from pathlib import Path

from driver import kernel, landlock
from driver.disguise import disguise
from driver.inside import Inside
from driver.lessons import Lessons
from driver.session import Channel, Session
from grader import wire
from grader.wire import SourceFile

_HOME = "/opt/grader"
_UIDS = range(0x60000000, 0x6FFFFFFF)  # no distribution hands these out
_WRITABLE = ("/work", "/tmp", "/var/tmp", "/build", "/dev/shm", "/dev/mqueue")
_REFERRING = 2  # the version of Landlock from which on links and renames from directory to directory can be allowed
_CONTROL = ("/sys/fs/cgroup/memory/memory.oom_control", "/sys/fs/cgroup/memory.events")  # version 1, version 2
_RUN = {
    "passwd": "root:x:0:0:root:/:/bin/sh\nstudent:x:{uid}:{uid}:student:/work:/bin/sh\n",
    "group": "root:x:0:\nstudent:x:{uid}:\n",
}


def main() -> None:
    """Entry of the image. Ends when standard input does."""
    for number in range(1, signal.NSIG):
        # PID 1 gets no signal that it has no handler for; Python's own SIGINT handler would be one.
        if signal.getsignal(number) is signal.default_int_handler:
            signal.signal(number, signal.SIG_DFL)
    channel = _take_channel()
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    disguise()
    uid = _choose_uid()
    for name, text in _RUN.items():
        Path("/run", name).write_text(text.format(uid=uid), encoding="ascii")
    os.chown("/work", uid, uid)
    os.umask(0o022)
    rules = _rules()
    inside = Inside(
        launcher=f"{_HOME}/launch",
        uid=uid,
        gid=uid,
        programs_fd=os.open("/programs", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC),
        owner=uid,
        group=uid,
        rules=lambda _trusted: rules,
        runtime=_runtime,
        out_of_memory=next((path for path in _CONTROL if os.access(path, os.R_OK)), ""),
    )
    wire.prepare()
    gc.collect()
    gc.freeze()
    gc.disable()
    Session(inside, channel, Lessons()).serve()


def _rules() -> int:
    """Landlock rules that leave /proc readable only, or -1 where the kernel has none that suit.

    The root is read-only already, but the engine's /proc is not, and without CAP_SYS_ADMIN it cannot be made so: a
    submission could take back that it is the first to go when memory runs out (proc(5), oom_score_adj).
    """
    if landlock.version() < _REFERRING:
        return -1
    allowed = [("/", landlock.READ), ("/dev", landlock.USE)]
    allowed.append(("/trace", landlock.USE))  # the files that lie there, and to make none
    return landlock.ruleset([*allowed, *((path, landlock.CHANGE) for path in _WRITABLE)])


def _runtime() -> tuple[SourceFile, ...]:
    """See Inside.runtime: the image has them where the sandbox's folder had their sources."""
    return tuple(SourceFile(path.name, path.read_bytes()) for path in sorted(Path(_HOME, "runtime").glob("*.[ao]")))


def _take_channel() -> Channel:
    """Standard input and output become a channel that no program inherits; who hangs up ends everything."""
    read, write = os.dup(0), os.dup(1)  # close-on-exec, as all that Python opens
    null = os.open("/dev/null", os.O_RDWR | os.O_CLOEXEC)
    for standard in (0, 1):
        os.dup2(null, standard)
    os.close(null)
    threading.Thread(target=_end_with, args=(read,), daemon=True).start()
    return Channel(read, write)


def _end_with(descriptor: int) -> None:
    """Leave at once when the other end hangs up, also amid a case: nobody is there to hear of it."""
    poll = select.poll()
    poll.register(descriptor, 0)  # POLLHUP and POLLERR are told unasked
    poll.poll()
    os._exit(0)


def _choose_uid() -> int:
    """A uid that is mapped here: an engine without root has only some tens of thousands to give."""
    wanted = _UIDS[int.from_bytes(os.urandom(4), "little") % len(_UIDS)]
    ranges = [
        (int(first), int(first) + int(count))
        for first, _, count in (line.split() for line in Path("/proc/self/uid_map").read_text("ascii").splitlines())
    ]
    if any(first <= wanted < end for first, end in ranges):
        return wanted
    low, high = max(ranges, key=lambda found: found[1] - found[0])
    return low + (high - low) // 2 + wanted % max((high - low) // 2, 1)
