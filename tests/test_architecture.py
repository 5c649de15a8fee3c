"""Imports point down, the wall has two sides, and nothing is done or kept in modules."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import grader

REPOSITORY = Path(__file__).resolve().parent.parent
GRADER = sorted((REPOSITORY / "grader").rglob("*.py"))
PLUGINS = sorted((REPOSITORY / "plugins").glob("*.py"))
DRIVER = sorted((REPOSITORY / "sandbox").rglob("*.py"))
SOURCES = [*GRADER, *PLUGINS, *DRIVER]

# What each part of grader/ may import of the others. Lower lines import only from higher ones.
WORDS = {"model", "trace", "wire", "errors"}
ARROWS = {
    "trace": set[str](),
    "wire": {"trace"},
    "errors": set[str](),
    "csource": set[str](),
    "showing": set[str](),
    "pictures": {"trace", "showing"},
    "model": {"trace", "wire"},
    "score": {"model", "trace"},
    "resources": {"errors"},
    "hookspecs": {"model", "wire"},
    "searching": {"trace"},
    "remembered": set[str](),
    "contention": set[str](),
    "backends": {*WORDS, "hookspecs"},
    "spec": WORDS,
    "config": {*WORDS, "resources", "spec"},
    "plugins": {*WORDS, "hookspecs", "backends"},
    "submissions": WORDS,
    "planning": {*WORDS, "spec", "config"},
    "grading": {*WORDS, "config", "planning"},
    "traced": {*WORDS, "config", "grading", "planning"},
    "tracing": {*WORDS, "config", "contention", "grading", "planning", "remembered", "searching", "traced"},
    "engine": {*WORDS, "spec", "config", "grading", "planning", "remembered", "score", "tracing"},
    "batch": {*WORDS, "engine", "submissions"},
    "verify": {*WORDS, "engine", "submissions"},
    "cli": {
        *WORDS,
        "backends",  # doctor tells where the launcher is kept
        "batch",
        "config",
        "engine",
        "plugins",
        "resources",
        "searching",
        "spec",
        "submissions",
        "verify",
    },
}
STANDARD_LIBRARY_ONLY = {
    "csource",
    "errors",
    "model",
    "pictures",
    "remembered",
    "resources",
    "score",
    "searching",
    "showing",
    "trace",
    "wire",
}
ABOVE = {"driver", "plugins", "exercises", "sandbox", "tests", "bench"}
DRIVER_LIBRARIES = {"pexpect", "ptyprocess"}

# path -> name -> why a module may keep it
KEPT = {
    "sandbox/driver/alarms.py": {"_seen": "what ELF files contain, keyed by their identity: it cannot get stale"},
}
CHANGES = {
    "add", "append", "clear", "discard", "extend", "insert", "pop", "popitem", "remove", "setdefault", "update",
}  # fmt: skip


def name_of(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), name_of(path))


def imports(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Line and full name of whatever is imported; `from a import b` is a.b."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, item.name) for item in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"line {node.lineno}: a relative import"
            yield from ((node.lineno, f"{node.module}.{item.name}") for item in node.names)


def part_of(path: Path) -> str:
    """The part of grader/ that a file belongs to."""
    return path.relative_to(REPOSITORY / "grader").parts[0].removesuffix(".py")


def parts() -> list[str]:
    return sorted({part_of(path) for path in GRADER} - {"__init__", "bundled", "__main__"})


def outside(name: str) -> str:
    """The name of a third party's package, "" for the standard library and our own."""
    top = name.partition(".")[0]
    return "" if top in sys.stdlib_module_names or top in ("grader", "driver") else top


def test_every_part_has_its_place_in_the_order() -> None:
    assert set(parts()) <= set(ARROWS)
    order = list(ARROWS)
    for part, lower in ARROWS.items():
        assert all(order.index(other) < order.index(part) for other in lower), part


@pytest.mark.parametrize("part", parts())
def test_imports_point_down(part: str) -> None:
    wrong = []
    for path in (path for path in GRADER if part_of(path) == part):
        for line, name in imports(tree_of(path)):
            top, _, rest = name.partition(".")
            allowed = {part, "__version__"} | ARROWS[part]
            if top in ABOVE or (top == "grader" and rest.partition(".")[0] not in allowed):
                wrong.append(f"{name_of(path)}:{line}: {name}")
    assert not wrong


@pytest.mark.parametrize("part", sorted(STANDARD_LIBRARY_ONLY))
def test_the_vocabulary_needs_the_standard_library_only(part: str) -> None:
    found = [
        f"{name_of(path)}:{line}: {name}"
        for path in GRADER
        if part_of(path) == part
        for line, name in imports(tree_of(path))
        if outside(name)
    ]
    assert not found


@pytest.mark.parametrize("path", PLUGINS, ids=name_of)
def test_plugins_import_only_public_names(path: Path) -> None:
    for line, name in imports(tree_of(path)):
        top, _, rest = name.partition(".")
        assert top not in ("driver", "plugins", "tests", "exercises"), f"line {line}: {name}"
        if top == "grader":
            assert rest in grader.__all__, f"line {line}: {name} is not public"


def test_every_public_name_is_there() -> None:
    for name in grader.__all__:
        assert getattr(grader, name) is not None


@pytest.mark.parametrize("path", DRIVER, ids=name_of)
def test_the_driver_knows_the_wire_and_nothing_else_of_the_grader(path: Path) -> None:
    for line, name in imports(tree_of(path)):
        if name.partition(".")[0] == "grader":
            assert name.split(".")[1] in {"trace", "wire"}, f"line {line}: {name}"
        assert outside(name) in {"", *DRIVER_LIBRARIES}, f"line {line}: {name}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_import_inside_a_function(path: Path) -> None:
    found = [
        line
        for function in ast.walk(tree_of(path))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for line, _ in imports(function)
    ]
    assert not found


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_module_keeps_state(path: Path) -> None:
    """Nothing that a module binds is bound again or changed by its functions."""
    tree = tree_of(path)
    bound = set()
    for node in tree.body:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        )
        bound |= {name.id for target in targets for name in ast.walk(target) if isinstance(name, ast.Name)}
    found = []
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            found += [change for change in changes(function) if change in bound]
    assert set(found) <= set(KEPT.get(name_of(path), {}))


def changes(function: ast.AST) -> Iterator[str]:
    """Names of what a function changes that it did not bind itself."""
    own = {node.id for node in ast.walk(function) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    for node in ast.walk(function):
        if isinstance(node, ast.Global):
            yield from node.names
            continue
        changed: ast.AST | None = None
        if isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load):
            changed = node.value
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CHANGES:
            changed = node.func.value
        if isinstance(changed, ast.Name) and changed.id not in own:
            yield changed.id


def test_no_plugin_manager_is_made_when_a_module_is_imported() -> None:
    for path in SOURCES:
        for statement in tree_of(path).body:
            if isinstance(statement, ast.FunctionDef | ast.ClassDef):
                continue
            for node in ast.walk(statement):
                assert not (isinstance(node, ast.Attribute) and node.attr == "PluginManager") or isinstance(
                    statement, ast.AnnAssign
                ), f"{name_of(path)}:{statement.lineno}"
