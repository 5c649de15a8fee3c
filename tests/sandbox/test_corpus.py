"""A short part of the corpus of small programs (tests/corpus) through the whole grader, schedules and all.

Each is graded once with -O0 and once with -O2: a wrong one fails in every run, a right one in none. The whole of it,
many times, on a busy machine: `python -m bench.corpus`. `make test PYTEST="-m 'not corpus'"` leaves this out.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.corpus import OWN, SHORT, Corpus, Program, play, programs
from tests.sandbox.conftest import SANDBOX

ALL = tuple(programs(OWN))
CHOSEN = tuple(program for program in ALL if program.place.partition("/")[2] in SHORT)

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module", params=["-O0", "-O2"])
def corpus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    made = Corpus(OWN, tmp_path_factory.mktemp("corpus"), [request.param], SANDBOX)
    yield made
    made.backend.close()


@pytest.mark.parametrize("program", CHOSEN, ids=lambda program: program.place)
def test_a_wrong_program_fails_and_a_right_one_does_not(corpus: Corpus, program: Program) -> None:
    outcome = play(corpus, program, 1, [])
    assert outcome.wrong_verdicts == 0, dict(outcome.told)


def test_the_short_corpus_names_programs_that_there_are() -> None:
    assert sorted(program.place.partition("/")[2] for program in CHOSEN) == sorted(SHORT)


@pytest.mark.parametrize("program", ALL, ids=lambda program: program.place)
def test_the_first_line_says_what_the_program_is(program: Program) -> None:
    folder = Path(program.place).parent.name
    words = {"bad": "Wrong", "ok": "Right", "dead": "Dead", "live": "Live"}[folder]
    assert program.source.read_text(encoding="ascii").startswith(f"/* {words}: ")
