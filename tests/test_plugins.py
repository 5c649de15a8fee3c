"""Plugins are loaded by path, in the order of their names, and what is wrong with one is told with its line."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from grader import plugins
from grader.errors import PluginError
from tests.samples import write_tree

HEAD = "from grader import Finding, hookimpl\n\n\n"
GOOD = HEAD + '@hookimpl\ndef grader_checks():\n    return {"%s": "words"}\n'


def _load(root: Path, files: dict[str, str], exercise: Path | None = None) -> list[str]:
    """The names of the checks, in the order in which the plugins tell them."""
    manager = plugins.load([write_tree(root / "plugins", files)], exercise)
    return [name for names in manager.hook.grader_checks() for name in names]


def _problem(root: Path, source: str) -> str:
    with pytest.raises(PluginError) as raised:
        _load(root, {"bad.py": source})
    assert raised.value.exit_status == 2
    text = str(raised.value)
    path = f"{root}/plugins/bad.py"
    assert text.startswith(path)
    return text.removeprefix(path)


def test_each_file_is_a_plugin_in_the_order_of_names(tmp_path: Path) -> None:
    files = {"b.py": GOOD % "b", "a.py": GOOD % "a", "_helper.py": "raise ValueError", "notes.txt": "no"}
    assert _load(tmp_path, files) == ["a", "b"]


def test_a_folder_without_plugins_is_fine(tmp_path: Path) -> None:
    assert plugins.load([tmp_path / "none"]).hook.grader_checks() == []


def test_the_local_sandbox_is_always_there(tmp_path: Path) -> None:
    assert plugins.load([]).has_plugin("grader.backends.local")


def test_the_plugin_of_an_exercise_takes_part(tmp_path: Path) -> None:
    exercise = write_tree(tmp_path / "demo", {"plugin.py": GOOD % "own"})
    assert _load(tmp_path, {"a.py": GOOD % "a"}, exercise) == ["a", "own"]
    assert _load(tmp_path, {"a.py": GOOD % "a"}, tmp_path) == ["a"]


def test_the_same_name_in_two_folders_is_two_plugins(tmp_path: Path) -> None:
    folders = [write_tree(tmp_path / name / "plugins", {"same.py": GOOD % name}) for name in ("one", "two")]
    manager = plugins.load(folders)
    assert [name for names in manager.hook.grader_checks() for name in names] == ["one", "two"]


def test_two_managers_do_not_disturb_each_other(tmp_path: Path) -> None:
    one = plugins.load([write_tree(tmp_path / "1" / "plugins", {"same.py": GOOD % "one"})])
    two = plugins.load([write_tree(tmp_path / "2" / "plugins", {"same.py": GOOD % "two"})])
    assert [*one.hook.grader_checks(), *two.hook.grader_checks()] == [{"one": "words"}, {"two": "words"}]


def test_an_unknown_hook_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    source = HEAD + "@hookimpl\ndef grader_chek_case(case):\n    return []\n"
    assert _problem(tmp_path, source) == ":4: unknown hook 'grader_chek_case'; did you mean 'grader_check_case'?"


def test_an_unknown_hook_like_no_other_is_told_with_all(tmp_path: Path) -> None:
    problem = _problem(tmp_path, "def grader_xyzzyxyzzyxyzzyxyzzy():\n    pass\n")
    assert problem.startswith(":1: unknown hook 'grader_xyzzyxyzzyxyzzyxyzzy'; the hooks are grader_advise, ")


def test_a_hook_that_is_not_marked(tmp_path: Path) -> None:
    problem = _problem(tmp_path, HEAD + "def grader_checks():\n    return {}\n")
    assert problem == ":4: 'grader_checks' is not marked with @grader.hookimpl"


def test_an_argument_that_the_hook_does_not_have(tmp_path: Path) -> None:
    problem = _problem(tmp_path, HEAD + "@hookimpl\ndef grader_check_case(case, observed):\n    return []\n")
    assert "does not fit the hooks" in problem
    assert "observed" in problem


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import os\nimport no_such_module\n", ":2: cannot be loaded: ModuleNotFoundError: No module named"),
        ("x = 1\n\n\ndef f(:\n", ":4: cannot be loaded: SyntaxError: "),
        ("def f():\n    return 1 // 0\n\n\nf()\n", ":2: cannot be loaded: ZeroDivisionError: "),
        ("raise SystemExit(0)\n", ":1: cannot be loaded: SystemExit: 0"),
        ("from grader import nothing_such\n", ":1: cannot be loaded: ImportError: "),
    ],
)
def test_a_file_that_cannot_be_loaded(tmp_path: Path, source: str, says: str) -> None:
    assert _problem(tmp_path, source).startswith(says)
    assert not any(name.endswith("_bad") and name.startswith("grader_plugin") for name in sys.modules)


def test_ctrl_c_is_no_problem_of_the_plugin(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        _load(tmp_path, {"bad.py": "raise KeyboardInterrupt\n"})
