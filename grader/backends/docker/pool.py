"""Started containers, kept ready: starting one takes longer than grading in it.

A container serves one submission. While submissions are graded, one thread starts containers for
those to come, never more than `most` at a time; another removes those that are done with. Both run off the path
of a grading.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable

from grader.backends.docker.container import Container
from grader.errors import SandboxError


class Pool:
    """make: makes and starts one container (SandboxError). most: how many may wait here ready."""

    def __init__(self, make: Callable[[], Container], most: int) -> None:
        self._make = make
        self._most = most
        self._ready: deque[Container] = deque()
        self._changed = threading.Condition()
        self._wanted = 0  # how many the filler shall have ready
        self._making = 0
        self._closed = False
        self._filler: threading.Thread | None = None
        self._done: queue.SimpleQueue[Container | None] = queue.SimpleQueue()
        self._remover: threading.Thread | None = None

    def take(self, *, more: bool) -> Container:
        """A ready container; one that is being started is waited for, else it is made here and now.

        more: there will be further submissions, so keep some ready from now on. Raises SandboxError.
        """
        with self._changed:
            if more:
                self._wanted = self._most
                self._fill()
            while not self._ready and self._making and not self._closed:
                self._changed.wait()
            if self._ready:
                taken = self._ready.popleft()
                self._changed.notify_all()
                return taken
        return self._make()

    def await_full(self) -> None:
        """Wait until as many are ready as shall be; for measurements."""
        with self._changed:
            while self._making or (len(self._ready) < self._wanted and self._filler is not None):
                self._changed.wait()

    def put(self, container: Container) -> None:
        """A fresh container that was started for trying."""
        with self._changed:
            self._ready.append(container)

    def _fill(self) -> None:
        if self._filler is None and self._wanted:
            self._filler = threading.Thread(target=self._keep_filled, daemon=True)
            self._filler.start()

    def _keep_filled(self) -> None:
        while True:
            with self._changed:
                while not self._closed and len(self._ready) >= self._wanted:
                    self._changed.wait()
                if self._closed:
                    return
                self._making += 1
            made: Container | None = None
            try:
                # Whoever needs one and finds none makes it himself, and is told why that fails.
                with contextlib.suppress(SandboxError):
                    made = self._make()
            finally:
                with self._changed:
                    self._making -= 1
                    if made is None:
                        self._wanted = 0  # until the next take()
                        self._filler = None
                    elif not self._closed:
                        self._ready.append(made)
                        made = None
                    closed = self._closed
                    stop = self._filler is None
                    self._changed.notify_all()
            if made is not None:
                made.close()
            if closed or stop:
                return

    def discard(self, container: Container) -> None:
        """Remove a container, off this thread."""
        with self._changed:
            if self._closed:
                closed = True
            else:
                closed = False
                if self._remover is None:
                    self._remover = threading.Thread(target=self._remove, daemon=True)
                    self._remover.start()
        if closed:
            container.close()
        else:
            self._done.put(container)

    def _remove(self) -> None:
        while (container := self._done.get()) is not None:
            container.close()

    def close(self) -> None:
        """Remove every container that is still here, and wait until they are gone."""
        with self._changed:
            if self._closed:
                return
            self._closed = True
            filler, remover = self._filler, self._remover
            left = list(self._ready)
            self._ready.clear()
            self._changed.notify_all()
        for container in left:
            container.close()
        if remover is not None:
            self._done.put(None)
            remover.join()
        if filler is not None:
            filler.join()
