"""How pictures look, and the colors of the page round them: by day, by night, and on paper.

No color is the only carrier of anything: what is said by one is also said by a shape, a width or a word.
"""

_DAY = """
--paper:#ffffff;--card:#f6f7f9;--ink:#1d2430;--dim:#5b6675;--line:#d5dae1;--edge:#7c8796;
--bad:#b3261e;--bad-soft:#fdeceb;--good:#1b6e3c;--good-soft:#e7f5ec;--warn:#8a5300;--warn-soft:#fdf3e0;
--link:#1f5fbf;--link-soft:#e8f0fc;
--l0:#1f5fbf;--l1:#a3480b;--l2:#17734a;--l3:#8a3aa8;--l4:#a31b4b;--l5:#0b7285;--l6:#6b5a00;--l7:#4c4fb8;
"""
_NIGHT = """
--paper:#12161c;--card:#1b2129;--ink:#e4e9f0;--dim:#9aa6b5;--line:#343d49;--edge:#8793a3;
--bad:#ff8a80;--bad-soft:#3a1f20;--good:#7fd8a0;--good-soft:#1b3226;--warn:#f2bd66;--warn-soft:#362a15;
--link:#8ab8ff;--link-soft:#1c2a40;
--l0:#8ab8ff;--l1:#ffb07a;--l2:#7fd8a0;--l3:#d9a6f0;--l4:#ff9db8;--l5:#74d3e0;--l6:#e0cf6a;--l7:#b3b6ff;
"""

STYLE = (
    ":root{color-scheme:light dark;" + "".join(_DAY.split()) + "}"
    "@media screen and (prefers-color-scheme:dark){:root{"
    + "".join(_NIGHT.split())
    + "}}"
    + """
.picture{display:block;height:auto;font:12.5px system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif}
.picture text{fill:var(--ink);unicode-bidi:bidi-override;direction:ltr;white-space:pre}
.picture .name{font-size:13px;font-weight:600}
.picture .code{font:12px ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
.picture .small{font-size:11px}
.picture .dim{fill:var(--dim)}
.picture .halo{paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}
.picture .strong{font-weight:600}
.picture text.bad{fill:var(--bad)}
.picture text.warn{fill:var(--warn)}
.picture .box{fill:var(--card);stroke:var(--edge);stroke-width:1.2}
.picture .ring .box{fill:var(--bad-soft);stroke:var(--bad);stroke-width:2.4}
.picture .timed .box{stroke:var(--warn);stroke-dasharray:6 3}
.picture .object .box{fill:var(--bad-soft);stroke:var(--bad);stroke-width:2;stroke-dasharray:5 4}
.picture .edge{fill:none;stroke:var(--edge);stroke-width:1.5}
.picture .edge.ring{stroke:var(--bad);stroke-width:3}
.picture .head{fill:var(--edge);stroke:none}
.picture .head.ring{fill:var(--bad)}
.picture .icon{fill:none;stroke:var(--dim);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}
.picture .icon.dead,.picture .icon.bad{stroke:var(--bad)}
.picture .icon.timed,.picture .icon.warn{stroke:var(--warn)}
.picture .icon.runs{stroke:var(--good)}
.picture .solid{fill:currentColor;stroke:none}
.picture .lane{stroke:currentColor;stroke-width:1.6;fill:none}
.picture .bar{fill:var(--paper);stroke:currentColor;stroke-width:1.6}
.picture .bar.open{stroke-dasharray:3 2.5}
.picture .mark{fill:currentColor;stroke:var(--paper);stroke-width:1.5}
.picture .end{stroke:currentColor;stroke-width:3;fill:none;stroke-linecap:round}
.picture .hollow{fill:var(--paper);stroke:currentColor;stroke-width:1.8}
.picture .hollow.bad{stroke:var(--bad)}
.picture .message{fill:none;stroke:var(--ink);stroke-width:1.3}
.picture .head.message{fill:var(--ink);stroke:none}
.picture .wake{fill:none;stroke:var(--edge);stroke-width:1.3;stroke-dasharray:4 3}
.picture .head.wake{fill:var(--edge);stroke:none}
.picture .row{fill:var(--card)}
.picture .rule{stroke:var(--line);stroke-width:1;fill:none}
.picture .card{fill:var(--card);stroke:currentColor;stroke-width:1.4}
.picture .lost .card{fill:var(--bad-soft);stroke:var(--bad);stroke-width:2.2;stroke-dasharray:6 3}
.picture .cause .card{stroke:var(--bad);stroke-width:2.2}
.picture .accusation{fill:none;stroke:var(--bad);stroke-width:2}
.picture .head.accusation{fill:var(--bad);stroke:none}
"""
    + "".join(f".picture .l{i}{{color:var(--l{i})}}" for i in range(8))
    + "\n"
)
