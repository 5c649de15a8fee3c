"""Finding plugins and building the one manager of a run.

In this order: the grader's own backends; the files of each plugin folder of the course; what
other packages offer under the entry-point group `grader`; the exercise's own plugin.py. The engine
never sees the manager, only `manager.hook`.
"""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Iterable
from pathlib import Path
from types import ModuleType

import pluggy

from grader import hookspecs
from grader.backends import inplace, local
from grader.backends.docker import backend as docker
from grader.errors import PluginError

GROUP = "grader"


def load(folders: Iterable[Path], exercise: Path | None = None) -> pluggy.PluginManager:
    """A manager with every plugin registered and checked against the hook specifications.

    folders: plugin folders of the course, each file in them one plugin. exercise: the folder of
    an exercise whose plugin.py takes part. Raises PluginError, which names the file and the line.
    """
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    _register(manager, docker, "grader.backends.docker")
    _register(manager, local, "grader.backends.local")
    _register(manager, inplace, "grader.backends.inplace")
    paths = [path for folder in folders for path in sorted(folder.glob("*.py")) if not path.name.startswith("_")]
    if exercise is not None and (exercise / "plugin.py").is_file():
        paths.append(exercise / "plugin.py")
    # The last one registered is called first; in reverse, findings come in the order of the files.
    for path in reversed(paths):
        _register(manager, _load_file(path), str(path))
    try:
        manager.load_setuptools_entrypoints(GROUP)
        manager.check_pending()
    except Exception as error:
        raise PluginError(f"an installed plugin cannot be used: {error}") from error
    return manager


def _load_file(path: Path) -> ModuleType:
    name = f"grader_plugin_{path.parent.name}_{path.stem}".replace("-", "_")
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise PluginError(f"{path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        del sys.modules[name]
        if isinstance(error, KeyboardInterrupt):
            raise
        raise PluginError(f"{_where(path, error)}: cannot be loaded: {type(error).__name__}: {error}") from error
    return module


def _where(path: Path, error: BaseException) -> str:
    """path:line, the last line of the plugin's own that the error came through."""
    if isinstance(error, SyntaxError) and error.lineno:
        return f"{path}:{error.lineno}"
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == str(path)]
    return f"{path}:{lines[-1]}" if lines else str(path)


def _register(manager: pluggy.PluginManager, module: ModuleType, name: str) -> None:
    _check_names(module, name)
    try:
        manager.register(module, name=name)
    except pluggy.PluginValidationError as error:
        reason = " ".join(str(error).split())
        raise PluginError(f"{name}: does not fit the hooks: {reason}") from error


def _check_names(module: ModuleType, name: str) -> None:
    """A function named like a hook that is none is a spelling mistake, not a helper."""
    known = [hook for hook, _ in inspect.getmembers(hookspecs, inspect.isfunction) if hook.startswith("grader_")]
    for found, function in inspect.getmembers(module, inspect.isfunction):
        if not found.startswith("grader_"):
            continue
        line = function.__code__.co_firstlineno
        if found not in known:
            close = difflib.get_close_matches(found, known, 1)
            meant = f"; did you mean '{close[0]}'?" if close else f"; the hooks are {', '.join(known)}"
            raise PluginError(f"{name}:{line}: unknown hook '{found}'{meant}")
        if not hasattr(function, f"{GROUP}_impl"):
            raise PluginError(f"{name}:{line}: '{found}' is not marked with @grader.hookimpl")
