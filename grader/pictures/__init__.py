"""Pictures for reports: who waits for whom, how two processes interleave, what happened when.

Each is a pure function from facts as the JSON report has them (`Finding.data`, `items[].timeline`) to an SVG
that is put inline into a page which also has `STYLE`; `told` is the timeline for a terminal. Facts come from
processes of a submission: whatever they hold, the result is well-formed, bounded, and shows nothing raw. Where
there is nothing to draw the result is "". `ident` begins every id of a picture: it must be its own in a page.

`facts` reads what is there; `waits`, `interleaving` and `timeline` draw it with `svg`; `story` decides what a
timeline tells, and folds what would be too much, for `timeline` and `terminal` alike.
"""

from grader.pictures.interleaving import interleaving
from grader.pictures.style import STYLE
from grader.pictures.terminal import told
from grader.pictures.timeline import timeline
from grader.pictures.waits import waits

__all__ = ["STYLE", "interleaving", "timeline", "told", "waits"]
