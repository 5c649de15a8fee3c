"""A late driver: each step waits until the programs have come as far as they can, whatever they do meanwhile."""

from __future__ import annotations

import textwrap
from typing import Any

import pytest

from grader.model import Verdict
from tests.sandbox.conftest import World

END = """
    #include <signal.h>
    #include <stdio.h>
    #include <unistd.h>
    static volatile sig_atomic_t over;
    static void on_term(int number) { (void)number; over = 1; }
    int main(void)
    {
        signal(SIGTERM, on_term);
        printf("ready\\n");
        fflush(stdout);
        while (!over)
            GO_ON;
        return 0;
    }
    """
UNTIL_TERM: list[dict[str, Any]] = [
    {"start": {"main": ["./main"]}},
    {"expect": {"main": {"line": "ready"}}},
    {"signal": {"main": "TERM"}},
    {"finish": {"main": {"exit": 0}}},
]


@pytest.mark.parametrize(
    ("name", "goes_on"), [("spins", ""), ("naps", "usleep(500)"), ("sleeps", "sleep(1000)"), ("pauses", "pause()")]
)
def test_who_never_comes_to_an_end_by_itself_is_not_waited_for(world: World, name: str, goes_on: str) -> None:
    about = {"steps": UNTIL_TERM, "flags": ["-O1"], "limits": {"cpu": "2s", "wall": "20s"}}
    report = world.grade(f"late-{name}", about, textwrap.dedent(END).replace("GO_ON", goes_on), late=True)
    assert report.verdict is Verdict.PASSED, report.items


def test_a_case_that_counts_on_a_quick_driver_fails_in_every_run(world: World) -> None:
    steps = [{"start": {"main": ["./main"]}}, {"signal": {"main": "TERM"}}, {"finish": {"main": {"signal": "TERM"}}}]
    source = "int main(void)\n{\n    return 0;\n}\n"
    for _ in range(5):
        report = world.grade("late-hasty", {"steps": steps}, source, late=True)
        assert report.verdict is Verdict.FAILED


def test_who_works_for_a_while_comes_to_its_end_first(world: World) -> None:
    """Not at rest before both have passed the line on a hundred times."""
    source = textwrap.dedent(r"""
        #include <stdio.h>
        #include <sys/wait.h>
        #include <unistd.h>
        int main(void)
        {
            int to[2], from[2];
            char c = 'x';
            if (pipe(to) == -1 || pipe(from) == -1)
                return 1;
            if (fork() == 0) {
                close(to[1]);
                while (read(to[0], &c, 1) == 1)
                    write(from[1], &c, 1);
                _exit(0);
            }
            for (int i = 0; i < 100; i++)
                if (write(to[1], &c, 1) != 1 || read(from[0], &c, 1) != 1)
                    return 1;
            close(to[1]);
            wait(NULL);
            puts("done");
            fflush(stdout);
            return pause();
        }
        """)
    steps = [
        {"start": {"main": ["./main"]}},
        {"signal": {"main": "TERM"}},
        {"finish": {"main": {"signal": "TERM", "stdout": "done\n"}}},
    ]
    assert world.grade("late-works", {"steps": steps}, source, late=True).verdict is Verdict.PASSED
