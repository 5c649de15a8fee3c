"""A sandbox for tests of the traced build: a program of our own that behaves by the schedule it is played in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from grader.trace import EventKind, FaultKind, Place, Point, Trace, TracedAccess, TracedTask, TraceEvent, Visited
from grader.wire import BuildObservation, CaseObservation, CasePlan, Done, Ended, Observation, Plan, ProcessOutcome

LINE = Place("demo.c", 40, "work")
CHILD = TracedAccess("child 1 of demo", "calls write()", Place("demo.c", 50))
VISITED = (
    Visited("0", "demo", 0x10, "wait", 1),
    Visited("0.1", "demo", 0x20, "semop", 3, born=0x8),
    Visited("0.1", "demo", 0x21, "semop", 3, after=True, born=0x8),
    Visited("0.2", "demo", 0x20, "semop", 1, born=0x8),
    Visited("0.2", "demo", 0x30, "write", 1, born=0x8),
)
# In the order in which they are to be tried.
SCHEDULES = (
    "*@demo+20#1", "0@demo+10#1", "0.1@demo+20#1", "0.2@demo+20#1", "*@demo+21#1", "*@demo+30#1",
    "0@demo+0#1+", "0.1@demo+0#1+", "0.2@demo+0#1+", "*@demo+20#2", "*@demo+21#2",
    "0.1@demo+20#1^", "0.2@demo+20#1^", "0.1@demo+21#1^", "0.2@demo+30#1^",
)  # fmt: skip


def observed(case: CasePlan, status: int = 0, ended: Ended = Ended.DONE, **trace: object) -> CaseObservation:
    """A case in which `demo` exits with that status; of the traced build with what its plan asks for."""
    process = ProcessOutcome("demo", ("./demo",), exit_code=status, cpu=0.01)
    made = CaseObservation(case.id, case.build, ended, (), (process,), seconds=0.5)
    if case.tracing is None:
        return made
    point = case.tracing.point
    held = ["child 2 of demo"]
    if point is not None and (point.task, point.address) == ("*", 0x20):
        held.append("child 1 of demo")
    told = Trace(
        tasks=(TracedTask("0", "demo", 7), TracedTask("0.2", "child 2 of demo", 9)),
        visited=VISITED if case.tracing.visits else (),
        events=tuple(TraceEvent(0.0, name, EventKind.HELD, place=LINE) for name in held if case.tracing.events),
        point=str(point) if point else "",
        reached=point is not None,
        fault=CHILD if point is not None and point.fault is not None else None,
    )
    return replace(made, trace=replace(told, **trace))  # type: ignore[arg-type]


Behaves = Callable[[CasePlan, Point | None], CaseObservation]


@dataclass
class Program:
    """Fails where `fails` says so: "plain", "traced" (the run without a point), a point, a kind of fault."""

    fails: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()  # builds
    behaves: Behaves | None = None
    name: str = "fake"
    preference: int = 1
    identity: str = ""
    caveats: str = ""
    plans: list[Plan] = field(default_factory=list)
    opened: int = 0

    def unusable(self) -> str:
        return ""

    def open(self) -> Program:
        self.opened += 1
        return self

    def close(self) -> None:
        self.opened -= 1

    def run(self, plan: Plan) -> Iterator[Observation]:
        self.plans.append(plan)
        for build in plan.builds:
            ok = build.name not in self.broken
            yield BuildObservation(build.name, Ended.DONE, ok, b"" if ok else b"demo.c:3:1: error: no", 0.1, ("gcc",))
            if not ok:
                yield Done(0)
                return
        for case in plan.cases:
            yield self._played(case)
        yield Done(len(plan.cases))

    def _played(self, case: CasePlan) -> CaseObservation:
        point = case.tracing.point if case.tracing else None
        if self.behaves is not None:
            return self.behaves(case, point)
        name = str(point) if point is not None else case.build
        kind = point.fault.value if point is not None and point.fault is not None else ""
        return observed(case, 1 if {name, kind, f"{case.id}/{name}"} & self.fails else 0)

    @property
    def points(self) -> list[str]:
        """The points that were tried, in their order."""
        ways = [case.tracing for plan in self.plans for case in plan.cases if case.tracing is not None]
        return [str(way.point) for way in ways if way.point is not None and not way.events]

    @property
    def base_runs(self) -> int:
        ways = [case.tracing for plan in self.plans for case in plan.cases if case.tracing is not None]
        return sum(way.visits and way.point is None for way in ways)


ALL_FAULTS = tuple(FaultKind)
