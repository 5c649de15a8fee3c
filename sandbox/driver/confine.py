"""The `local` sandbox seen from inside: from a fork of the zygote to a confined driver.

Theory of operation. The zygote (zygote.py) clones a child into fresh user, PID, IPC, network,
mount, UTS and cgroup namespaces; that child is PID 1 there and becomes the driver. First it
builds a root from nothing: a tmpfs with read-only views of the system's /usr and little more, its own
/proc, /dev, /dev/shm, /dev/mqueue and /tmp of limited size; home directories, the project and the
rest of the file system are simply not there. Then it lets go of the old root.

The submission never runs as the driver:
- where the grader is root, driver and submission are two unused uids of the host;
- an ordinary user has only one uid to give, so the submission gets a nested user namespace in which
  it has no privilege over the driver's. Signals are held off by the kernel's protection of PID 1
  (pid_namespaces(7): from inside, none that it has no handler for, SIGKILL and SIGSTOP never),
  memory and descriptors by user_namespaces(7) and PR_SET_DUMPABLE, files by read-only mounts.

Everything in here runs before the first byte of the submission is touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import signal
import socket
import stat
import struct
from dataclasses import dataclass

from driver import kernel, region
from driver.disguise import disguise
from driver.inside import Inside, runtime_in
from driver.kernel import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID, MS_REC
from driver.spawning import spawn
from driver.vforking import Vforking

NAMESPACES = (
    kernel.CLONE_NEWUSER
    | kernel.CLONE_NEWPID
    | kernel.CLONE_NEWIPC
    | kernel.CLONE_NEWNET
    | kernel.CLONE_NEWNS
    | kernel.CLONE_NEWUTS
    | kernel.CLONE_NEWCGROUP
)

STUDENT = 1000  # the submission's uid and gid, as seen inside
_SIOCSIFFLAGS, _IFF_UP, _IFF_RUNNING = 0x8914, 0x1, 0x40
_NEW = "/tmp"  # covered by our own tmpfs in our own mount namespace

_SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
_ETC = ("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/ld.so.conf.d", "/etc/localtime")
_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_FILES = {
    "/etc/passwd": f"root:x:0:0:root:/:/bin/sh\nstudent:x:{STUDENT}:{STUDENT}:student:/work:/bin/sh\n",
    "/etc/group": f"root:x:0:\nstudent:x:{STUDENT}:\n",
    "/etc/hosts": "127.0.0.1 localhost\n",
    "/etc/nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}
# What launch.c needs to become the submission.
_LAUNCHING = frozenset({kernel.CAP_SETGID, kernel.CAP_SETUID, kernel.CAP_SETPCAP})
# Sizes of every place that the submission can write to.
_WRITABLE = {
    "/work": "size=32m,nr_inodes=4k",
    "/tmp": "size=32m,nr_inodes=4k",
    "/var/tmp": "size=8m,nr_inodes=1k",
    "/build": "size=96m,nr_inodes=4k",
    "/dev/shm": "size=16m,nr_inodes=1k",
}
# Of the IPC namespace: enough for an exercise, too little to hurt the machine (sysvipc(7), mq_overview(7)).
_SYSCTLS = {
    "kernel/shmall": "8192",
    "kernel/shmmax": "33554432",
    "kernel/shmmni": "64",
    "kernel/msgmni": "32",
    "kernel/msgmnb": "65536",
    "kernel/sem": "250 2048 100 64",
    "fs/mqueue/queues_max": "32",
}


@functools.cache
def links_of_system() -> tuple[tuple[str, str], ...]:
    """Which of the system's directories are links, and to what: /bin to usr/bin. Worked out before the fork."""
    return tuple((path, os.readlink(path)) for path in _SYSTEM if os.path.islink(path))


@functools.cache
def shown_of_system() -> tuple[str, ...]:
    """What else of the system is there to be shown. Worked out before the fork, too."""
    links = dict(links_of_system())
    return tuple(path for path in (*_SYSTEM, *_ETC) if path not in links and os.path.exists(path))


@dataclass(frozen=True)
class Identity:
    """uid_map and gid_map lines of the sandbox. nested: driver and submission share one uid outside."""

    nested: bool
    uid_map: str
    gid_map: str


def identity(slot: int) -> Identity:
    """Whom to be. slot: a number that no other living sandbox of this machine has.

    Root takes two uids out of a range that no distribution hands out, two for each slot, since
    RLIMIT_NPROC is counted for a uid over all its processes on kernels before 5.14.
    """
    if os.geteuid() != 0:
        return Identity(True, f"0 {os.geteuid()} 1\n", f"0 {os.getegid()} 1\n")
    base = 0x70000000 + 2 * slot
    lines = f"0 {base} 1\n{STUDENT} {base + 1} 1\n"
    return Identity(False, lines, lines)


def write_maps(pid: int, who: Identity) -> None:
    """Called outside, by the parent of the cloned child (user_namespaces(7) tells who may)."""
    if who.nested:
        _write(f"/proc/{pid}/setgroups", "deny")
    _write(f"/proc/{pid}/uid_map", who.uid_map)
    _write(f"/proc/{pid}/gid_map", who.gid_map)


def enter(who: Identity, launcher: int, runtime: int, vforking: Vforking, bind: tuple[str, ...]) -> Inside:
    """Called in the cloned child: build the root, move in, and tell what it is like inside.

    launcher: descriptor of the `launch` program; runtime: of what inside.runtime_in reads. vforking: as Inside has
    it. bind: further directories to show, read-only.
    Raises OSError; the message names the step that the kernel refused.
    """
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    os.setgid(0)
    os.setuid(0)
    # Changing the uid cleared it: the sandbox dies with the zygote (prctl(2)).
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    # launch.c drops the rest: for each of its programs as many as are left.
    kernel.bound_capabilities(_LAUNCHING)
    disguise()
    os.umask(0o022)
    kernel.sethostname("localhost")
    _bring_loopback_up()
    programs_fd = _build_root(bind)
    namespace = _hold_namespace(launcher) if who.nested else -1
    _settle_proc(who.nested)
    # The submission could take back what launch.c has set for it (oom_score_adj), were it not read-only.
    proc = os.open("/proc", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    kernel.mount("/proc", "/proc", flags=MS_BIND | MS_REC)
    kernel.make_mount("/proc", kernel.MOUNT_ATTR_RDONLY, recursive=False)
    kernel.make_mount("/", kernel.MOUNT_ATTR_RDONLY, recursive=False)
    owner = 0 if who.nested else STUDENT
    os.chown("/work", owner, owner)  # /build stays the driver's: who writes there could spoil the next build
    return Inside(
        launcher=f"/proc/self/fd/{launcher}",
        uid=STUDENT,
        gid=STUDENT,
        programs_fd=programs_fd,
        namespace=namespace,
        proc=proc,
        owner=owner,
        group=owner,
        spawn=spawn if who.nested else os.posix_spawn,
        vforking=vforking,
        lay_trace=lambda place: _mount_trace(place, nested=who.nested),
        runtime=lambda: runtime_in(runtime),
    )


def _build_root(bind: tuple[str, ...]) -> int:
    """The new root. Returns a descriptor through which the driver, and nobody else, writes /programs."""
    kernel.mount("none", "/", flags=MS_REC | kernel.MS_PRIVATE)
    # Before the tmpfs hides what lies below the mount point, hold on to everything that is shown.
    seen = (*shown_of_system(), *(path for path in bind if os.path.exists(path)))
    shown = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in seen]
    devices = [(f"/dev/{name}", os.open(f"/dev/{name}", os.O_PATH | os.O_CLOEXEC)) for name in _DEVICES]
    kernel.mount("root", _NEW, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    for path, target in links_of_system():
        os.symlink(target, _NEW + path)
    for path in ("/proc", "/dev", "/dev/pts", "/dev/mqueue", "/etc", "/var", "/programs", "/trace", *_WRITABLE):
        os.mkdir(_NEW + path)
    for path, descriptor in shown:
        _show(descriptor, _NEW + path)
        kernel.make_mount(_NEW + path, kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV)
    for path, descriptor in devices:
        _show(descriptor, _NEW + path)
    for path, text in _FILES.items():
        _write(_NEW + path, text)
    for path, options in _WRITABLE.items():
        mode = "755" if path in ("/work", "/build") else "1777"
        kernel.mount(path, _NEW + path, "tmpfs", MS_NOSUID | MS_NODEV, f"mode={mode},{options}")
    for name, target in {"fd": "/proc/self/fd", "stdin": "fd/0", "stdout": "fd/1", "stderr": "fd/2"}.items():
        os.symlink(target, f"{_NEW}/dev/{name}")
    os.symlink("pts/ptmx", f"{_NEW}/dev/ptmx")
    kernel.mount("devpts", f"{_NEW}/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=620")
    kernel.mount("mqueue", f"{_NEW}/dev/mqueue", "mqueue", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    # hidepid: nobody but itself is to be seen. gid: the driver sees everyone, also who is not dumpable;
    # in a nested namespace the submission's gid is the same outside, so there it sees the driver too.
    kernel.mount("proc", f"{_NEW}/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, "hidepid=2,gid=0")
    programs_fd = _mount_programs()
    os.chdir(_NEW)
    kernel.pivot_root(".", ".")
    kernel.unmount(".")
    os.chdir("/")
    return programs_fd


def _mount_programs() -> int:
    """A tmpfs under a read-only view of itself: whoever comes by path cannot write, whatever its uid."""
    place = _NEW + "/programs"
    kernel.mount("programs", place, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=96m,nr_inodes=1k")
    writable = os.open(place, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    kernel.mount(place, place, flags=MS_BIND)
    kernel.make_mount(place, kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV)
    return writable


def _mount_trace(place: str, *, nested: bool) -> int:
    """See Inside.lay_trace. In a tmpfs of its own, which no plain build pays for.

    nested: driver and submission are one uid, which might remove the files: so the place is read-only, but for the
    region itself.
    """
    kernel.mount("trace", place, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=711,size=160m,nr_inodes=16")
    made = region.lay(place)
    if nested:
        kernel.mount(place, place, flags=MS_BIND)
        kernel.make_mount(place, kernel.MOUNT_ATTR_RDONLY | kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV)
        kernel.mount(f"/proc/self/fd/{made}", f"{place}/{region.REGION}", flags=MS_BIND)
    return made


def _bring_loopback_up() -> None:
    """127.0.0.1 answers, as in a container and on a student's laptop (netdevice(7)); there is nothing else."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as control:
        fcntl.ioctl(control, _SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", _IFF_UP | _IFF_RUNNING))


def _show(descriptor: int, target: str) -> None:
    """Bind what the descriptor names, and all mounts below it, to a target that is made for it."""
    make = _make_directory if stat.S_ISDIR(os.fstat(descriptor).st_mode) else _make_file
    try:
        make(target)
    except FileNotFoundError:
        os.makedirs(os.path.dirname(target))
        make(target)
    kernel.mount(f"/proc/self/fd/{descriptor}", target, flags=MS_BIND | MS_REC)
    os.close(descriptor)


def _make_directory(path: str) -> None:
    with contextlib.suppress(FileExistsError):
        os.mkdir(path)


def _make_file(path: str) -> None:
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o644))


def _settle_proc(nested: bool) -> None:
    """Sysctls of the new namespaces; then /proc/sys is read-only."""
    # The submission makes no user namespaces; where it lives in a nested one, that one says so.
    settings = _SYSCTLS if nested else _SYSCTLS | {"user/max_user_namespaces": "0"}
    for name, value in settings.items():
        try:
            _write(f"/proc/sys/{name}", value)
        except OSError as error:
            # Before Linux 6.x some of these belong to the host even in a fresh namespace.
            if error.errno not in (1, 2, 13, 22):
                raise
    kernel.mount("/proc/sys", "/proc/sys", flags=MS_BIND | MS_REC)
    kernel.make_mount("/proc/sys", kernel.MOUNT_ATTR_RDONLY)


def _hold_namespace(launcher: int) -> int:
    """The nested user namespace of the submission: a descriptor that keeps it alive."""
    told, tell = os.pipe2(os.O_CLOEXEC)
    waits, go = os.pipe2(os.O_CLOEXEC)
    pid = os.posix_spawn(
        f"/proc/self/fd/{launcher}",
        ["launch", "hold-namespace", "errfd=200"],
        {},
        file_actions=[(os.POSIX_SPAWN_DUP2, waits, 0), (os.POSIX_SPAWN_DUP2, tell, 200)],
    )
    os.close(tell)
    os.close(waits)
    try:
        _await(told, b"ready\n")
        _write(f"/proc/{pid}/setgroups", "deny")
        _write(f"/proc/{pid}/uid_map", f"{STUDENT} 0 1\n")
        _write(f"/proc/{pid}/gid_map", f"{STUDENT} 0 1\n")
        held = os.open(f"/proc/{pid}/ns/user", os.O_RDONLY | os.O_CLOEXEC)
        os.close(go)
        _await(told, b"done\n")
    finally:
        os.close(told)
        os.waitpid(pid, 0)
    return held


def _await(descriptor: int, word: bytes) -> None:
    said = os.read(descriptor, 64)
    if said != word:
        raise OSError(f"nested user namespace: {said.decode('ascii', 'replace').strip() or 'the launcher died'}")


def _write(path: str, text: str) -> None:
    create = 0 if path.startswith("/proc/") else os.O_CREAT | os.O_TRUNC
    descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC | create, 0o644)
    try:
        os.write(descriptor, text.encode())
    except OSError as error:
        raise OSError(error.errno, f"write {path}: {os.strerror(error.errno or 0)}") from None
    finally:
        os.close(descriptor)
