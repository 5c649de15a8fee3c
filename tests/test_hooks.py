"""Every hook is documented as it is, and used by a plugin of this repository."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from grader import hookspecs, plugins

REPOSITORY = Path(__file__).resolve().parent.parent
DOCUMENT = (REPOSITORY / "docs/hooks.md").read_text(encoding="utf-8")
SIGNATURES = {
    node.name: f"{node.name}({ast.unparse(node.args)}) -> {ast.unparse(node.returns)}"
    for node in ast.parse(Path(hookspecs.__file__).read_text(encoding="utf-8")).body
    if isinstance(node, ast.FunctionDef) and node.returns is not None
}
SECTIONS = dict(re.findall(r"^## `(\w+)\([^`]*`\n(.*?)(?=^## |\Z)", DOCUMENT, re.MULTILINE | re.DOTALL))


def test_there_are_hooks_and_each_is_in_the_document_in_the_order_of_the_specifications() -> None:
    assert SIGNATURES
    assert list(SECTIONS) == list(SIGNATURES)


@pytest.mark.parametrize("hook", SIGNATURES)
def test_the_document_has_the_exact_signature(hook: str) -> None:
    assert f"## `{SIGNATURES[hook]}`\n" in DOCUMENT


@pytest.mark.parametrize("hook", SIGNATURES)
def test_a_specification_says_when_it_is_called(hook: str) -> None:
    assert len(getattr(hookspecs, hook).__doc__ or "") > 40


@pytest.mark.parametrize("hook", SIGNATURES)
def test_a_plugin_of_this_repository_uses_it(hook: str) -> None:
    manager = plugins.load([REPOSITORY / "plugins"])
    users = [use.plugin_name for use in getattr(manager.hook, hook).get_hookimpls()]
    own = {Path(name).relative_to(REPOSITORY).as_posix() for name in users if name.startswith(str(REPOSITORY))}
    own |= {name.replace(".", "/") + ".py" for name in users if name.startswith("grader.")}
    assert own, f"nobody implements {hook}"
    told = re.search(r"Used by (.*?)\.\n\n", SECTIONS[hook], re.DOTALL)
    assert told is not None
    for name in re.findall(r"`([\w/]+\.py)`", told[1]):
        assert any(path.endswith(name) for path in own), f"{name} does not implement {hook}"


@pytest.mark.parametrize("hook", SIGNATURES)
def test_its_example_is_short_and_loads(hook: str, tmp_path: Path) -> None:
    examples = re.findall(r"^```python\n(.*?)^```", SECTIONS[hook], re.MULTILINE | re.DOTALL)
    assert len(examples) == 1
    body = examples[0].partition("@hookimpl")[2].strip().splitlines()
    assert len(body) <= 5
    (tmp_path / f"example_{hook}.py").write_text(examples[0], encoding="utf-8")
    manager = plugins.load([tmp_path])
    assert any(use.plugin_name.endswith(f"example_{hook}.py") for use in getattr(manager.hook, hook).get_hookimpls())
