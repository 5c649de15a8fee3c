from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from grader import verify
from grader.errors import SandboxError
from grader.model import BuildResult, Exercise, ItemResult, Report, Submission, Verdict
from tests.samples import BAD, GOOD, Grading, a_report, an_exercise, honest, write_tree

Grade = Callable[[Exercise, Submission, int, verify.Scope], Report]


@pytest.fixture
def exercise(tmp_path: Path) -> Exercise:
    return an_exercise(tmp_path)


def proofs(exercise: Exercise, grade: Grading, *, repeat: int = 4, loaded: bool = True) -> dict[str, verify.Proof]:
    def whole(exercise: Exercise, submission: Submission, seed: int, scope: verify.Scope) -> Report:
        assert not scope.cases
        return grade(exercise, submission, seed)

    tried = [verify.attempt(trial, whole) for trial in verify.trials(exercise, repeat=repeat, loaded=loaded, seed=1)]
    return {proof.claim: proof for proof in [*verify.examine(exercise), *verify.judge(exercise, tried)]}


def unproven(exercise: Exercise, grade: Grading | None = None) -> dict[str, str]:
    made = proofs(exercise, grade or Grading())
    return {claim: proof.why for claim, proof in made.items() if not proof.holds}


def only(problems: dict[str, str]) -> tuple[str, str]:
    assert len(problems) == 1, problems
    return next(iter(problems.items()))


def test_a_sound_exercise_is_proven(exercise: Exercise) -> None:
    made = proofs(exercise, Grading())
    assert all(proof.holds for proof in made.values()), made
    assert "wrong/bad.c is caught every time by works" in made
    assert made["reference compiles without warnings, and passes every time"].why == "9 trials, 4 of them under load"
    assert made["wrong/bad.c is caught every time by works"].why == "4 trials, 2 of them under load"


def test_every_repetition_has_a_seed_of_its_own_and_they_can_be_drawn_again(exercise: Exercise) -> None:
    first = verify.trials(exercise, repeat=5, loaded=False, seed=1)
    seeds = [trial.seed for trial in first if trial.solution.path == "reference"]
    assert len(set(seeds)) == 6  # five, and one with a late driver
    assert [trial.seed for trial in verify.trials(exercise, repeat=5, loaded=False, seed=1)] == [t.seed for t in first]
    assert [trial.seed for trial in verify.trials(exercise, repeat=5, loaded=False, seed=2)] != [t.seed for t in first]


def test_a_reference_that_fails_with_a_late_driver_is_told_with_the_command(exercise: Exercise) -> None:
    def hasty(exercise: Exercise, submission: Submission, seed: int, scope: verify.Scope) -> Report:
        report = honest(exercise, submission, seed)
        if scope.late and report.verdict is Verdict.PASSED:
            return a_report(exercise, submission, seed, failing={"works": "it had ended by then"})
        return report

    tried = [verify.attempt(one, hasty) for one in verify.trials(exercise, repeat=2, loaded=False, seed=1)]
    broken = {proof.claim: proof.why for proof in verify.judge(exercise, tried) if not proof.holds}
    why = broken["reference compiles without warnings, and passes every time"]
    assert "each step waits until the programs have come as far as they can; in 1 of 3 trials" in why
    assert why.endswith(" --late")


def test_a_reference_that_fails_once_is_told_with_the_seed(exercise: Exercise) -> None:
    bad_seed = verify.trials(exercise, repeat=4, loaded=True, seed=1)[3].seed

    def flaky(exercise: Exercise, submission: Submission, seed: int) -> Report:
        if seed == bad_seed:
            return a_report(exercise, submission, seed, failing={"works": "it lost a line"})
        return honest(exercise, submission, seed)

    claim, why = only(unproven(exercise, Grading(flaky)))
    assert claim.startswith("reference")
    assert "it fails works: it lost a line; in 1 of 9 trials" in why
    assert why.endswith(f"--seed {bad_seed}")


def test_a_wrong_solution_that_is_missed_once_is_not_proven(exercise: Exercise) -> None:
    missed: list[int] = []

    def lucky(exercise: Exercise, submission: Submission, seed: int) -> Report:
        if b"bad" in submission.files["demo.c"] and not missed:
            missed.append(seed)
            return a_report(exercise, submission, seed)
        return honest(exercise, submission, seed)

    claim, why = only(unproven(exercise, Grading(lucky)))
    assert claim.startswith("wrong/bad.c")
    assert "works did not catch it (it passes); in 1 of 4 trials" in why
    assert f"--seed {missed[0]}" in why


def by_luck(*plain: bool) -> Grade:
    """A grader whose plain build catches what is wrong in some gradings, by turns, and whose traced one does always."""
    turns = iter(plain)

    def grade(exercise: Exercise, submission: Submission, seed: int, scope: verify.Scope) -> Report:
        if b"bad" not in submission.files["demo.c"]:
            return honest(exercise, submission, seed)
        build = "plain" if next(turns) else "traced"
        if build == "traced" and not scope.trace:
            return a_report(exercise, submission, seed)
        report = honest(exercise, submission, seed)
        return replace(report, items=tuple(map(partial(found_in, build), report.items)))

    return grade


def found_in(build: str, item: ItemResult) -> ItemResult:
    return replace(item, findings=tuple(replace(finding, build=build) for finding in item.findings))


@pytest.mark.parametrize(
    "plain",
    [
        pytest.param((False, False), id="never"),
        pytest.param((False, True, True, False), id="only when the others were to be asked"),
        pytest.param((True, False, False), id="only the first time"),
    ],
)
def test_a_wrong_solution_that_the_plain_build_catches_by_luck_is_caught_by_the_others(
    exercise: Exercise, plain: tuple[bool, ...]
) -> None:
    grade = by_luck(*plain)
    every = [
        one for one in verify.trials(exercise, repeat=2, loaded=False, seed=1) if one.solution.path == "wrong/bad.c"
    ]
    first = verify.attempt(every[0], grade)
    tried = [first]
    if plain[0]:
        tried.append(verify.attempt(verify.narrowed(every[1], first), grade))
    claims = {proof.claim: proof for proof in verify.judge(exercise, tried)}
    assert claims["wrong/bad.c is caught every time by works"].holds


def test_what_only_luck_has_caught_is_not_proven(exercise: Exercise) -> None:
    trial = next(
        one for one in verify.trials(exercise, repeat=1, loaded=False, seed=1) if one.solution.path == "wrong/bad.c"
    )
    tried = verify.attempt(trial, by_luck(False, *[True] * 100))
    assert (
        "works did not catch it"
        in {proof.claim: proof.why for proof in verify.judge(exercise, [tried])}[
            "wrong/bad.c is caught every time by works"
        ]
    )


def test_a_wrong_solution_must_be_caught_by_each_that_the_spec_names(exercise: Exercise) -> None:
    exercise = replace(exercise, wrong={"bad.c": ("works", "no-such-check")})
    _, why = only(unproven(exercise))
    assert "no-such-check did not catch it" in why


def test_the_name_of_a_check_counts_as_well_as_the_id_of_a_case(exercise: Exercise) -> None:
    assert unproven(replace(exercise, wrong={"bad.c": ("output",)})) == {}


def test_a_wrong_solution_that_does_not_compile_proves_nothing(exercise: Exercise) -> None:
    def uncompiled(exercise: Exercise, submission: Submission, seed: int) -> Report:
        report = honest(exercise, submission, seed)
        if b"bad" not in submission.files["demo.c"]:
            return report
        return replace(report, builds=(BuildResult("plain", False, ("gcc",), "demo.c:1:1: error: no", 0.1),))

    _, why = only(unproven(exercise, Grading(uncompiled)))
    assert "it does not compile" in why


def test_a_starter_must_fail_and_compile_without_warnings(exercise: Exercise) -> None:
    write_tree(exercise.root, {"starter/demo.c": GOOD})
    claim, why = only(unproven(exercise))
    assert claim.startswith("starter")
    assert why.startswith("it passes; in 1 of 1 trials")

    def warned(exercise: Exercise, submission: Submission, seed: int) -> Report:
        report = a_report(exercise, submission, seed, failing={"works": "no"})
        diagnostics = "demo.c: In function 'main':\ndemo.c:3:5: warning: unused variable 'x'\n"
        return replace(report, builds=(BuildResult("plain", True, ("gcc",), diagnostics, 0.1),))

    assert "the compiler warns: demo.c:3:5: warning: unused variable 'x'" in unproven(exercise, Grading(warned))[claim]


def test_right_solutions_must_pass_too(exercise: Exercise) -> None:
    write_tree(exercise.root, {"right/other-way.c": BAD})
    claim, _ = only(unproven(exercise))
    assert claim == "right/other-way.c passes every time"


def test_a_case_that_no_wrong_solution_fails_is_named(exercise: Exercise) -> None:
    def only_works(exercise: Exercise, submission: Submission, seed: int) -> Report:
        failing = {} if b"good" in submission.files["demo.c"] else {"works": "no"}
        return a_report(exercise, submission, seed, failing=failing)

    _, why = only(unproven(exercise, Grading(only_works)))
    assert why == "tidy is failed by none"


def test_a_folder_in_wrong_holds_only_what_differs_from_the_reference(tmp_path: Path) -> None:
    exercise = an_exercise(tmp_path, submit=("server.c", "client.c"))
    assert unproven(exercise) == {}
    wrong = next(one for one in verify.solutions(exercise) if one.role is verify.Role.WRONG)
    assert wrong.submission is not None
    assert dict(wrong.submission.files) == {"server.c": BAD.encode(), "client.c": GOOD.encode()}


def test_a_failing_sandbox_proves_nothing_either_way(exercise: Exercise) -> None:
    def broken(exercise: Exercise, submission: Submission, seed: int) -> Report:
        raise SandboxError("the zygote died")

    made = proofs(exercise, Grading(broken))
    proof = made["reference compiles without warnings, and passes every time"]
    assert proof.verdict is Verdict.ERROR
    assert "9 of 9 trials could not be graded: the zygote died" in proof.why
    tried = [one for claim, one in made.items() if claim not in {still.claim for still in verify.examine(exercise)}]
    assert {one.verdict for one in tried} == {Verdict.ERROR}


@pytest.mark.parametrize(
    ("break_it", "why"),
    [
        (lambda root: write_tree(root, {"notes.txt": ""}), "notes.txt does not belong there"),
        (lambda root: write_tree(root, {"starter/a.out": ""}), "starter/a.out does not belong there"),
        (lambda root: write_tree(root, {"wrong/more.c": BAD}), "wrong/more.c is not in the spec"),
        (lambda root: write_tree(root, {"README.md": "Do it.\n"}), "README.md does not mention demo.c"),
        (lambda root: (root / "DESIGN.md").unlink(), "DESIGN.md is missing"),
    ],
)
def test_a_fault_of_the_folder_is_named(exercise: Exercise, break_it: object, why: str) -> None:
    assert callable(break_it)
    break_it(exercise.root)
    assert only(unproven(exercise))[1] == why


def test_a_missing_hint_and_a_wrong_file_that_does_not_exist_are_named(exercise: Exercise) -> None:
    case = replace(exercise.cases[0], hint=" ", because="")
    assert only(unproven(replace(exercise, cases=(case,))))[1] == "works has no because and no hint"
    gone = unproven(replace(exercise, wrong={**exercise.wrong, "gone.c": ("works",)}))
    assert "wrong/gone.c does not exist" in gone.values()
    assert any(claim.startswith("wrong/gone.c is caught") for claim in gone)


def test_the_hogs_are_gone_whatever_happens() -> None:
    def children() -> set[str]:
        pid = os.getpid()
        return set(Path(f"/proc/{pid}/task/{pid}/children").read_text().split())

    before = children()

    def under_load() -> None:
        with verify.cpu_load(3):
            assert len(children() - before) == 3
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        under_load()
    assert children() == before


def test_repetitions_of_a_wrong_solution_play_only_where_it_must_be_caught(exercise: Exercise) -> None:
    every = verify.trials(exercise, repeat=2, loaded=False, seed=1)

    def grade(exercise: Exercise, submission: Submission, seed: int, scope: verify.Scope) -> Report:
        return honest(exercise, submission, seed)

    firsts = [verify.attempt(trial, grade) for trial in verify.first_trials(every)]
    by_role = {one.trial.solution.role: one for one in firsts}
    again = {trial.solution.role: verify.narrowed(trial, by_role[trial.solution.role]) for trial in every}
    assert again[verify.Role.WRONG].scope == verify.Scope(frozenset({"works"}), sanitize=False, trace=False)
    assert again[verify.Role.REFERENCE].scope == verify.LATE  # the last one
