"""Processes that the driver is not the parent of."""

from __future__ import annotations

import os
import signal

import pytest

from driver.processes import Child


class _JustSeen(Child):
    """It was alive at the look, and is gone at the call: its parent ended it in between."""

    @property
    def alive(self) -> bool:
        return True


@pytest.mark.parametrize("group", [False, True])
def test_a_child_that_its_parent_ends_meanwhile_is_no_error_of_ours(group: bool) -> None:
    pid = os.fork()
    if pid == 0:
        signal.pause()
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)

    assert not _JustSeen("child 1 of main", pid, 1).send(signal.SIGKILL, group=group)
