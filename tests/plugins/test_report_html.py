from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from grader import BuildResult, Finding, Location, Report, Style, Verdict
from grader.submissions import read_submission, with_excerpts
from plugins import report_html
from tests.pictures.facts import CIRCLE, RACE
from tests.samples import a_report, an_exercise, write_tree

VOID = {"meta", "meter", "br"}
EVIL = "\x1b]0;owned\x07<script>alert(1)</script>'\"&amp;--></style></svg>{{ 7*7 }}"
EVIL += "\u202egnp\u200b\x00\ud800\udcff\r\n::error::x"


class Page(HTMLParser):
    """Tags, attributes and texts of a page; asserts that every tag is closed by its own end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID or tag == "meter":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "".join(self.texts)


@pytest.fixture
def report(tmp_path: Path) -> Report:
    exercise = an_exercise(tmp_path)
    files = {"demo.c": "int main(void)\n{\n\treturn 1;\n}\n"}
    submission = read_submission(exercise, write_tree(tmp_path / "alice", files))
    failed = a_report(exercise, submission, 81, failing={"works": "it printed something else"})
    finding = Finding(
        "output",
        "it printed something else than was sent",
        expected="alpha\nbeta\n",
        seen="alpha\nbeta \n",
        locations=(Location("demo.c", 3, 2, "main"),),
        because="the reader needs it.",
        hint="What does `read()` return?",
        replay="grader grade demo alice --seed 81 --case works",
        details=("child 1 waits for child 2",),
    )
    first = replace(failed.items[0], findings=(finding,))
    return with_excerpts(replace(failed, items=(first, *failed.items[1:])), submission)


def with_finding(report: Report, *findings: Finding) -> Report:
    return replace(report, items=(replace(report.items[0], findings=findings), *report.items[1:]))


def render(report: Report) -> str:
    return report_html.render(report, Style())


def hostile(report: Report) -> Report:
    data = {
        "excerpts": [{"file": EVIL, "line": 1, "first": 1, "text": [EVIL]}],
        "cycle": [EVIL],
        "waiters": [{"name": EVIL, "pid": 1, "call": EVIL, "words": EVIL, "waits_for": [EVIL, "x"]}],
        "interleaving": [{"process": EVIL, "text": EVIL, "place": {"file": EVIL, "line": 1, "function": EVIL}}],
    }
    finding = Finding(
        EVIL, EVIL, expected=EVIL + "\n", seen=EVIL, locations=(Location(EVIL, 1, 1, EVIL),), because=EVIL, hint=EVIL,
        replay=EVIL, details=(EVIL,), build=EVIL, data=data,
    )  # fmt: skip
    return replace(
        with_finding(report, finding, replace(finding, data={**data, "match": "contains"})),
        exercise=EVIL,
        title=EVIL,
        submission=EVIL,
        sandbox=EVIL,
        digest=EVIL,
        version=EVIL,
        error=EVIL,
        findings=(finding,),
        extra={EVIL: EVIL},
        builds=(BuildResult(EVIL, False, ("gcc", EVIL), EVIL, 0.1), BuildResult("plain", True, (EVIL,), EVIL, 0.1)),
    )


def test_the_page_tells_all_that_helps(report: Report) -> None:
    text = Page(render(report)).text
    for part in (
        "A demonstration",
        "alice",
        "failed",
        "1 of 5 points",
        "1 passed, 1 failed",
        "it printed something else than was sent",
        "demo.c:3 (main)",
        "return 1;",
        "- beta↵",
        "+ beta·↵",
        "child 1 waits for child 2",
        "the reader needs it.",
        "What does read() return?",
        "grader grade demo alice --seed 81 --case works",
        "seed 81, sandbox fake",
    ):
        assert part in text, part


def test_the_line_that_is_meant_is_marked_by_more_than_a_color(report: Report) -> None:
    marked = re.findall(r'<span class="here">(.*?)</span>', render(report))
    assert len(marked) == 1
    assert marked[0].startswith("▸")
    assert "return 1;" in marked[0]


@pytest.mark.parametrize("verdict", list(Verdict))
def test_nothing_of_a_submission_becomes_markup_or_reaches_the_screen_raw(report: Report, verdict: Verdict) -> None:
    plain = Page(render(replace(report, verdict=verdict)))
    text = render(replace(hostile(report), verdict=verdict, score=None if verdict is Verdict.ERROR else 1.0))
    page = Page(text)
    known = {tag for tag, _ in plain.tags} | {
        "svg", "title", "desc", "g", "rect", "circle", "path", "text", "dl", "dt", "dd", "section", "details",
        "summary", "div", "br", "code", "pre", "kbd", "h4",
    }  # fmt: skip
    assert {tag for tag, _ in page.tags} <= known
    assert not any(
        name.startswith("on") or (name in ("style", "href", "src") and not (value or "").startswith("#"))
        for _, given in page.tags
        for name, value in given.items()
    )
    assert "<script>alert(1)</script>" in page.text
    assert "{{ 7*7 }}" in page.text
    assert all(char.isprintable() or char == "\n" for char in text)
    text.encode("utf-8")


def test_scripts_and_the_network_are_forbidden_and_nothing_needs_them(report: Report) -> None:
    text = render(with_finding(report, Finding("stuck", "stuck", data=CIRCLE), Finding("races", "a race", data=RACE)))
    page = Page(text)
    policy = next(given["content"] or "" for tag, given in page.tags if given.get("http-equiv"))
    style = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(style) == 1
    digest = base64.b64encode(hashlib.sha256(style[0].encode()).digest()).decode()
    assert policy == f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    assert not {tag for tag, _ in page.tags} & {"script", "img", "link", "iframe", "object", "embed", "form", "base"}
    assert not any("style" in given or "src" in given for _, given in page.tags)
    assert "http" not in text.replace("http-equiv", "").replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "url(" not in style[0]
    assert "@import" not in style[0]


def test_pictures_have_titles_and_ids_of_their_own(report: Report) -> None:
    page = Page(render(with_finding(report, *(Finding("stuck", "stuck", data={**CIRCLE, **RACE}) for _ in range(3)))))
    drawn = [given for tag, given in page.tags if tag == "svg"]
    assert len(drawn) == 6
    ids = [given["id"] for _, given in page.tags if "id" in given]
    assert len(ids) == len(set(ids))
    assert all(part in ids for given in drawn for part in (given["aria-labelledby"] or "").split())
    assert all(given["role"] == "img" for given in drawn)


def test_passed_items_are_named_and_have_no_section(report: Report) -> None:
    page = Page(render(report))
    assert [given["id"] for tag, given in page.tags if tag == "section"] == ["item-1"]
    assert "leaves nothing" in page.text


def test_no_grade_is_said_to_be_none(report: Report) -> None:
    text = Page(render(replace(report, verdict=Verdict.ERROR, score=None, error="the zygote\ndied"))).text
    assert "no grade was given" in text
    assert "the zygote" in text
    assert "points" not in text


def test_a_build_that_failed_comes_first(report: Report) -> None:
    build = BuildResult("plain", False, ("gcc -Wall demo.c",), "demo.c:3:2: error: expected ';'\n", 0.1)
    text = Page(render(replace(report, builds=(build,), items=(), score=0.0))).text
    assert "It does not compile (plain build)" in text
    assert "$ gcc -Wall demo.c" in text
    assert "demo.c:3:2: error: expected ';'" in text


def test_a_hint_is_not_repeated_for_each_finding_of_an_item(report: Report) -> None:
    one = Finding("output", "first", hint="Look.", because="It matters.", replay="once more")
    text = Page(render(with_finding(report, one, replace(one, message="second")))).text
    assert "second" in text
    assert text.count("Look.") == text.count("It matters.") == text.count("once more") == 1


def test_a_flood_is_cut_and_said_to_be(report: Report) -> None:
    flood = "".join(f"{i}\n" for i in range(100_000))
    build = BuildResult("plain", True, ("gcc",), flood, 0.1)
    finding = Finding("output", "m", expected=flood, seen="x" * 1_000_000, details=tuple(flood.split("\n")))
    text = render(replace(with_finding(report, finding), builds=(build,)))
    assert len(text) < 100_000
    assert "more lines" in text


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no chromium")
def test_a_browser_shows_it_and_complains_of_nothing(report: Report, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(render(with_finding(report, Finding("stuck", "stuck", data=CIRCLE))), encoding="utf-8")
    options = "--headless=new --no-sandbox --disable-gpu --enable-logging=stderr --v=0 --virtual-time-budget=2000"
    done = subprocess.run(
        ["chromium", *options.split(), f"--user-data-dir={tmp_path}/profile", "--dump-dom", page.as_uri()],
        capture_output=True,
        text=True,
        timeout=60,
    )
    if done.returncode or "<html" not in done.stdout:
        pytest.skip("chromium cannot be started here")
    assert "CONSOLE" not in done.stderr
    assert 'class="picture"' in done.stdout
