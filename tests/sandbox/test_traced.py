"""The traced build, played in a sandbox: what its trace tells, what a schedule does, and what a hostile program cannot.

Plans are sent as the engine sends them; the course of conftest.py has the sandbox that everything is played in.
"""

from __future__ import annotations

import os
import subprocess
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from driver import layout
from driver.layout import Layout, Task
from grader import running_in, wire
from grader.backends.inplace import InplaceBackend
from grader.backends.local import LocalBackend
from grader.errors import SandboxError
from grader.model import Backend, Sandbox, SandboxSettings
from grader.trace import EventKind, Place, Point, ReportKind, Trace, Tracing
from grader.wire import (
    Blocked,
    BuildObservation,
    BuildPlan,
    CaseObservation,
    CasePlan,
    Ended,
    Expect,
    Finish,
    Kill,
    Kind,
    Limits,
    Link,
    Plan,
    Processes,
    Send,
    Signal,
    SourceFile,
    Start,
    Step,
)
from tests.sandbox.conftest import SANDBOX, World

TRACED = (
    *("gcc", "-std=gnu17", "-D_GNU_SOURCE", "-g", "-O1", "-Wall", "-B.", "-fsanitize=thread", "-static-libtsan"),
    *("-Wno-tsan", "--param", "tsan-distinguish-volatile=1", "--param", "tsan-instrument-func-entry-exit=0"),
    *("-fno-builtin", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls", "-U_FORTIFY_SOURCE"),
)
LIBRARIES = ("-lrt", "-pthread", "-ldl")
HEAD = "".join(
    f"#include <{name}.h>\n"
    for name in (
        *("err", "errno", "fcntl", "pthread", "semaphore", "signal", "stdint", "stdio", "stdlib", "string", "unistd"),
        *("sys/mman", "sys/sem", "sys/shm", "sys/stat", "sys/wait"),
    )
)
START: tuple[Step, ...] = (Start("main", ("./main",), "main"),)
WHOLE: tuple[Step, ...] = (*START, Finish("main"))


def traced_build(source: str, *, keep: tuple[str, ...] = (), extra: tuple[str, ...] = ()) -> BuildPlan:
    """Of main.c, whose line 1 is that of source."""
    text = f'#line 1 "head.h"\n{HEAD}#line 1 "main.c"\n{textwrap.dedent(source).lstrip()}'
    link = Link("main", (*TRACED, *extra, "main.c", "-o", "main", *LIBRARIES))
    files = (SourceFile("main.c", text.encode()),)
    return BuildPlan("traced", files, (link,), Limits(cpu=30, wall=120, memory=2 << 30), runtime=True, keep=keep)


@dataclass
class Table:
    """One sandbox, in which cases of one program are played."""

    sandbox: Sandbox
    build: BuildObservation

    def play(
        self, steps: tuple[Step, ...] = WHOLE, tracing: Tracing | None = None, limits: Limits | None = None
    ) -> CaseObservation:
        case = CasePlan("case", "traced", steps, limits or Limits(), tracing=tracing)
        seen, *_ = self.sandbox.run(Plan((), (case,)))
        assert isinstance(seen, CaseObservation), seen
        return seen

    def point(self, call: str, task: str = "0", *, after: bool = False, occurrence: int = 1) -> Point:
        """Where a task makes a call for the first time ("": an access to shared memory)."""
        trace = trace_of(self.play(tracing=Tracing(visits=True)))
        wanted = (task, call, after)
        found = min(seen.address for seen in trace.visited if (seen.task, seen.call, seen.after) == wanted)
        return Point(task, "main", found, occurrence)


def trace_of(seen: CaseObservation) -> Trace:
    assert seen.trace is not None
    assert seen.trace.intact, seen.trace.damage
    return seen.trace


@pytest.fixture
def tables(world: World) -> Iterator[list[Sandbox]]:
    opened: list[Sandbox] = []
    yield opened
    for sandbox in opened:
        sandbox.close()


@pytest.fixture
def lay(world: World, tables: list[Sandbox]) -> Lay:
    return Lay(world.backend, tables)


@dataclass
class Lay:
    """Builds a program in a sandbox of its own."""

    backend: Backend
    opened: list[Sandbox]

    def __call__(self, source: str, *, keep: tuple[str, ...] = (), extra: tuple[str, ...] = ()) -> Table:
        for sandbox in self.opened:  # inplace has room for one
            sandbox.close()
        self.opened.clear()
        sandbox = self.backend.open()
        self.opened.append(sandbox)
        built, *_ = sandbox.run(Plan((traced_build(source, keep=keep, extra=extra),), ()))
        assert isinstance(built, BuildObservation)
        assert built.ok, built.output.decode()
        return Table(sandbox, built)


class Crowd:
    """Thirty who want the same processor as whoever calls work(seconds), each with as much right to it."""

    def __init__(self) -> None:
        self._processor = min(os.sched_getaffinity(0))
        self._hogs: list[subprocess.Popen[bytes]] = []

    @property
    def work(self) -> str:
        """The function, which goes to that processor and uses so much of it."""
        return textwrap.dedent(f"""
            #include <sched.h>
            #include <sys/syscall.h>
            #include <time.h>
            __attribute__((no_sanitize("thread"))) static void work(double seconds)
            {{
                cpu_set_t one;
                CPU_ZERO(&one);
                CPU_SET({self._processor}, &one);
                struct timespec used = {{0}};
                if (syscall(SYS_sched_setaffinity, 0, sizeof one, &one) == -1)
                    abort();
                while ((double)used.tv_sec + 1e-9 * (double)used.tv_nsec < seconds)
                    syscall(SYS_clock_gettime, CLOCK_PROCESS_CPUTIME_ID, &used);
            }}
            """)

    def __enter__(self) -> None:
        spin = ["taskset", "--cpu-list", str(self._processor), "sh", "-c", "while :; do :; done"]
        # Those of one session may share a turn (sched(7), autogroup).
        for _ in range(30):
            self._hogs.append(subprocess.Popen(spin, start_new_session=True))

    def __exit__(self, *_: object) -> None:
        for hog in self._hogs:
            hog.kill()
            hog.wait()


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


# --- what is told ------------------------------------------------------------------------------

RACE = """
    static int *make(void)
    {
        return shmat(shmget(IPC_PRIVATE, 8, IPC_CREAT | 0600), NULL, 0);
    }
    int main(void)
    {
        int *counter = make();
        for (int child = 0; child < 2; child++)
            if (fork() == 0) {
                counter[1]++;
                _exit(0);
            }
        while (wait(NULL) > 0)
            ;
        printf("%d\\n", counter[1]);
        return 0;
    }
    """


def test_a_race_between_processes_is_told_with_its_lines(lay: Lay) -> None:
    trace = trace_of(lay(RACE).play())
    assert trace.complete
    report = next(report for report in trace.reports if report.kind is ReportKind.RACE)
    assert report.object.startswith("bytes 4 to 7 of shared memory segment ")
    assert report.object.endswith(" (shmget() at main.c:3)")
    assert report.made == Place("main.c", 3, "make")
    assert {access.process for access in report.accesses} == {"child 1 of main", "child 2 of main"}
    assert {access.place for access in report.accesses} == {Place("main.c", 10, "main")}
    assert "writes" in {access.what for access in report.accesses}


UNDONE = """
    static void add(int set, short by, short flags)
    {
        struct sembuf operation = {.sem_op = by, .sem_flg = flags};
        semop(set, &operation, 1);
    }
    int main(void)
    {
        int set = semget(IPC_PRIVATE, 1, 0600);
        add(set, 1, 0);
        for (int i = 0; i < 2; i++) {
            add(set, -1, TAKEN);
            add(set, 1, GIVEN);
        }
        return semctl(set, 0, IPC_RMID);
    }
    """


@pytest.mark.parametrize(
    ("taken", "given", "deeds"),
    [
        ("SEM_UNDO", "SEM_UNDO", ()),
        ("0", "0", ()),
        ("SEM_UNDO", "0", (" with SEM_UNDO", "gives it back without")),
        ("0", "SEM_UNDO", (" without SEM_UNDO", "gives it back with it")),
    ],
)
def test_what_is_taken_with_sem_undo_and_given_back_without_is_told(
    lay: Lay, taken: str, given: str, deeds: tuple[str, ...]
) -> None:
    trace = trace_of(lay(UNDONE.replace("TAKEN", taken).replace("GIVEN", given)).play())
    told = [access for report in trace.reports for access in report.accesses]
    assert [report.kind for report in trace.reports] == [ReportKind.HALF_UNDONE] * bool(deeds)
    assert all(access.what.endswith(deed) for access, deed in zip(told, deeds, strict=True))
    assert [(access.caller or Place("", 0)).line for access in told] == [11, 12][: len(deeds)]


HOLDING = """
    static int set;
    static void change(int by, int flags)
    {
        struct sembuf one = {0, by, flags};
        semop(set, &one, 1);
    }
    int main(void)
    {
        int *n = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        set = semget(IPC_PRIVATE, 1, 0600);
        int file = open("lock", O_RDWR | O_CREAT, 0600), same = dup(file);
        (void)same, (void)change;
        semctl(set, 0, SETVAL, FIRST);
        TAKE;
        if (fork() == 0) {
            TRY;
            *n = 1;
            _exit(0);
        }
        *n = 2;
        GIVE;
        wait(NULL);
        return semctl(set, 0, IPC_RMID);
    }
"""
SEMAPHORE, FLOCK = "semaphore 0", "flock lock on lock"


@pytest.mark.parametrize(
    ("first", "take", "attempt", "give", "held", "failed"),
    [
        pytest.param("1", "change(-1, 0)", "", "change(1, 0)", SEMAPHORE, "", id="a lock"),
        pytest.param("0", "change(1, 0); change(-1, 0)", "", "change(1, 0)", SEMAPHORE, "", id="raised first"),
        pytest.param("0", "change(1, 0); change(-1, 0)", "", "", "", "", id="raised by another"),
        pytest.param(*("1", "change(-1, 0)", "change(-1, IPC_NOWAIT)", "", SEMAPHORE, "EAGAIN"), id="an attempt"),
        pytest.param(
            *("1", "change(-1, 0)", "change(-1, IPC_NOWAIT); change(1, 0)", "", SEMAPHORE, ""), id="and given back"
        ),
        pytest.param(
            *("1", "change(-1, 0)", "semctl(set, 0, IPC_RMID); change(-1, 0)", "", SEMAPHORE, "EINVAL"),
            id="gone",
        ),
        pytest.param("1", "flock(file, LOCK_EX)", "", "", FLOCK, "", id="flock"),
        pytest.param("1", "flock(file, LOCK_EX); close(file)", "", "", FLOCK, "", id="flock, one of two closed"),
        pytest.param("1", "flock(file, LOCK_EX); close(file); close(same)", "", "", "", "", id="flock, closed"),
    ],
)
def test_what_is_held_at_an_access_is_told(
    lay: Lay, first: str, take: str, attempt: str, give: str, held: str, failed: str
) -> None:
    source = HOLDING
    for word, text in (("FIRST", first), ("TAKE", take), ("TRY", attempt), ("GIVE", give)):
        source = source.replace(word, text)
    trace = trace_of(lay(source).play())
    (race,) = (report for report in trace.reports if report.kind is ReportKind.RACE)
    child, parent = sorted(race.accesses, key=lambda access: access.process)
    assert [lock.name.partition(" of")[0] for lock in parent.held] == [held] * bool(held)
    assert child.held == ()
    assert (child.failed.error if child.failed else "") == failed


@pytest.mark.parametrize(
    ("call", "does", "restored"),
    [
        ("signal(SIGPIPE, SIG_IGN);", "ignores", "signal(SIGPIPE, SIG_DFL);"),
        ("sigprocmask(SIG_BLOCK, &set, NULL);", "blocks", "sigprocmask(SIG_UNBLOCK, &set, NULL);"),
    ],
)
def test_signals_that_another_program_does_not_expect_so_are_told(
    lay: Lay, call: str, does: str, restored: str
) -> None:
    source = """
    int main(void)
    {
        sigset_t set;
        sigemptyset(&set);
        sigaddset(&set, SIGPIPE);
        CALL
        if (fork() == 0) {
            RESTORED
            execlp("true", "true", (char *)NULL);
            _exit(127);
        }
        return wait(NULL) == -1;
    }
    """
    (report,) = trace_of(lay(source.replace("CALL", call).replace("RESTORED", "")).play()).reports
    assert (report.kind, report.text) == (ReportKind.INHERITED, "SIGPIPE")
    assert [(access.what, access.place.line) for access in report.accesses] == [
        (does, 6),
        ("starts another program", 9),
    ]
    assert trace_of(lay(source.replace("CALL", call).replace("RESTORED", restored)).play()).reports == ()


IN_A_FILE = """
    static void add(int file)
    {
        char text[8] = "";
        if (pread(file, text, 4, 4) < 0)
            _exit(1);
        snprintf(text, sizeof text, "%04d", atoi(text) + 1);
        if (pwrite(file, text, 4, 4) < 0)
            _exit(1);
    }
    int main(void)
    {
        int file = open("counter", O_RDWR | O_CREAT, 0600);
        if (write(file, "0000", 4) < 0)
            return 1;
        for (int child = 0; child < 2; child++)
            if (fork() == 0) {
                LOCK
                add(file);
                _exit(0);
            }
        while (wait(NULL) > 0)
            ;
        char text[8] = "";
        return read(file, text, 4) < 0;
    }
    """


def test_a_race_on_the_bytes_of_a_file_is_told(lay: Lay) -> None:
    trace = trace_of(lay(IN_A_FILE.replace("LOCK", "")).play())
    assert {report.kind for report in trace.reports} <= {ReportKind.FILE_RACE, ReportKind.LOST_UPDATE}
    report = next(report for report in trace.reports if report.kind is ReportKind.FILE_RACE)
    assert report.object == "bytes 4 to 7 of file counter (open() at main.c:12)"
    assert {access.place.line for access in report.accesses} <= {4, 7}
    assert {access.caller for access in report.accesses} == {Place("main.c", 18, "main")}


def test_who_changes_a_file_under_a_lock_does_not_race(lay: Lay) -> None:
    lock = "struct flock all = {.l_type = F_WRLCK}; fcntl(file, F_SETLKW, &all);"
    assert trace_of(lay(IN_A_FILE.replace("LOCK", lock)).play()).reports == ()


def test_races_on_files_do_not_hide_those_on_memory(lay: Lay) -> None:
    """There is room for so many reports, and what only explains may not take all of it."""
    source = """
    #define TEN(x) x x x x x x x x x x
    int main(void)
    {
        int file = open("log", O_RDWR | O_CREAT, 0600), at = 0;
        char text[2048] = "";
        int *count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        for (int child = 0; child < 2; child++)
            if (fork() == 0) {
                if (child == 0) {
                    TEN(TEN(at += pwrite(file, text, 8, at);) TEN(at += pwrite(file, text, 8, at);))
                } else {
                    at = pwrite(file, text, 1600, 0);
                }
                ++*count;
                _exit(0);
            }
        while (wait(NULL) > 0)
            ;
        return *count == 0;
    }
    """
    assert ReportKind.RACE in {report.kind for report in trace_of(lay(source).play()).reports}


def test_a_deep_tree_of_processes_is_no_damage(lay: Lay) -> None:
    source = """
    int main(void)
    {
        for (int depth = 0; depth < 60; depth++)
            if (fork() != 0) {
                wait(NULL);
                _exit(0);
            }
        return 0;
    }
    """
    trace = trace_of(lay(source).play(limits=Limits(processes=80)))
    assert len({task.path for task in trace.tasks}) == len({task.name for task in trace.tasks}) == 61


def test_what_is_appended_does_not_race(lay: Lay) -> None:
    source = """
    int main(void)
    {
        int file = open("log", O_WRONLY | O_CREAT | O_APPEND, 0600);
        for (int child = 0; child < 2; child++)
            if (fork() == 0)
                _exit(write(file, "a line\\n", 7) < 0);
        while (wait(NULL) > 0)
            ;
        return 0;
    }
    """
    assert trace_of(lay(source).play()).reports == ()


def test_processes_have_names_and_places(lay: Lay) -> None:
    trace = trace_of(lay(RACE).play())
    assert [(task.path, task.name) for task in trace.tasks] == [
        ("0", "main"),
        ("0.1", "child 1 of main"),
        ("0.2", "child 2 of main"),
    ]
    assert trace.tasks[1].born == Place("main.c", 9, "main")
    assert trace.tasks[1].exits == Place("main.c", 11, "main")
    assert trace.tasks[0].stdout == Place("main.c", 15, "main")


def test_what_is_left_names_the_call_that_made_it(lay: Lay) -> None:
    seen = lay(
        """
        static int set(void) { return semget(IPC_PRIVATE, 1, IPC_CREAT | 0600); }
        int main(void)
        {
            int id = set();
            if (mkfifo("jobs.fifo", 0600) == -1 || fork() == 0)
                _exit(id < 0);
            close(open("data.txt", O_WRONLY | O_CREAT, 0600)), close(open("jobs.fifo", O_RDWR));
            return shm_open("/left", O_RDWR | O_CREAT, 0600) < 0;
        }
        """
    ).play()
    made = {left.kind: left.origin for left in seen.leftovers}
    origins = {kind: (origin.call, origin.place.line, origin.process) for kind, origin in made.items() if origin}
    assert origins[Kind.SEM] == ("semget", 1, "main")
    assert origins[Kind.FIFO] == ("mkfifo", 5, "main")
    assert origins[Kind.FILE] == ("open", 7, "main")
    assert origins[Kind.POSIX_SHM] == ("shm_open", 8, "main")
    semaphores = made[Kind.SEM]
    assert semaphores is not None
    assert semaphores.caller == Place("main.c", 4, "main")


def test_a_stuck_program_is_told_with_its_lines(lay: Lay) -> None:
    seen = lay(
        """
        int main(void)
        {
            int ends[2];
            char byte;
            if (pipe(ends) == -1)
                err(1, "pipe");
            return (int)read(ends[0], &byte, 1);
        }
        """
    ).play()
    assert seen.ended is Ended.STUCK
    assert seen.graph is not None
    (waiter,) = seen.graph.waiters
    assert waiter.words.startswith("waits in read() of the pipe from pipe() at main.c:5 (descriptor 3) whose only ")
    assert waiter.words.endswith("end-of-file")
    assert waiter.place == Place("main.c", 7, "main")
    assert waiter.object is not None
    assert (waiter.object.kind, waiter.object.place.line) == ("pipe", 5)
    assert trace_of(seen).tasks[0].waiting


def test_who_is_stuck_in_a_call_of_stdio_is_told_with_its_line(lay: Lay) -> None:
    """Which writes and reads where the runtime does not see it."""
    seen = lay(
        """
        int main(void)
        {
            int ends[2];
            if (pipe(ends) == -1 || dup2(ends[1], STDOUT_FILENO) == -1)
                return 1;
            for (int i = 0; i < 100000; i++)
                puts("a line");
            return 0;
        }
        """
    ).play()
    assert (seen.ended, seen.graph is not None) == (Ended.STUCK, True)
    assert seen.graph is not None
    (waiter,) = seen.graph.waiters
    assert (waiter.call, waiter.place) == ("write", Place("main.c", 7, "main"))


def test_a_program_of_the_system_is_told_without_the_line_of_its_exec(lay: Lay) -> None:
    seen = lay(
        """
        int main(void)
        {
            int ends[2];
            if (pipe(ends) == -1)
                return 1;
            if (fork() == 0) {
                dup2(ends[0], STDIN_FILENO);
                execlp("cat", "cat", (char *)NULL);
            }
            wait(NULL);
            return 0;
        }
        """
    ).play()
    assert seen.graph is not None
    places = {waiter.command: waiter.place for waiter in seen.graph.waiters}
    assert places == {"main": Place("main.c", 10, "main"), "cat": None}


def test_who_has_taken_a_posix_semaphore_is_told(lay: Lay) -> None:
    """The kernel does not know that: two children take two of them crosswise."""
    seen = lay(
        """
        static void take(sem_t *first, sem_t *second, sem_t *mine, sem_t *other)
        {
            sem_wait(first);
            sem_post(other);
            sem_wait(mine);
            sem_wait(second);
            _exit(0);
        }
        int main(void)
        {
            sem_t *all = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            for (int i = 0; i < 4; i++)
                sem_init(all + i, 1, i < 2);
            for (int i = 0; i < 2; i++)
                if (fork() == 0)
                    take(all + i, all + 1 - i, all + 2 + i, all + 3 - i);
            while (wait(NULL) > 0)
                ;
            return 0;
        }
        """
    ).play()
    assert seen.ended is Ended.STUCK
    assert seen.graph is not None
    waiter = next(waiter for waiter in seen.graph.waiters if waiter.name == "child 1 of main")
    assert waiter.call == "sem_wait"
    assert waiter.words.endswith(", taken by child 2 of main at main.c:3")
    assert waiter.waits_for == ("child 2 of main",)
    assert set(seen.graph.cycle) == {"child 1 of main", "child 2 of main"}


def test_which_signal_has_ended_a_child_is_told(lay: Lay) -> None:
    source = """
        int main(void)
        {
            if (fork() == 0)
                raise(SIGUSR1);
            if (fork() == 0)
                _exit(0);
            while (wait(NULL) > 0)
                ;
            return 0;
        }
        """
    assert [task.ended_by for task in trace_of(lay(source).play()).tasks] == ["", "SIGUSR1", ""]


def test_events_are_told_in_order(lay: Lay) -> None:
    trace = trace_of(lay(RACE).play(tracing=Tracing(events=True)))
    kinds = [event.kind for event in trace.events]
    assert kinds[0] is EventKind.BORN
    assert kinds.count(EventKind.EXIT) == 3
    assert [event.at for event in trace.events] == sorted(event.at for event in trace.events)
    reaped = [event for event in trace.events if event.kind is EventKind.RETURN and event.woken_by >= 0]
    assert all(trace.events[event.woken_by].kind is EventKind.EXIT for event in reaped)
    plain = trace_of(lay(RACE).play())
    assert (plain.events, plain.visited) == ((), ())


# --- the scenario orders what happens ------------------------------------------------------------

TWO = """
    int main(int argc, char **argv)
    {
        int *shared = shmat(shmget(0x4711, 4, IPC_CREAT | 0600), NULL, 0);
        char line[10];
        if (argc == 2 && (fgets(line, 10, stdin) == NULL || *argv[1] != 'r'))
            return 1;
        if (argc == 2)
            printf("%d\\n", *shared);
        else
            *shared = 42;
        puts("done");
        fflush(stdout);
        return getchar() != EOF;
    }
    """


def test_who_hears_of_the_scenario_has_heard_of_what_it_waited_for(lay: Lay) -> None:
    reader = Start("reader", ("./main", "r"), "main")
    ordered = (reader, *START, Expect("main", "done"), Send("reader", b"go\n"), Finish("main"), Finish("reader"))
    unordered = (Start("p", ("./main",), "main", times=2), Finish("p"))  # both write
    table = lay(TWO)
    seen = table.play(ordered)
    assert seen.ended is Ended.DONE
    assert trace_of(seen).reports == ()
    assert [task.name for task in trace_of(seen).tasks] == ["reader", "main"]
    assert [report.kind for report in trace_of(table.play(unordered)).reports] == [ReportKind.RACE]


def test_a_program_that_is_started_later_has_heard_of_all_before(lay: Lay) -> None:
    later = (*START, Expect("main", "done"), Start("reader", ("./main", "r"), "main"), Send("reader", b"x\n"))
    seen = lay(TWO).play((*later, Finish("reader"), Finish("main")))
    assert (seen.ended, trace_of(seen).reports) == (Ended.DONE, ())


SLOW_BIRTH = """
    __attribute__((no_sanitize("thread"))) static void slowly(int argc, char **argv, char **environment)
    {
        (void)argv, (void)environment;
        if (argc > 2)
            work(0.15);
    }
    __attribute__((section(".preinit_array"), used))
    static void (*const first)(int, char **, char **) = slowly;
    """


def test_a_birth_that_takes_long_is_before_what_the_scenario_does_next(lay: Lay, crowd: Crowd) -> None:
    """Or else the second one would have heard that the first one was done."""
    works = 'if (argc == 1) { work(0.05); puts("has worked"); fflush(stdout); }'
    busy = TWO.replace("char line[10];", f"char line[10]; {works}")
    table = lay(crowd.work + textwrap.dedent(SLOW_BIRTH) + textwrap.dedent(busy))
    late = Start("late", ("./main", "w", "late"), "main")
    with crowd:
        seen = table.play((*START, late, Expect("main", "done"), Finish("main"), Finish("late")))
    assert [report.kind for report in trace_of(seen).reports] == [ReportKind.RACE]


def test_times_makes_so_many_roots(lay: Lay) -> None:
    seen = lay("int main(void) { return 0; }").play((Start("p", ("./main",), "main", times=3), Finish("p")))
    assert {(task.path, task.name) for task in trace_of(seen).tasks} == {("0", "p.1"), ("1", "p.2"), ("2", "p.3")}


# --- schedules -----------------------------------------------------------------------------------

CROSSED = """
    __attribute__((noinline)) static void take(int set, int which)
    {
        struct sembuf down = {(unsigned short)which, -1, 0};
        semop(set, &down, 1);
    }
    int main(void)
    {
        int set = semget(IPC_PRIVATE, 2, IPC_CREAT | 0600), ends[2];
        char byte = 0;
        semctl(set, 0, SETVAL, 1);
        semctl(set, 1, SETVAL, 1);
        if (pipe(ends) == -1)
            err(1, "pipe");
        for (int child = 0; child < 2; child++) {
            if (fork() == 0) {
                take(set, child);
                if (write(ends[1], &byte, 1) != 1)
                    err(1, "write");
                take(set, 1 - child);
                struct sembuf up[] = {{0, 1, 0}, {1, 1, 0}};
                semop(set, up, 2);
                _exit(0);
            }
            if (child == 0 && read(ends[0], &byte, 1) != 1) /* It has its first one */
                err(1, "read");
        }
        while (wait(NULL) > 0)
            ;
        return semctl(set, 0, IPC_RMID) == -1;
    }
    """


def test_who_is_held_is_let_go_when_nobody_else_can_go_on(lay: Lay) -> None:
    table = lay(CROSSED)
    point = replace(table.point("semop", "0.1"), occurrence=2)  # between its two semaphores
    seen = table.play(tracing=Tracing(point, cut_sleeps=True))
    assert seen.ended is Ended.STUCK
    assert trace_of(seen).reached
    assert trace_of(seen).point == str(point)
    assert seen.graph is not None
    assert set(seen.graph.cycle) == {"child 1 of main", "child 2 of main"}
    assert all("hold" not in waiter.words for waiter in seen.graph.waiters)


def test_everybody_is_held_and_let_go_together(lay: Lay) -> None:
    table = lay(CROSSED)
    point = replace(table.point("semop", "0.1"), task="*", occurrence=2)
    seen = table.play(tracing=Tracing(point, cut_sleeps=True))
    assert (seen.ended, trace_of(seen).reached) == (Ended.STUCK, True)


IF_NOT_WHILE = """
    int main(void)
    {
        struct { pthread_mutex_t lock; pthread_cond_t filled; int items; } *all;
        all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        pthread_mutexattr_t of_lock;
        pthread_condattr_t of_condition;
        pthread_mutexattr_init(&of_lock);
        pthread_mutexattr_setpshared(&of_lock, PTHREAD_PROCESS_SHARED);
        pthread_mutex_init(&all->lock, &of_lock);
        pthread_condattr_init(&of_condition);
        pthread_condattr_setpshared(&of_condition, PTHREAD_PROCESS_SHARED);
        pthread_cond_init(&all->filled, &of_condition);
        for (int i = 0; i < 2; i++)
            if (fork() == 0) {
                pthread_mutex_lock(&all->lock);
                if (all->items == 0)
                    pthread_cond_wait(&all->filled, &all->lock);
                int left = --all->items;
                pthread_mutex_unlock(&all->lock);
                _exit(left < 0);
            }
        for (int i = 0; i < 2; i++) {
            pthread_mutex_lock(&all->lock);
            all->items++;
            pthread_cond_broadcast(&all->filled);
            pthread_mutex_unlock(&all->lock);
        }
        int status, failed = 0;
        while (wait(&status) > 0)
            failed |= status != 0;
        return failed;
    }
    """


def test_who_comes_last_everywhere_is_late_more_than_once(lay: Lay) -> None:
    """Both must sleep before the first broadcast, and both be awake before the second."""
    table = lay(IF_NOT_WHILE)
    for _ in range(5):
        seen = table.play(tracing=Tracing(Point("0", "main", 0, onwards=True), cut_sleeps=True))
        assert (seen.ended, trace_of(seen).reached) == (Ended.DONE, True)
        assert seen.processes[0].exit_code == 1


LATE_WAITER = """
    #include <stdatomic.h>
    typedef struct { sem_t lock, queue; atomic_int waiting; int items; } All;

    int main(void)
    {
        All *all = mmap(NULL, sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        sem_init(&all->lock, 1, 1);
        sem_init(&all->queue, 1, 0);
        if (fork() == 0) {
            sem_wait(&all->lock);
            int none = all->items == 0;
            sem_post(&all->lock);
            all->waiting += none;
            if (none)
                sem_wait(&all->queue);
            _exit(0);
        }
        sem_wait(&all->lock);
        all->items = 1;
        int waits = all->waiting;
        sem_post(&all->lock);
        if (waits)
            sem_post(&all->queue);
        return wait(NULL) == -1;
    }
    """


def test_who_goes_first_is_ahead_of_its_parent_and_held_in_the_middle(lay: Lay) -> None:
    """The parent runs on behind fork(), and would mostly have put the item before its child looks."""
    table = lay(LATE_WAITER)
    point = replace(table.point("sem_post", "0.1", after=True), first=True)
    for _ in range(5):
        seen = table.play(tracing=Tracing(point, cut_sleeps=True))
        assert (seen.ended, trace_of(seen).reached) == (Ended.STUCK, True)


def test_a_point_that_nobody_comes_to_changes_nothing(lay: Lay) -> None:
    table = lay(RACE)
    seen = table.play(tracing=Tracing(Point("0", "main", 1)))
    assert (seen.ended, trace_of(seen).reached) == (Ended.DONE, False)


STARVED = """
    int main(void)
    {
        int ends[2];
        signal(SIGPIPE, SIG_IGN);
        if (pipe(ends) == -1)
            err(1, "pipe");
        if (fork() == 0) {
            work(0.15);
            _exit(0);
        }
        close(ends[0]);
        return write(ends[1], "x", 1) == 1; /* The child still has the other end */
    }
    """


def test_who_is_held_waits_for_who_is_kept_from_the_processor(lay: Lay, crowd: Crowd) -> None:
    table = lay(crowd.work + textwrap.dedent(STARVED))
    tracing = Tracing(table.point("write", "0"), cut_sleeps=True)
    with crowd:
        seen = table.play(tracing=tracing, limits=Limits(wall=60.0))
    assert (seen.ended, trace_of(seen).reached) == (Ended.DONE, True)
    assert seen.processes[0].exit_code == 0


def test_who_spins_does_not_keep_the_held_for_ever(lay: Lay) -> None:
    table = lay(
        """
        int main(void)
        {
            volatile int *ready = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            if (fork() == 0) {
                *ready = 1;
                _exit(0);
            }
            while (!*ready)
                ;
            return wait(NULL) == -1;
        }
        """
    )
    seen = table.play(tracing=Tracing(table.point("", "0.1")))
    assert (seen.ended, trace_of(seen).reached) == (Ended.DONE, True)


SPINS = {
    "in code of its own": ("static volatile int ready;", "ready = 0;"),
    "on shared memory": ("", "if (*shared) break;"),
    "in the library": ("static volatile size_t length;", "length = strlen(long_text);"),
    "in system calls": ("", "(void)waitpid(-1, NULL, WNOHANG);"),
}


@pytest.mark.parametrize("body", SPINS)
def test_who_runs_without_end_is_found_where_it_runs(lay: Lay, body: str) -> None:
    declared, spins = SPINS[body]
    source = f"""
        {declared}
        static char long_text[1 << 20];
        static int *shared;
        static void greet(void)
        {{
            puts("hello");
        }}
        static void make(void)
        {{
            shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            greet();
        }}
        static void spin(void)
        {{
            for (;;) {{
                {spins}
            }}
        }}
        int main(void)
        {{
            memset(long_text, 'x', sizeof long_text - 1);
            make();
            spin();
            return *shared;
        }}
        """
    table = lay(textwrap.dedent(source), extra=("-O1",))
    seen = table.play(limits=Limits(cpu=0.3))
    assert seen.ended is Ended.CPU
    place, _ = running_in(trace_of(seen), "main")  # who is in a call may be asleep in it for a moment
    assert place is not None
    assert (place.file, place.function) == ("main.c", "spin")


WAITS = """
    int main(void)
    {
        char byte;
        int fd = open("jobs.fifo", O_RDONLY);
        return (int)read(fd, &byte, 1);
    }
    """


def test_a_held_process_is_blocked_in_nothing(lay: Lay) -> None:
    """It waits in open() of something else; the step is met when it comes to its own."""
    table = lay(WAITS)
    make = wire.Make("fifo", path="jobs.fifo")
    visits = trace_of(table.play((make, *START, Blocked("main", "open")), Tracing(visits=True))).visited
    point = Point("0", "main", min(seen.address for seen in visits if seen.call == "open"))
    for call in ("open", "any"):
        write = wire.Write("jobs.fifo", b"x")
        seen = table.play((make, *START, Blocked("main", call), write, Finish("main")), Tracing(point))
        assert (seen.ended, seen.processes[0].exit_code) == (Ended.DONE, 1)
        assert trace_of(seen).reached


def test_a_held_process_can_be_killed_and_stopped(lay: Lay) -> None:
    table = lay(WAITS)
    make = wire.Make("fifo", path="jobs.fifo")
    visits = trace_of(table.play((make, *START, Blocked("main", "open")), Tracing(visits=True))).visited
    point = Point("0", "main", min(seen.address for seen in visits if seen.call == "open"))
    seen = table.play((make, *START, Kill("main")), Tracing(point))
    assert (seen.ended, seen.processes[0].signal) == (Ended.DONE, "SIGKILL")
    steps = (make, *START, Signal("main", ("STOP", "CONT")), Blocked("main", "open"), Kill("main"))
    assert table.play(steps, Tracing(point)).ended is Ended.DONE
    assert trace_of(table.play((make, *START, Blocked("main", "open")))).tasks[0].waiting  # the next one is free


def test_a_case_that_ends_while_somebody_is_held_lets_it_go(lay: Lay) -> None:
    table = lay(RACE)
    seen = table.play(START, Tracing(table.point("fork", "0.2", after=True)))
    assert seen.ended is Ended.DONE
    assert [left.kind for left in seen.leftovers] == [Kind.SHM]


def test_sleeps_are_cut_where_that_is_asked_for(lay: Lay) -> None:
    table = lay("int main(void) { return (int)sleep(100); }")
    assert table.play(tracing=Tracing(cut_sleeps=True)).ended is Ended.DONE


def test_an_alarm_that_is_pending_is_no_deadlock(lay: Lay) -> None:
    source = "static void on(int n) { (void)n; } int main(void) { signal(SIGALRM, on); %s return pause() == 0; }"
    assert lay(source % "ualarm(300000, 0);").play().ended is Ended.DONE
    assert lay(source % "").play().ended is Ended.STUCK
    assert lay(source % "ualarm(1000, 0); pause();").play().ended is Ended.STUCK  # it has come


# --- limits ----------------------------------------------------------------------------------------


def test_the_region_is_not_counted_as_memory_of_the_program(lay: Lay) -> None:
    """Twenty processes map it; each may have 16 MiB of its own."""
    source = """
        int main(void)
        {
            int *all = mmap(NULL, 1 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
            for (int child = 0; child < 20; child++)
                if (fork() == 0) {
                    for (int i = child; i < 1 << 18; i += 64)
                        all[i] = i;
                    pause();
                }
            return pause();
        }
        """
    steps = (*START, Processes("main", 20), Blocked("main", "signal", count=21), Kill("main"))
    assert lay(source).play(steps, limits=Limits(memory=128 << 20)).ended is Ended.DONE


def test_memory_of_its_own_is_counted(lay: Lay) -> None:
    source = "int main(void) { memset(malloc(100 << 20), 1, 100 << 20); fork(); fork(); fork(); return pause(); }"
    assert lay(source, extra=("-O0",)).play(limits=Limits(memory=128 << 20)).ended is Ended.MEMORY


# --- hostile programs ------------------------------------------------------------------------------

HOSTILE = """
    static int region(int mode)
    {
        char path[4096 + 20];
        ssize_t length = readlink("/proc/self/exe", path, 4096);
        for (int parts = 3; parts > 0; length--)
            parts -= path[length - 1] == '/';
        strcpy(path + length, "/trace/region");
        int fd = open(path, mode);
        if (fd == -1)
            err(9, "%s", path);
        return fd;
    }
    static void put(long at, uint32_t value)
    {
        if (pwrite(region(O_RDWR), &value, 4, at) != 4)
            err(9, "pwrite");
    }
    int main(void)
    {
        ATTACK;
        _exit(0);
    }
    """


def offset(name: str, kind: type = Layout) -> int:
    found: int = getattr(kind, name).offset
    return found


ATTACKS = {
    "magic": (f"put({offset('magic')}, 1)", "what stands at its beginning was overwritten"),
    "roots": (f"put({offset('root_count')}, 1000)", "what stands at its beginning was overwritten"),
    "count": (f"put({offset('report_count')}, 0x7fffffff)", "report_count says 2,147,483,647"),
    "tasks": (f"put({offset('task_count')}, 100000)", "task_count says 100,000"),
    "path": (f"put({offset('tasks') + offset('path', Task)}, 0x2f2e2e2f)", "the path of process 0 is "),
    "parent": (f"put({offset('tasks') + offset('parent', Task)}, 77)", "the parent of process 0 is 77"),
    "held": (f"put({offset('tasks') + offset('held_count', Task)}, -5)", "number of locks of process 0 is -5"),
    "waits-for": (f"put({offset('tasks') + offset('waits_for', Task)}, 99999)", "object of process 0 is 99,999"),
    "report": (f"put({offset('report_count')}, 3)", "there is no kind 0 of reports"),
    "shorter": ("if (ftruncate(region(O_RDWR), 100) == -1) err(9, NULL)", "bytes long instead of"),
    "empty": ('close(open("/dev/null", 0)); if (ftruncate(region(O_RDWR), 0)) err(9, NULL)', "bytes long instead of"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_a_region_that_was_written_over_is_told_and_not_believed(lay: Lay, name: str) -> None:
    attack, words = ATTACKS[name]
    table = lay(HOSTILE.replace("ATTACK", attack))
    for _ in range(2):  # it is made anew for each case
        seen = table.play()
        assert seen.processes[0].exit_code in (0, None), seen.processes[0].stderr
        assert seen.trace is not None
        assert not seen.trace.intact
        assert words in seen.trace.damage
        assert seen.trace.reports == ()


def test_a_graph_is_drawn_also_where_the_region_was_written_over(lay: Lay) -> None:
    attack = f"put({offset('magic')}, 1); int e[2]; char b; if (pipe(e) == 0) read(e[0], &b, 1)"
    seen = lay(HOSTILE.replace("ATTACK", attack)).play()
    assert seen.ended is Ended.STUCK
    assert seen.graph is not None
    assert seen.graph.waiters[0].words.startswith("waits in read() of a pipe (descriptor ")
    assert seen.graph.waiters[0].words.isprintable()


def test_names_in_the_region_are_any_bytes(lay: Lay) -> None:
    name = offset("tasks") + offset("name", Task)
    attack = f"put({offset('images')}, 0xff0a1b2e); put({name}, 0xff0a1b2e)"
    seen = lay(HOSTILE.replace("ATTACK", attack)).play()
    trace = trace_of(seen)
    wire.encode(seen)
    assert all(place.file.isprintable() for task in trace.tasks for place in (task.exits, task.at) if place)


def test_who_opens_the_place_of_holding_by_himself_is_stuck(lay: Lay) -> None:
    attack = 'char path[4096]; snprintf(path, 4096, "/proc/self/fd/%d", region(O_RDONLY)); '
    attack += 'ssize_t n = readlink(path, path, 4000); strcpy(path + n - 6, "hold"); '
    attack += "for (;;) close(open(path, O_RDONLY))"
    table = lay(HOSTILE.replace("ATTACK", attack))
    assert table.play().ended is Ended.STUCK
    seen = table.play(tracing=Tracing(Point("0.7", "main", 1)))
    assert seen.ended is Ended.STUCK


def test_nothing_can_be_made_beside_the_region(lay: Lay) -> None:
    attack = 'char path[4096]; snprintf(path, 4096, "/proc/self/fd/%d", region(O_RDONLY)); '
    attack += 'ssize_t n = readlink(path, path, 4000); strcpy(path + n - 6, "mine"); '
    attack += "if (open(path, O_RDWR | O_CREAT, 0600) != -1 || mkdir(path, 0700) == 0) _exit(1); "
    attack += 'strcpy(path + n - 6, "region"); if (unlink(path) == 0) _exit(2); '
    attack += 'strcpy(path + n - 6, "hold"); if (unlink(path) == 0) _exit(3)'
    seen = lay(HOSTILE.replace("ATTACK", attack)).play()
    assert seen.processes[0].exit_code == 0


# --- builds ------------------------------------------------------------------------------------------


def test_files_that_are_asked_for_are_kept(lay: Lay) -> None:
    table = lay("int main(void) { return 0; }", keep=("*.ci", "*.su"), extra=("-fcallgraph-info", "-fstack-usage"))
    assert set(table.build.kept) == {"main-main.ci", "main-main.su"} or set(table.build.kept) == {"main.ci", "main.su"}
    assert any(b"main" in content for content in table.build.kept.values())


def test_no_more_is_kept_than_there_is_room_for_and_no_link(world: World) -> None:
    script = "head -c 300000 /dev/zero > a.ci; ln -s /etc/passwd b.ci; mkfifo c.ci; echo d > d.ci; mkdir e.ci; > main"
    link = Link("main", ("sh", "-c", script))
    sandbox = world.backend.open()
    try:
        plan = BuildPlan("kept", (), (link,), Limits(), keep=("*.ci",))
        seen, *_ = sandbox.run(Plan((plan,), ()))
    finally:
        sandbox.close()
    assert isinstance(seen, BuildObservation)
    assert seen.kept == {"d.ci": b"d\n"}


@pytest.mark.skipif(SANDBOX == "docker", reason="its image is built with a runtime")
def test_a_course_without_runtime_is_told_that_there_is_no_traced_build(world: World, tmp_path: Path) -> None:
    real = Path(layout.__file__).parent.parent
    (tmp_path / "driver").symlink_to(real / "driver")
    made: type[LocalBackend | InplaceBackend] = LocalBackend if SANDBOX == "local" else InplaceBackend
    backend = made(SandboxSettings(driver=tmp_path))
    try:
        sandbox = backend.open()
        with pytest.raises(SandboxError, match="there is no traced build here"):
            list(sandbox.run(Plan((traced_build("int main(void) { return 0; }"),), ())))
        sandbox.close()
    finally:
        backend.close()
