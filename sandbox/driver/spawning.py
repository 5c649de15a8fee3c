"""Starting a process where the submission has the driver's own uid, and so may signal whatever the driver starts.

posix_spawn() is a vfork(): the driver stands still until the child has called exec. Who stops that child stops the
driver, which could not even continue it. So where there is anybody who might, the driver forks.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

FileActions = Sequence[tuple[int, ...]]  # as os.posix_spawn takes them; of os.POSIX_SPAWN_OPEN none is used


def has_children() -> bool:
    """Is there any process below this one, be it a zombie? Who has lost its parent is a child of the driver's."""
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def spawn(path: str, argv: list[str], env: Mapping[str, str], *, file_actions: FileActions, **signals: Any) -> int:
    """As os.posix_spawn does; where this process has children, whoever is started resets its signals (launch.c)."""
    if not has_children():
        return os.posix_spawn(path, argv, env, file_actions=file_actions, **signals)
    pid = os.fork()
    if pid == 0:
        execute(path, argv, env, file_actions)
    return pid


def execute(path: str, argv: list[str], env: Mapping[str, str], file_actions: FileActions) -> NoReturn:
    """In a child: become the launcher, or tell why not where the launcher would."""
    try:
        for action in file_actions:
            if action[0] == os.POSIX_SPAWN_DUP2:
                os.dup2(action[1], action[2])
            else:
                os.close(action[1])
        os.execve(path, argv, env)
    except OSError as error:
        with contextlib.suppress(OSError):
            failures = next(int(word.removeprefix("errfd=")) for word in argv if word.startswith("errfd="))
            os.write(failures, f"launcher {error.errno}\n".encode())
    finally:
        os._exit(127)
