"""The mistakes that a few tokens prove: each is told where it is, and what only looks like one is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import BuildObservation, Ended, Finding, Submission
from plugins import advise_source
from plugins.advise_source import MOST, PLACES, RULES


def advice(*sources: str | bytes, build: str = "plain") -> list[Finding]:
    files = {f"{chr(97 + n)}.c": text if isinstance(text, bytes) else text.encode() for n, text in enumerate(sources)}
    submission = Submission("ann", Path("ann"), files, "0" * 64)
    observation = BuildObservation(build, Ended.DONE, ok=True, output=b"", seconds=0.1)
    return list(advise_source.grader_advise(submission, observation))


def told(body: str) -> list[str]:
    """The checks that speak of a function's body."""
    return [note.check for note in advice(f"int main(void)\n{{\n{body}\n}}\n")]


WRONG = {
    "message-size": [
        "msgsnd(id, &m, sizeof m, 0) == 0 || fail();",
        "if (msgsnd(id, &m, sizeof(m), 0) == -1) fail();",
        "n = msgrcv(id, m, sizeof(*m), 0, 0);",
        "struct message m; n = msgrcv(id, &m, sizeof(struct message), 0, 0);",
        "message_t *m; n = msgrcv(id, m, sizeof(message_t), 0, 0);",
    ],
    "pause-race": [
        "while (!flag) pause();",
        "while (got == 0)\n{\n pause();\n}",
        "while (count < 3 && !stop) pause();",
    ],
    "condition-if": [
        "if (!ready) pthread_cond_wait(&c, &m);",
        "if (b->count == 0 && !b->closed)\n{\n pthread_cond_wait(&b->changed, &b->mutex);\n}\ntake(b);",
        "if (n == 0) { waiting++; pthread_cond_timedwait(&c, &m, &t); waiting--; }",
        "for (int i = 0; i < rounds; i++) { if (n == 0) pthread_cond_wait(&c, &m); n--; }",
        "while (1) { lock(); if (n == 0) { pthread_cond_wait(&c, &m); } n--; unlock(); }",
        "do { if (!n) pthread_cond_wait(&c, &m); n--; } while (!done);",
    ],
    "fork-result": ["if (fork() == 0) run();", "if (!fork()) { run(); }", "pid = fork() == 0;"],
    "unchecked-call": [
        "pipe(fd);",
        "{ pipe(fd); }",
        "if (x) pipe(fd);",
        "while (x) { y(); pipe(fd); }",
        "if (x) y(); else pipe(fd);",
        "do write(fd, b, 1); while (x);",
        "fork();",
        "semop(id, &op, 1);",
        "semctl(id, 0, SETVAL, arg);",
        "fcntl(fd, F_SETLKW, &lock);",
        "flock(fd, LOCK_EX);",
        "sem_wait(&shm->lock);",
        "read(fd[0], buffer, sizeof buffer);",
        "write(fd, text, strlen(text));",
        "ftruncate(fd, 4096);",
    ],
    "busy-wait": [
        "while (!flag);",
        "while (!flag) ;",
        "while (!flag) { }",
        "while (shm->turn != me);",
        "while (1);",
        "while (atomic_load(&lock)) {}",
        "while (__sync_lock_test_and_set(&lock, 1));",
        "while (sizeof(x) > *p);",
    ],
    "ftok": [
        "id = shmget(ftok(path, 1), 4096, 0600);",
        'key_t key = ftok("shmfile", 65);',
        'key_t key = ftok("/home/me/key", 65);',
    ],
    "sleep-wait": [
        "sleep(1);\nkill(pid, SIGUSR1);",
        "usleep(1000); if (kill(pid, 0) == -1) fail();",
        "sleep(2); shmctl(id, IPC_RMID, 0);",
        "while (!ready) sleep(1);",
        "while (shm->count < n) { usleep(100); }",
        "while (!ready) sched_yield();",
    ],
    "signal-call": ["signal(SIGINT, on_int);", "signal(SIGINT, &on_int);", "old = signal(sig, handler);"],
}
RIGHT = [
    "while (!ready) pthread_cond_wait(&c, &m);",
    "while (n == 0) { pthread_cond_wait(&c, &m); }",
    "for (;;) { if (n > 0) break; pthread_cond_wait(&c, &m); }",
    "for (;;) { if (n == 0) { pthread_cond_wait(&c, &m); continue; } n--; }",
    "for (;;) { if (n == 0) pthread_cond_wait(&c, &m); else n--; }",
    "while (n == 0) { if (!stop) pthread_cond_wait(&c, &m); }",
    "while (b->n == 0) { if (b->left) pthread_cond_wait(&c, &m); note(); }",
    "do { if (!n) pthread_cond_wait(&c, &m); look(); } while (!n);",
    "if (x) { while (n == 0) pthread_cond_wait(&c, &m); }",
    "{ pthread_cond_wait(&c, &m); }",
    "if (pthread_cond_wait(&c, &m) != 0) fail();",
    "again: if (n == 0) { pthread_cond_wait(&c, &m); goto again; }",
    "if (pipe(fd) == -1) fail();",
    "(void)pipe(fd);",
    "int r = pipe(fd);",
    "return pipe(fd);",
    "x ? pipe(fd) : 0;",
    "f(pipe(fd));",
    "pipe(fd) == 0 || fail();",
    "struct thing s = { pipe(fd) };",
    "s.pipe(fd); s->pipe(fd);",
    "extern int pipe(int *);",
    "while (pipe(fd) == -1);",
    'write(STDOUT_FILENO, "x", 1); write(2, "x", 1);',
    "semctl(id, 0, IPC_RMID); semctl(id, 0, GETVAL) ;",
    "fcntl(fd, F_SETFD, FD_CLOEXEC); flock(fd, LOCK_UN);",
    "close(fd); kill(pid, 9); waitpid(pid, 0, 0); wait(0); shmdt(p);",
    "pid_t pid = fork(); if (pid == 0) run();",
    "switch (fork()) { case -1: fail(); }",
    "while (waitpid(-1, 0, 0) > 0);",
    "while (*d++ = *s++);",
    "while (--n);",
    "while ((c = getchar()) != EOF);",
    "while (n = next);",
    "do { n(); } while (!flag);",
    "do n(); while (!flag);",
    "while (1) pause();",
    "while (1) { sleep(1); }",
    "while (!flag) sigsuspend(&mask);",
    "while (!flag) { pause(); count(); }",
    "pause();",
    "while (next()) pause();",
    "while (more) { sleep(1); kill(pid, SIGUSR1); }",
    "for (;;) { if (x) { sleep(1); kill(pid, SIGUSR1); } }",
    "sleep(1);",
    'sleep(1); printf("x");',
    'key_t key = ftok("/tmp", 65); if (key == -1) fail();',
    'key_t key = ftok(".", 65);',
    "key_t key = ftok(path, 65);",
    "key_t key = ftok(argv[0], 65);",
    'creat("file", 0600) == -1 && fail(); key_t key = ftok("file", 1);',
    "signal(SIGPIPE, SIG_IGN); signal(SIGINT, SIG_DFL); signal(SIGINT, NULL); signal(SIGINT, 0);",
    "msgsnd(id, &m, sizeof m - sizeof(long), 0) == 0 || fail();",
    "msgsnd(id, &m, sizeof(m.text), 0) == 0 || fail();",
    "msgsnd(id, &m, sizeof(struct body), 0) == 0 || fail();",
    "msgsnd(id, p, sizeof(p), 0) == 0 || fail();",
    "/* pipe(fd); while (!flag); */ // fork();",
    "char *s = \"pipe(fd); while (!flag);\"; char c = ';';",
    "\n#if 0\n pipe(fd);\n#endif\n",
    "\n#ifdef DEBUG\n pipe(fd);\n while (!flag);\n#else\n fork();\n#endif\n",
    "\n#define START pipe(fd);\n",
]


@pytest.mark.parametrize(("check", "body"), [(check, body) for check, bodies in WRONG.items() for body in bodies])
def test_each_mistake_is_told(check: str, body: str) -> None:
    assert told(body) == [check]


@pytest.mark.parametrize("body", RIGHT)
def test_what_is_no_mistake_is_left_alone(body: str) -> None:
    assert told(body) == []


def test_every_rule_has_an_example() -> None:
    assert [rule.check for rule in RULES] == list(WRONG)


def test_a_note_says_where_why_and_what_to_do() -> None:
    (note,) = advice(
        "#include <unistd.h>\nint main(void)\n{\n    int fd[2];\n    pipe(fd);\n    read(fd[0], fd, 1);\n}\n"
    )
    assert note.message == (
        "a.c:5: what pipe() returns is not looked at: if it fails, the two descriptors are whatever lay there before,"
        " and the like at 1 more line"
    )
    assert [(place.file, place.line, place.column, place.function) for place in note.locations] == [
        ("a.c", 5, 5, "main"),
        ("a.c", 6, 5, "main"),
    ]
    assert note.details[0].startswith("a.c:6: what read() returns is not looked at: ")
    assert "perror" in note.hint
    assert note.because


def test_an_own_function_or_macro_of_that_name_is_another() -> None:
    for file in ("int pipe(int *fd) { return 0; }", "#define pipe(x) check(x)", "#define fork() 0"):
        notes = advice("int main(void) { pipe(fd); fork(); }", file)
        assert [note.data["lines"] for note in notes] == [1]
        assert ("pipe" in notes[0].message) == ("fork" in file)


def test_a_condition_that_is_a_macro_may_call() -> None:
    assert advice("#define DONE (waitpid(-1, 0, 0) > 0)\nint main(void) { while (DONE); }") == []
    (note,) = advice("#define READY 1\nint main(void) { while (shm->state != READY); }")
    assert note.check == "busy-wait"
    assert advice("#define FOREVER 1\nint main(void) { while (FOREVER) pause(); }") == []


def test_the_guard_of_a_header_leaves_what_is_within_certain() -> None:
    guarded = "#ifndef A_H\n#define A_H\nstatic void f(void) { pipe(fd); }\n#endif\n"
    assert [note.check for note in advice(guarded)] == ["unchecked-call"]
    assert advice(guarded.replace("#define A_H", "#define B_H")) == []
    after_zero = "int main(void) {\n#if 0\n if (x) {\n#else\n pipe(fd); {\n#endif\n } }"
    assert [note.check for note in advice(after_zero)] == ["unchecked-call"]


def test_only_a_handful_the_most_dangerous_first_and_each_line_once() -> None:
    body = "\n".join(bodies[0] for bodies in WRONG.values())
    notes = advice(f"int main(void)\n{{\n{body}\n}}\n")
    assert [note.check for note in notes] == list(WRONG)[:MOST]
    (note,) = advice("int main(void) {" + "pipe(a); pipe(b);\n" * (PLACES + 5) + "}")
    assert note.data["lines"] == PLACES + 5
    assert len(note.locations) == PLACES


def test_the_source_is_looked_at_once() -> None:
    for build in ("sanitized", "traced"):
        assert advice("int main(void) { pipe(fd); }", build=build) == []


@pytest.mark.parametrize("unit", ["pipe(", "pipe(fd);", "while(", "while(!x);", "do ", "{", "}", ")", "if(x)", "ftok(",
                                  "msgsnd(1,&m,sizeof m,", "sleep(1);kill(", "signal(", "fork()==", "\x00", "\\", "'",
                                  '"', "/*", "#", "#if 0\n", "#else\n", "void f(){", "struct m m;", "\xff", "sizeof",
                                  "while(x){pause();}"])  # fmt: skip
def test_hostile_sources_make_few_and_short_notes(unit: str) -> None:
    raw = unit.encode("latin-1")
    for source in (raw * ((1 << 20) // len(raw)), b"int main(void){" + raw * 3000, raw, b"f(){" + raw + b"}"):
        notes = advice(source)
        assert len(notes) <= MOST
        for note in notes:
            assert len(note.message) < 400
            assert len(note.locations) <= PLACES
            assert len("".join(note.details)) < 400 * PLACES
