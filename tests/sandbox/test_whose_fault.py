"""What a submission brings about is its own failure, never an error of ours: no grade is withheld for it."""

from __future__ import annotations

import os
import textwrap
from dataclasses import replace

from grader.cli.common import Course
from grader.model import Report, Verdict
from grader.submissions import read_submission
from grader.verify import cpu_load
from tests.sandbox.conftest import RIGHT, World
from tests.sandbox.course import add_exercise

SANITIZED = {"sanitize": True}


def test_an_error_that_only_the_sanitized_build_sees(world: World) -> None:
    source = "#ifdef __SANITIZE_ADDRESS__\n#error not here\n#endif\nint main(void)\n{\n    return 0;\n}\n"
    report = world.grade("fails_when_sanitized", SANITIZED, source)
    assert report.verdict is Verdict.FAILED
    assert [(finding.check, finding.build) for finding in report.findings] == [("build", "sanitized")]
    assert "not here" in report.findings[0].message


def test_a_program_that_is_too_large_to_be_kept(world: World) -> None:
    report = world.grade("too_large", {}, "char huge[40 << 20] = {1};\nint main(void)\n{\n    return huge[1];\n}\n")
    assert report.verdict is Verdict.FAILED
    assert "main is larger than 32 MiB" in report.findings[0].message
    world.assert_works()


def test_numbers_without_end_in_what_looks_like_a_sanitizers_report(world: World) -> None:
    source = textwrap.dedent(r"""
        #include <stdio.h>
        int main(void)
        {
            fprintf(stderr, "main.c:");
            for (int i = 0; i < 6000; i++)
                fputc('9', stderr);
            fprintf(stderr, ":1: runtime error: none\n");
            return 0;
        }
        """)
    assert world.grade("lies_in_digits", SANITIZED, source).verdict is Verdict.PASSED


def test_a_leader_that_leaves_by_pthread_exit_is_alive(world: World) -> None:
    source = textwrap.dedent(r"""
        #include <pthread.h>
        #include <signal.h>
        #include <stdio.h>
        static volatile sig_atomic_t count;
        static void on_usr1(int number)
        {
            (void)number;
            count++;
        }
        static void *work(void *nothing)
        {
            sigset_t wanted;
            int number;
            sigemptyset(&wanted);
            sigaddset(&wanted, SIGTERM);
            printf("ready\n");
            fflush(stdout);
            sigwait(&wanted, &number);
            printf("%d\n", (int)count);
            fflush(stdout);
            return nothing;
        }
        int main(void)
        {
            pthread_t thread;
            sigset_t blocked;
            signal(SIGUSR1, on_usr1);
            sigemptyset(&blocked);
            sigaddset(&blocked, SIGTERM);
            sigprocmask(SIG_BLOCK, &blocked, NULL);
            pthread_create(&thread, NULL, work, NULL);
            pthread_exit(NULL);
        }
        """)
    steps = [
        {"start": {"main": ["./main"]}},
        {"expect": {"main": {"line": "ready"}}},
        {"signal": {"main": {"send": "USR1", "times": 50}}},
        {"signal": {"main": "TERM"}},
        {"finish": {"main": {"exit": 0, "stdout": "ready\n50\n"}}},
    ]
    about = {"flags": ["-pthread"], "cases": [{"id": "main", "title": "counts", "steps": steps}]}
    report = world.grade("leader_leaves", about, source)
    assert report.verdict is Verdict.PASSED, report.items


def test_a_partner_that_does_not_compile_is_ours_even_under_the_name_of_a_students_file(world: World) -> None:
    name = add_exercise(
        world,
        "broken-partner",
        [{"id": "works", "steps": [{"start": {"p": ["./main"]}}, {"finish": "p"}]}],
        files={"reference/main.c": "int main(void)\n{\n    return nothing;\n}\n"},
        partners={"helper": "main.c"},
    )
    report = world.grade(name, {}, "int main(void)\n{\n    return 0;\n}\n")
    assert report.verdict is Verdict.ERROR
    assert report.score is None
    assert "the partner build fails" in report.error


def test_a_compiler_that_dies_without_a_word_is_ours(world: World) -> None:
    report = _compiled_by(world, "kill -KILL $$")
    assert report.verdict is Verdict.ERROR
    assert report.score is None
    assert "the plain build fails on this machine: the compiler ended (SIGKILL) and gave no reason" in report.error


def test_a_compiler_that_dies_without_a_word_is_run_again(world: World) -> None:
    report = _compiled_by(world, 'if [ -e tried ]; then exec gcc "$@"; fi; : >tried; kill -KILL $$')
    assert (report.verdict, report.error) == (Verdict.PASSED, "")


def _compiled_by(world: World, script: str) -> Report:
    """What is graded with a compiler that is this shell script."""
    name = add_exercise(world, "compiled", [{"id": "works", "steps": [{"start": {"p": ["./main"]}}, {"finish": "p"}]}])
    course = Course(replace(world.course.config, compiler=("sh", "-c", script, "compiler")))
    folder = world.root / "compiled-submission"
    folder.mkdir(exist_ok=True)
    (folder / "main.c").write_text(RIGHT, encoding="utf-8")
    exercise = course.exercise(name)
    engine = course.engine(world.backend, exercise)
    return engine.grade(exercise, read_submission(exercise, folder), seed=1, sanitize=False)


def test_a_busy_machine_costs_time_and_no_points(world: World) -> None:
    """Longer than the wall limit, for want of a processor."""
    source = textwrap.dedent(r"""
        #include <time.h>
        int main(void)
        {
            struct timespec used;
            do
                clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
            while (used.tv_sec == 0 && used.tv_nsec < 600000000);
            return 0;
        }
        """)
    with cpu_load(2 * (os.cpu_count() or 1)):
        report = world.grade("works_for_a_while", {"limits": {"wall": "1s", "cpu": "5s"}}, source)
    assert report.verdict is Verdict.PASSED
    world.assert_works()


def test_napping_without_end_is_a_failure_on_a_busy_machine_too(world: World) -> None:
    source = textwrap.dedent(r"""
        #include <unistd.h>
        int main(void)
        {
            for (;;)
                usleep(1000);
        }
        """)
    with cpu_load(2 * (os.cpu_count() or 1)):
        report = world.grade("naps", {"limits": {"wall": "1s"}}, source)
    assert report.verdict is Verdict.FAILED
    world.assert_works()
