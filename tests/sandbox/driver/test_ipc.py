"""driver/ipc.py against a real IPC namespace."""

from __future__ import annotations

import errno
import os

import pytest

from driver import ipc
from driver.ipc import Owner
from tests.sandbox.driver.namespaces import in_namespaces, need_other_uids

OTHER = 12345


@in_namespaces
def test_ids_do_not_start_at_zero_and_nothing_remains() -> None:
    ipc.burn_first_ids()
    assert (ipc.shms(), ipc.sems(), ipc.msgs()) == ((), (), ())
    made = [ipc.make_shm(0, 1), ipc.make_sem(0, [0]), ipc.make_msg(0)]
    assert 0 not in made


@in_namespaces
def test_a_segment_is_listed_as_it_was_made() -> None:
    made = ipc.make_shm(0xDEADBEEF, 5000, 0o640)
    (found,) = ipc.shms()
    assert (found.key, found.id, found.mode, found.size) == (0xDEADBEEF, made, 0o640, 5000)
    assert (found.cpid, found.nattch, found.removed) == (os.getpid(), 0, False)
    ipc.remove_shm(made)
    assert ipc.shms() == ()


@in_namespaces
def test_a_set_has_the_values_that_it_was_given() -> None:
    made = ipc.make_sem(0x10, [1, 0, 7])
    (found,) = ipc.sems()
    assert (found.key, found.id, found.nsems) == (0x10, made, 3)
    assert ipc.values(made) == (1, 0, 7)
    ipc.set_values(made, [2, 2, 2])
    assert ipc.values(made) == (2, 2, 2)
    assert ipc.last_pid(made, 1) == os.getpid()
    with pytest.raises(OSError, match="the set has 3 semaphores, not 1"):
        ipc.set_values(made, [2])
    ipc.remove_sem(made)
    assert ipc.sems() == ()


@in_namespaces
def test_a_queue_is_listed_as_it_was_made() -> None:
    made = ipc.make_msg(0x11, 0o600)
    (found,) = ipc.msgs()
    assert (found.key, found.id, found.qnum, found.cbytes, found.lspid) == (0x11, made, 0, 0, 0)
    ipc.remove_msg(made)
    assert ipc.msgs() == ()


@in_namespaces
def test_an_error_names_the_call_and_the_object() -> None:
    ipc.make_shm(0x4D2, 4)
    with pytest.raises(OSError, match=r"File exists: 'shmget\(0x4d2\)'") as caught:
        ipc.make_shm(0x4D2, 4)
    assert caught.value.errno == errno.EEXIST
    with pytest.raises(OSError, match=r"semctl\(99, IPC_RMID\)"):
        ipc.remove_sem(99)
    with pytest.raises(OSError, match=r"shm_unlink\(/none\)"):
        ipc.remove_posix_shm("/none")
    with pytest.raises(OSError, match=r"mq_open\(/none\)"):
        ipc.mqueue_attributes("/none")


@in_namespaces
def test_posix_objects_are_made_with_mode_and_size_whatever_the_umask() -> None:
    os.umask(0o077)
    ipc.make_posix_shm("/board", 100, 0o664)
    seen = os.stat("/dev/shm/board")
    assert (seen.st_size, seen.st_mode & 0o777) == (100, 0o664)
    ipc.make_posix_sem("/slots", 3, 0o666)
    assert os.stat("/dev/shm/sem.slots").st_mode & 0o777 == 0o666
    with open("/dev/shm/sem.slots", "rb") as file:
        assert ipc.posix_sem_value(file.read()) == 3
    ipc.make_mqueue("/jobs", 5, 64, 0o622)
    assert ipc.mqueue_attributes("/jobs") == ipc.QueueAttributes(maxmsg=5, msgsize=64, curmsgs=0)
    assert os.stat("/dev/mqueue/jobs").st_mode & 0o777 == 0o622
    ipc.remove_posix_shm("/board")
    ipc.remove_posix_sem("/slots")
    ipc.remove_mqueue("/jobs")
    assert os.listdir("/dev/shm") == os.listdir("/dev/mqueue") == []


@in_namespaces
def test_objects_are_handed_to_their_owner() -> None:
    need_other_uids()
    owner = Owner(OTHER, OTHER)
    ipc.make_shm(1, 10, 0o600, owner)
    made = ipc.make_sem(2, [4], 0o600, owner)
    ipc.make_msg(3, 0o600, owner)
    ipc.make_posix_shm("/a", 10, 0o600, owner)
    ipc.make_posix_sem("/a", 1, 0o600, owner)
    ipc.make_mqueue("/a", owner=owner)
    assert [table()[0].uid for table in (ipc.shms, ipc.sems, ipc.msgs)] == [OTHER] * 3
    assert {os.stat(path).st_uid for path in ("/dev/shm/a", "/dev/shm/sem.a", "/dev/mqueue/a")} == {OTHER}
    os.seteuid(OTHER)
    assert ipc.values(made) == (4,)


@in_namespaces
def test_a_driver_without_capabilities_acts_as_the_owner() -> None:
    need_other_uids()
    os.seteuid(OTHER)
    segment, semaphores, queue = ipc.make_shm(0, 10), ipc.make_sem(0, [1, 2]), ipc.make_msg(0)
    # A third uid is to the objects what a root without capabilities is.
    os.seteuid(0)
    os.setresuid(OTHER + 1, OTHER + 1, OTHER)
    with pytest.raises(PermissionError):
        ipc.values(semaphores)
    with pytest.raises(PermissionError):
        ipc.remove_shm(segment)
    assert ipc.values(semaphores, OTHER) == (1, 2)
    assert os.geteuid() == OTHER + 1
    ipc.remove_shm(segment, OTHER)
    ipc.remove_sem(semaphores, OTHER)
    ipc.remove_msg(queue, OTHER)
    assert (ipc.shms(), ipc.sems(), ipc.msgs()) == ((), (), ())
