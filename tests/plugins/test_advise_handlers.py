"""What handlers can reach in the call graphs that gcc really writes, and in those that nobody would."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest

from grader import BuildObservation, Ended, Exercise, Finding, Limits, Program, Submission
from plugins import advise_handlers
from plugins.advise_handlers import CHAINS, MOST, SAFE

HEAD = """#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
"""
LINE = HEAD.count("\n") + 1  # of what follows
TRACED = ("-fno-builtin", "-fno-omit-frame-pointer", "-fno-optimize-sibling-calls")


def an_exercise(*programs: Program) -> Exercise:
    names = tuple(dict.fromkeys(source for program in programs for source in program.sources))
    return Exercise(
        slug="demo",
        root=Path("demo"),
        source=Path("demo/exercise.yaml"),
        title="",
        teaches=(),
        difficulty=1,
        order=1,
        submit=names,
        programs=programs,
        limits=Limits(),
        cases=(),
        checks={},
        wrong={},
    )


def advice(kept: Mapping[str, bytes], files: Mapping[str, bytes], *programs: Program) -> list[Finding]:
    build = BuildObservation("traced", Ended.DONE, ok=True, output=b"", seconds=0.1, kept=kept)
    submission = Submission("ann", Path("ann"), files, "0" * 64)
    exercise = an_exercise(*programs or (Program("prog", ("demo.c",)),))
    return list(advise_handlers.grader_advise(exercise, submission, build))


def compiled(folder: Path, *programs: Program, flags: tuple[str, ...] = (), **sources: str) -> list[Finding]:
    """The notes on sources (name without .c -> text), built as the traced build builds them."""
    files = {}
    for name, text in sources.items():
        files[f"{name}.c"] = (HEAD + text).encode()
        (folder / f"{name}.c").write_bytes(files[f"{name}.c"])
    programs = programs or (Program("prog", tuple(files)),)
    for program in programs:
        command = ["gcc", "-std=gnu17", "-g", "-O1", "-w", *TRACED, *flags, "-fcallgraph-info", *program.sources]
        subprocess.run([*command, "-o", program.name], cwd=folder, check=True)
    kept = {path.name: path.read_bytes() for path in folder.glob("*.ci")}
    return advice(kept, files, *programs)


@pytest.mark.parametrize("flags", [("-O0",), ("-O1",), ("-O2",), ("-O2", "-fbuiltin"), ("-Os",)])
def test_the_whole_chain_is_told_with_each_line_even_where_it_was_inlined(
    flags: tuple[str, ...], tmp_path: Path
) -> None:
    (note,) = compiled(
        tmp_path,
        flags=flags,
        demo="""static volatile sig_atomic_t n;
static void report(int sig)
{
    printf("signal %d\\n", sig);
}
static void on_int(int sig)
{
    n++;
    report(sig);
}
int main(void) { signal(SIGINT, on_int); pause(); return 0; }
""",
    )
    call, printed = LINE + 8, LINE + 3
    assert note.check == "handler-reach"
    assert note.message == (
        "printf() can be reached in a signal handler: "
        f"on_int() calls report() at demo.c:{call}, which calls printf() at demo.c:{printed}"
    )
    assert [(place.line, place.function) for place in note.locations] == [(call, "on_int"), (printed, "report")]
    assert "stdio" in note.because
    assert "write(" in note.hint
    assert note.details[-1] == f"on_int() is installed as a handler at demo.c:{LINE + 10}"
    assert note.data["handler"] == "on_int"


def test_the_chain_crosses_files(tmp_path: Path) -> None:
    (note,) = compiled(
        tmp_path,
        main="void stop(int); int main(void) { signal(SIGTERM, stop); return 0; }\n",
        stop="void say(const char *); void stop(int s) { say(0); }\n",
        say="void say(const char *t) { perror(t); exit(1); }\n",
    )
    assert note.message == (
        f"perror() can be reached in a signal handler: stop() calls say() at stop.c:{LINE}, "
        f"which calls perror() at say.c:{LINE}; so can exit()"
    )
    assert f"stop() calls say() at stop.c:{LINE}, which calls exit() at say.c:{LINE}" in note.details


def test_what_a_header_makes_of_a_call_has_no_line_of_the_students(tmp_path: Path) -> None:
    source = BODY.replace("exit(s)", "printf(strsignal(s))") + INSTALLS["signal"] + "\n"
    (note,) = compiled(tmp_path, flags=("-O2", "-fbuiltin", "-D_FORTIFY_SOURCE=2"), demo=source)
    assert note.message == "printf() can be reached in a signal handler: h() calls printf(); so can strsignal()"
    assert note.locations == ()


def test_programs_that_share_a_source_are_told_of_once(tmp_path: Path) -> None:
    programs = (
        Program("one", ("one.c", "shared.c")),
        Program("two", ("two.c", "shared.c")),
        Program("solo", ("solo.c",)),
    )
    main = "void stop(int); int main(void) { signal(SIGTERM, stop); return 0; }\n"
    notes = compiled(
        tmp_path,
        *programs,
        one=main,
        two=main,
        solo="static void bye(int s) { exit(s); } int main(void) { signal(SIGTERM, bye); return 0; }\n",
        shared="void stop(int s) { exit(s); }\n",
    )
    assert sorted(path.name for path in tmp_path.glob("*.ci")) == [
        "one-one.ci",
        "one-shared.ci",
        "solo.ci",
        "two-shared.ci",
        "two-two.ci",
    ]
    assert [note.data["handler"] for note in notes] == ["stop", "bye"]


def test_a_partner_is_not_the_students(tmp_path: Path) -> None:
    program = Program("prog", ("demo.c",), partner=True)
    assert compiled(tmp_path, program, demo=BODY + INSTALLS["signal"]) == []


BODY = "static void h(int s) { exit(s); }\n"
INSTALLS = {
    "signal": "int main(void) { signal(SIGINT, h); }",
    "address": "int main(void) { signal(SIGINT, &h); }",
    "cast": "int main(void) { signal(SIGINT, (void (*)(int))h); }",
    "choice": "int main(int c, char **v) { signal(SIGINT, c > 1 ? h : SIG_IGN); }",
    "member": "int main(void) { struct sigaction a; a.sa_handler = h; sigaction(SIGINT, &a, 0); }",
    "arrow": "static void in(struct sigaction *a) { a->sa_handler = h; } "
    "int main(void) { struct sigaction a; in(&a); sigaction(SIGINT, &a, 0); }",
    "designated": "int main(void) { struct sigaction a = {.sa_flags = 0, .sa_handler = h}; sigaction(SIGINT, &a, 0); }",
    "first": "int main(void) { struct sigaction a = {h, 0}; sigaction(SIGINT, &a, 0); }",
    "braces": "int main(void) { struct sigaction a = {{h}}; sigaction(SIGINT, &a, 0); }",
    "compound": "int main(void) { sigaction(SIGINT, &(struct sigaction){.sa_handler = h}, 0); }",
    "three": "static void h3(int s, siginfo_t *i, void *u) { exit(s); }\n"
    "int main(void) { struct sigaction a = {.sa_flags = SA_SIGINFO}; a.sa_sigaction = h3; sigaction(SIGINT, &a, 0); }",
    "helper": "static void on(int n, void (*f)(int)) { struct sigaction a = {.sa_handler = f}; sigaction(n, &a, 0); }\n"
    "int main(void) { on(SIGINT, h); }",
    "csapp": "typedef void handler_t(int); handler_t *Signal(int signum, handler_t *handler) { struct sigaction action,"
    " old; action.sa_handler = handler; sigaction(signum, &action, &old); return old.sa_handler; }\n"
    "int main(void) { Signal(SIGINT, h); }",
    "plain-type": "void (*Signal(int n, void (*f)(int)))(int) { return signal(n, f); }\n"
    "int main(void) { Signal(2, h); }",
    "helpers": "static void set(void (*f)(int), int n) { signal(n, f); }\n"
    "static void both(void (*g)(int)) { set(g, SIGINT); set(g, SIGTERM); }\nint main(void) { both(h); }",
    "array": "int main(void) { static const int s[] = {1, 2}; for (int i = 0; i < 2; i++) { signal(s[i], h); } }",
    "conditional": "#ifdef SIGINT\nint main(void) { signal(SIGINT, h); }\n#else\nint main(void) { }\n#endif",
}


@pytest.mark.parametrize("how", INSTALLS)
def test_every_usual_way_to_install_a_handler_is_seen(how: str, tmp_path: Path) -> None:
    (note,) = compiled(tmp_path, flags=("-O0",), demo=BODY + INSTALLS[how] + "\n")
    assert note.message.startswith("exit() can be reached in a signal handler: h")
    assert "_exit()" in note.hint


@pytest.mark.parametrize(
    "source",
    [
        "int main(void) { atexit((void (*)(void))h); h(1); signal(SIGINT, SIG_IGN); }",
        "int main(void) { void (*f)(int) = h; f(1); struct sigaction a = {.sa_handler = SIG_DFL}; }",
        '/* signal(SIGINT, h) */ int main(void) { puts("signal(SIGINT, h)"); h(1); }\n// signal(SIGINT, h);',
        "#if 0\nvoid no(void) { signal(SIGINT, h); }\n#endif\nint main(void) { h(1); }",
        "static void k(int s) { if (0) h(s); } int main(void) { signal(SIGINT, k); h(1); }",
    ],
)
def test_what_is_no_handler_or_cannot_be_reached_is_left_alone(source: str, tmp_path: Path) -> None:
    assert compiled(tmp_path, demo=BODY + source + "\n") == []


def test_a_right_handler_is_left_alone(tmp_path: Path) -> None:
    source = """static volatile sig_atomic_t n; static int id; static char text[40];
static void right(int sig)
{
    int saved = errno;
    n++;
    write(1, text, strlen(text));
    while (waitpid(-1, 0, WNOHANG) > 0) n++;
    kill(getpid(), SIGUSR1);
    shmctl(id, IPC_RMID, 0);
    memcpy(text, "x", 2);
    struct timespec now; clock_gettime(CLOCK_REALTIME, &now);
    sem_t *s = (sem_t *)text; sem_post(s);
    if (sig == SIGTERM) _exit(0);
    errno = saved;
}
int main(void) { signal(SIGINT, right); }
"""
    for flags in ((), ("-O2", "-fbuiltin", "-D_FORTIFY_SOURCE=2"), ("-fsanitize=thread",)):
        assert compiled(tmp_path, flags=flags, demo=source) == []


@pytest.mark.parametrize(
    ("call", "name", "why"),
    [
        ("free(malloc(3));", "malloc", "malloc()"),
        ("fflush(stdout);", "fflush", "stdio"),
        ("pthread_mutex_lock(0);", "pthread_mutex_lock", "waits for itself"),
        ("sem_wait(0);", "sem_wait", "waits for itself"),
        ("time_t t = 0; localtime(&t);", "localtime", "man 7 signal-safety"),
        ('char b[9]; snprintf(b, 9, "%d", s); write(1, b, 9);', "snprintf", "man 7 signal-safety"),
        ('system("ipcrm -a");', "system", "man 7 signal-safety"),
        ("mblen(0, 1);", "mblen", "man 7 signal-safety"),  # unsafe, as all that is on no list
    ],
)
def test_each_family_has_its_reason(call: str, name: str, why: str, tmp_path: Path) -> None:
    source = f"#include <setjmp.h>\nvoid h(int s) {{ {call} }} int main(void) {{ signal(SIGINT, h); }}\n"
    (note,) = compiled(tmp_path, flags=("-O0",), demo=source)
    assert note.message.startswith(f"{name}() can be reached")
    assert why in note.because
    assert note.hint


def test_the_most_dangerous_comes_first_and_each_function_once(tmp_path: Path) -> None:
    source = """void h(int s) { time_t t = 0; puts(ctime(&t)); printf("%d", s); puts("a"); free(malloc(1)); exit(1); }
int main(void) { signal(SIGINT, h); }
"""
    (note,) = compiled(tmp_path, demo=source)
    assert note.message.startswith("malloc() can be reached in a signal handler: h() calls malloc() at")
    assert note.message.endswith("; so can free(), puts(), printf(), exit() and ctime()")
    assert len(note.details) == 6


def test_an_assertion_or_a_macro_is_told_at_the_line_that_uses_it(tmp_path: Path) -> None:
    source = """#include <assert.h>
#define DIE(text) \\
    do { perror(text); exit(1); } while (0)
void h(int s)
{
    assert(s);
    DIE("x");
}
int main(void) { signal(SIGINT, h); }
"""
    (note,) = compiled(tmp_path, demo=source)
    assert note.message.endswith(f": h() calls perror() at demo.c:{LINE + 6}; so can exit() and assert()")


def test_recursion_and_long_chains_come_to_an_end(tmp_path: Path) -> None:
    links = "".join(f"void f{n}(int s) {{ f{n - 1}(s); f{n + 1}(s); }}\n" for n in range(1, 40))
    declared = "".join(f"void f{n}(int);\n" for n in range(42))
    source = f"{declared}void f0(int s) {{ f1(s); }}\n{links}void f40(int s) {{ f40(s); exit(s); }}\n"
    (note,) = compiled(tmp_path, flags=("-O0",), demo=source + "int main(void) { signal(2, f0); }\n")
    assert "f0() calls f1() at" in note.message
    assert f"which in the end calls exit() at demo.c:{LINE + 42 + 40}" in note.message
    assert len(note.message) < 800


def test_at_most_a_handful_of_handlers(tmp_path: Path) -> None:
    handlers = "".join(f"static void h{n}(int s) {{ exit(s); }}\n" for n in range(MOST + 3))
    installed = "".join(f"signal({n + 1}, h{n});" for n in range(MOST + 3))
    assert len(compiled(tmp_path, demo=f"{handlers}int main(void) {{ {installed} }}\n")) == MOST


def test_without_call_graphs_nothing_is_said() -> None:
    files = {"demo.c": (BODY + INSTALLS["signal"]).encode()}
    assert advice({}, files) == []
    assert advice({"other-demo.ci": b"graph: {}", "prog-demo.ci": b""}, files) == []


def test_the_list_is_that_of_the_manual() -> None:
    assert len(SAFE) == 191
    assert {"write", "_exit", "waitpid", "sem_post", "kill", "strlen", "siglongjmp"} < SAFE
    assert not {"printf", "exit", "malloc", "sem_wait", "snprintf"} & SAFE


# --- hostile ------------------------------------------------------------------------------------

_GRAPH = (
    'node: { title: "demo.c:h" label: "h\\ndemo.c:1:13" }\n'
    'node: { title: "exit" label: "exit\\n/usr/include/stdlib.h:637:13" shape : ellipse }\n'
    'edge: { sourcename: "demo.c:h" targetname: "exit" label: "demo.c:1:24" }\n'
)
_SOURCE = BODY + INSTALLS["signal"]


def test_the_graph_of_these_tests_is_one() -> None:
    (note,) = advice({"prog-demo.ci": _GRAPH.encode()}, {"demo.c": _SOURCE.encode()})
    assert note.message == "exit() can be reached in a signal handler: h() calls exit() at demo.c:1"


def _chain(count: int) -> str:
    nodes = "".join(f'node: {{ title: "n{n}" label: "n{n}\\ndemo.c:{n}:1" }}\n' for n in range(count))
    edges = "".join(
        f'edge: {{ sourcename: "n{n}" targetname: "n{n + 1}" label: "demo.c:{n}:2" }}\n' for n in range(count - 1)
    )
    ends = "".join(f'edge: {{ sourcename: "n{count - 1}" targetname: "{name}" label: "" }}\n' for name in _UNSAFE)
    return nodes + edges + ends + 'edge: { sourcename: "demo.c:h" targetname: "n0" label: "x" }\n'


_UNSAFE = ("malloc", "free", "printf", "puts", "exit", "sem_wait", "rand", "system", "perror", "assert")


@pytest.mark.parametrize(
    "graph",
    [
        "\x00" * (1 << 20),
        "node: { title: " * (1 << 16),
        'node: { title: "' + "x" * (1 << 20),
        "\n" * (1 << 20),
        'edge: { sourcename: "demo.c:h" targetname: "exit" label: "demo.c:999999999999:1" }\n',
        'edge: { sourcename: "demo.c:h" targetname: "exit" label: "a.c:9999999:1" }\n' * 1000,
        'edge: { sourcename: "demo.c:h" targetname: "demo.c:h" label: "" }\n',
        'edge: { sourcename: "demo.c:h" targetname: "\x1b[2J\udcff" label: "" }\n',
        "".join(f'edge: {{ sourcename: "demo.c:h" targetname: "x{n}" label: "demo.c:1:1" }}\n' for n in range(30_000)),
        _chain(6_000),
    ],
    ids=range(10),
)
def test_hostile_graphs_make_few_and_short_notes(graph: str) -> None:
    kept = {"prog-demo.ci": (_GRAPH + graph).encode("utf-8", "surrogateescape")}
    notes = advice(kept, {"demo.c": _SOURCE.encode()})
    assert len(notes) == 1
    _small(notes)


@pytest.mark.parametrize(
    "source",
    [
        b"\x00" * (1 << 20),
        b"signal(" * (1 << 17),
        b"signal(2,h" * 50_000 + b")" * 50_000,
        b"void f(" + b"h," * (1 << 18) + b"h){signal(2,h);}",
        b"void f(int s, void *h){signal(s,h);f(1,h);}" * 20_000,
        b"sa_handler=" * (1 << 16),
        b"struct sigaction a={{" * (1 << 15),
        b"struct sigaction a={",
        b"sigaction",
        b"signal",
        b"{" * (1 << 20),
        b"/*",
        b'"\\' * (1 << 19),
        b"#if 1\n" * (1 << 17) + _SOURCE.encode(),
        b"#\n#define\n#else\n#endif\n#elif\n" + _SOURCE.encode(),
        b"void a(int s){b(s);}void b(int s){a(s);}" * 10_000 + b"int main(){signal(2,a);}",
        "".join(f"void f{n}(void*h){{f{n + 1}(h);}}" for n in range(10_000)).encode()
        + b"void f10000(void*h){signal(2,h);}",
    ],
    ids=range(17),
)
def test_hostile_sources_make_few_and_short_notes(source: bytes) -> None:
    _small(advice({"prog-demo.ci": _GRAPH.encode()}, {"demo.c": source}))
    _small(advice({"prog-demo.ci": _chain(2_000).encode() + _GRAPH.encode()}, {"demo.c": _SOURCE.encode() + source}))


def _small(notes: list[Finding]) -> None:
    assert len(notes) <= MOST
    for note in notes:
        assert len(note.message) < 2_000
        assert len(note.details) <= CHAINS + 1
        assert len(note.locations) <= 2 * CHAINS
        assert len(str(note.data)) < 60_000
        assert replace(note).message.isprintable() or "\x1b" not in note.message
