"""A run's use of one engine: connection, image, pool. All of it needs docker-py."""

from __future__ import annotations

import contextlib
import difflib
import threading
import time
from dataclasses import replace

from grader.backends.docker import connection, image, owners, sources
from grader.backends.docker.container import Container, Recipe, seccomp_profile
from grader.backends.docker.pool import Pool
from grader.errors import SandboxError
from grader.model import SandboxSettings

_OPTIONS = ("image", "memory", "processes", "runtime")
_OTHERS = ("inplace",)  # of other sandboxes, in the same place of grader.yaml
_WAIT = 120.0  # seconds that an engine may be away in the middle of a run
_LOOK = 0.5  # seconds between two tries to reach it


class Operation:
    """From the first container to the removal of the last. Raises SandboxError where that cannot be."""

    def __init__(self, settings: SandboxSettings) -> None:
        _check_names(settings)
        self.client = connection.connect()
        with connection.told("the Docker engine does not list its containers"):
            owners.remove_abandoned(self.client)
        self.image = self._image(settings)
        self._recipe = _recipe(settings, self.image)
        self._lock = threading.Lock()
        self._taken = 0
        self._ended = threading.Event()
        self.pool = Pool(self._make, max(settings.jobs, 1))
        # A first one, for the first submission, and to see that it works here.
        try:
            self.pool.put(self._make())
        except SandboxError:
            self.client.close()
            raise

    def _image(self, settings: SandboxSettings) -> str:
        """The id of the image of the present sources, built if it is not there, or of the one that is asked for."""
        if named := settings.options.get("image"):
            with connection.told(f"the image {named} of grader.yaml cannot be used"):
                return str(self.client.images.get(named).id)
        wanted = sources.sources(settings.driver)
        found = image.find(self.client, wanted)
        return found or image.build(self.client, wanted, settings.tell or (lambda _: None))

    def _make(self) -> Container:
        made = Container(self.client, self._recipe)
        try:
            made.await_ready()
        except BaseException:
            made.close()
            raise
        return made

    def take(self) -> Container:
        """A ready container. An engine that has gone away in the meantime is waited for."""
        with self._lock:
            self._taken += 1
            more = self._taken > 1
        began = time.monotonic()
        while True:
            try:
                return self.pool.take(more=more)
            except SandboxError as error:
                # Nothing announces that an engine is back: it has to be tried.
                if not connection.is_gone(error) or time.monotonic() - began > _WAIT or self._ended.wait(_LOOK):
                    raise

    def close(self) -> None:
        """Remove every container."""
        self._ended.set()
        self.pool.close()
        # One that an engine did not remove when it was asked to, because it was away, is still ours.
        with contextlib.suppress(SandboxError), connection.told("the Docker engine does not list its containers"):
            owners.remove_own(self.client, self._recipe.labels)
        self.client.close()


def _recipe(settings: SandboxSettings, image: str) -> Recipe:
    """What grader.yaml says (sandbox: {options: {memory: 2g, processes: "2048", runtime: runsc}}) over our own."""
    options = settings.options
    made = Recipe(image, seccomp_profile(settings.driver), owners.run_labels())
    processes = options.get("processes", str(made.processes))
    if not processes.isdecimal() or not int(processes):
        raise SandboxError(f"grader.yaml: sandbox options: 'processes' is a number of processes, not '{processes}'")
    return replace(
        made,
        memory=options.get("memory", made.memory),
        processes=int(processes),
        runtime=options.get("runtime", ""),
    )


def _check_names(settings: SandboxSettings) -> None:
    for name in settings.options:
        if name not in (*_OPTIONS, *_OTHERS):
            close = difflib.get_close_matches(name, _OPTIONS, 1)
            meant = f"did you mean '{close[0]}'?" if close else f"docker knows {', '.join(_OPTIONS)}"
            raise SandboxError(f"grader.yaml: sandbox options: unknown option '{name}'; {meant}")
