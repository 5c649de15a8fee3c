"""Pictures for reports: who waits for whom, how two processes interleave, what happened when.

Each is a pure function from facts as the JSON report has them (`Finding.data`, `items[].timeline`) to an SVG
that is put inline into a page which also has `STYLE`; `timeline_lines` is the timeline for a terminal. Facts come from
processes of a submission: whatever they hold, the result is well-formed, bounded, and shows nothing raw. Where
there is nothing to draw the result is "". `ident` begins every id of a picture: it must be its own in a page.

`facts` reads what is there; `waits`, `interleaving` and `timeline` draw it with `svg`; `story` decides what a
timeline tells, and folds what would be too much, for `timeline` and `terminal` alike. They are loaded when first
asked for (PEP 562): most gradings draw nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from grader.pictures.facts import timeline_facts
    from grader.pictures.interleaving import draw_interleaving
    from grader.pictures.style import STYLE
    from grader.pictures.terminal import timeline_lines
    from grader.pictures.timeline import draw_timeline
    from grader.pictures.waits import draw_waits

__all__ = ["STYLE", "draw_interleaving", "draw_timeline", "draw_waits", "timeline_facts", "timeline_lines"]

_HOMES = {
    "STYLE": "style",
    "draw_interleaving": "interleaving",
    "draw_timeline": "timeline",
    "draw_waits": "waits",
    "timeline_facts": "facts",
    "timeline_lines": "terminal",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'grader.pictures' has no attribute {name!r}")
    return getattr(importlib.import_module(f"grader.pictures.{_HOMES[name]}"), name)
