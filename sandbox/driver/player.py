"""One case, from its plan to its observation: census, steps, settle, census, clean."""

from __future__ import annotations

import contextlib
import copy
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any

from driver.census import Census
from driver.inside import Inside
from driver.loop import CaseEndedError, ChildSignal
from driver.stage import Programs, Stage
from driver.tracer import Recorder
from driver.verbs import perform
from driver.verbs.programs import collect
from driver.workspace import Workspace
from grader import wire
from grader.trace import Tracing
from grader.wire import CaseObservation, CasePlan, Ended, Leftover, StepOutcome

_DRIVE = "drive.py"


class DriveError(Exception):
    """The exercise's drive.py is wrong: ours (the instructor's), never the student's."""


def _place(error: BaseException) -> str:
    """drive.py:LINE, the last line of drive.py that the error came through."""
    if isinstance(error, SyntaxError) and error.filename == _DRIVE:
        return f"{_DRIVE}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == _DRIVE]
    return f"{_DRIVE}:{lines[-1]}" if lines else _DRIVE


def _is_ours(error: Exception) -> bool:
    """Did a system call of the driver fail, below a verb?"""
    return isinstance(error, OSError) and traceback.extract_tb(error.__traceback__)[-1].filename != _DRIVE


@contextlib.contextmanager
def _late_is_left_behind() -> Iterator[None]:
    """Who is never at rest, or may not be looked at (PR_SET_DUMPABLE), until the time is up is a stray like others."""
    try:
        yield
    except CaseEndedError as end:
        if end.ended is not Ended.WALL:
            raise


def _is_broken_off(plan: CasePlan, end: CaseEndedError) -> bool:
    """Did a program in which a call was made to fail leave the scenario? Then what counts is how it ended."""
    faulty = plan.tracing is not None and plan.tracing.point is not None and plan.tracing.point.fault is not None
    return faulty and end.ended in (Ended.EXITED, Ended.END_OF_FILE, Ended.REFUSED, Ended.STUCK)


class Verbs:
    """What a function of drive.py gets: every verb of the plan as a method, and the parameters.

    case.start(name="server", argv=["./server"], program="server"); case.expect(source="server",
    pattern="ready\\n"). A verb that reads returns bytes.
    """

    def __init__(self, perform: Callable[[wire.Step], bytes], parameters: dict[str, Any]) -> None:
        self._perform = perform
        self.parameters = parameters

    def __getattr__(self, verb: str) -> Callable[..., bytes]:
        kind = wire.VERBS.get(verb)
        if kind is None:
            raise AttributeError(f"no step is called {verb!r}; there are {', '.join(sorted(wire.VERBS))}")

        def call(**arguments: Any) -> bytes:
            fixed = {key: tuple(value) if isinstance(value, list) else value for key, value in arguments.items()}
            return self._perform(kind(**fixed))

        return call


class Player:
    """Plays cases, one after the other, in one sandbox."""

    def __init__(
        self,
        inside: Inside,
        child_signal: ChildSignal,
        workspace: Workspace,
        recorder: Recorder,
        drive: str,
        meanwhile: Callable[[], None],
    ) -> None:
        """meanwhile: what is to be done where a case takes its time (see loop.Loop)."""
        self._inside = inside
        self._child_signal = child_signal
        self._workspace = workspace
        self._recorder = recorder
        self._drive = drive
        self._meanwhile = meanwhile
        self._censuses: dict[str, Census] = {}  # build -> what lies about before any of its cases

    def play(self, plan: CasePlan, programs: Programs) -> CaseObservation:
        """Play one case; its directory offers each of the programs as ./NAME.

        Raises OverloadedError, OSError, DriveError: faults of ours.
        """
        began = time.monotonic()
        census = self._prepare(programs)
        tracer = None
        if programs.traced:
            tracer = self._recorder.begin(plan.tracing or Tracing(), programs.build, programs.names)
        stage = Stage(
            self._inside, plan.limits, programs, self._child_signal, self._workspace, census, tracer, self._meanwhile
        )
        outcomes: list[StepOutcome] = []
        end: CaseEndedError | None = None
        killed = self._inside.killed_for_memory()
        leftovers: tuple[Leftover, ...] = ()
        try:
            end = self._steps(plan, stage, outcomes)
            if end is None or _is_broken_off(plan, end):
                try:
                    leftovers = self._settle(stage, census)
                except CaseEndedError as late:
                    end = end or late
            if self._inside.killed_for_memory() > killed:
                # Whatever else was seen came of this.
                end = CaseEndedError(Ended.MEMORY, "more memory than the whole sandbox has")
            if tracer is not None and end is not None and end.ended is Ended.CPU:
                tracer.sample(stage.family.living())
            for started in stage.family.started.values():
                if started.alive:
                    started.killed = "end" if end is None else end.ended.value
        finally:
            stage.family.kill_all()
            stage.loop.drain_ended(stage.family.started.values())
            stage.close()
            census.sweep()
        seen = CaseObservation(
            id=plan.id,
            build=plan.build,
            ended=end.ended if end is not None else Ended.DONE,
            steps=tuple(outcomes),
            processes=tuple(started.outcome() for started in stage.family.started.values()),
            leftovers=leftovers,
            graph=end.graph if end is not None else None,
            limit_process=end.process if end is not None else "",
            seconds=time.monotonic() - began,
            values=stage.values(),
        )
        return tracer.explain(seen, stage.family.names, census) if tracer is not None else seen

    def _prepare(self, programs: Programs) -> Census:
        """A fresh working directory in which ./NAME is each program, and the census of it."""
        if not self._censuses:
            self._workspace.clean()  # later on the sweep after each case has done that
        place = f"{self._inside.programs}/{programs.build}"
        self._workspace.offer({name: f"{place}/{name}" for name in programs.names})
        census = self._censuses.get(programs.build)
        if census is None or self._workspace.shared:
            census = Census(self._workspace)
            census.before()
            self._censuses[programs.build] = census
        else:
            census.again()
        return census

    def _steps(self, plan: CasePlan, stage: Stage, outcomes: list[StepOutcome]) -> CaseEndedError | None:
        def play(step: wire.Step) -> bytes:
            index, verb = len(outcomes), type(step).__name__.lower()
            try:
                if plan.late:
                    stage.loop.let_run()
                data = perform(stage, step)
            except CaseEndedError as end:
                outcomes.append(StepOutcome(index, verb, end.ended, end.detail, end.unmatched, end.process))
                raise
            outcomes.append(StepOutcome(index, verb, Ended.DONE, data=data))
            return data

        try:
            if plan.drive:
                # Its own: the same plan may be played again.
                self._driver_function(plan.drive)(Verbs(play, copy.deepcopy(dict(plan.parameters))))
            else:
                for step in plan.steps:
                    play(step)
        except CaseEndedError as end:
            return end
        return None

    def _driver_function(self, name: str) -> Callable[[Verbs], None]:
        space: dict[str, Any] = {"__name__": "drive"}
        try:
            exec(compile(self._drive, _DRIVE, "exec"), space)  # noqa: S102 (the instructor wrote it)
        except Exception as error:
            raise DriveError(f"{_place(error)}: {type(error).__name__}: {error}") from error
        found = space.get(name)
        if not callable(found):
            raise DriveError(f"{_DRIVE}: there is no function {name}")

        def guarded(verbs: Verbs) -> None:
            try:
                found(verbs)
            except CaseEndedError:
                raise
            except Exception as error:
                if _is_ours(error):
                    raise
                raise DriveError(f"{_place(error)}: {name}: {type(error).__name__}: {error}") from error

        return guarded

    def _settle(self, stage: Stage, census: Census) -> tuple[Leftover, ...]:
        """Let everything come to rest, then see what is left."""
        family, loop = stage.family, stage.loop
        if any(started.alive for started in family.started.values()):
            with _late_is_left_behind():
                # Who has just ended is to be reaped; only a case that was broken off has others.
                loop.wait(
                    lambda: not any(s.alive for s in family.started.values()), "the programs to end", patient=True
                )
        ours = {started.pid for started in family.started.values() if started.alive}
        if family.anyone():
            # Whoever is still alive either ends now or is left behind.
            with _late_is_left_behind():
                loop.wait(lambda: not family.living(), "the last processes to end", patient=True)
        with _late_is_left_behind():
            collect(stage)
        zombies = [(pid, command, parent) for pid, (command, parent) in family.zombies.items()]
        strays: list[int] = []
        if family.anyone():
            unfinished = {pid for pid in ours for pid in family.tree(pid)}
            strays = [pid for pid in family.living() if pid not in unfinished]
            family.learn(family.listed)
            zombies += family.unreaped()
        orphans = [(pid, command, parent) for pid, (command, parent) in family.orphans.items() if pid not in strays]
        if stage.tracer is not None:
            stage.learn()
        final = not (self._workspace.shared or family.anyone())
        return census.after(strays, family.name, zombies, orphans, final=final)
