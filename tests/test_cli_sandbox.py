from __future__ import annotations

import os
import pty
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from grader import cli
from grader.backends.docker import connection, image, owners
from grader.cli import sandbox as commands
from grader.errors import SandboxError

FACTS = image.Facts(
    id="sha256:1234",
    size=181_000_000,
    created=datetime(2026, 11, 23, 3, 50, tzinfo=UTC),
    base="debian:bookworm-slim",
    architecture="amd64",
    packages={"gcc": "4:12.2.0-3", "gcc-12": "12.2.0-14", "libc6": "2.36-9", "python3.11": "3.11.2-6", "zlib1g": "1"},
)
VERSION = {"Version": "29.1", "Os": "linux", "Arch": "amd64", "Components": [{"Name": "Engine"}]}


class Client:
    closed = False

    def version(self) -> dict[str, Any]:
        return VERSION

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Client:
    made = Client()
    monkeypatch.setattr(connection, "connect", lambda: made)
    monkeypatch.setattr(image, "find", lambda *_: "sha256:1234")
    monkeypatch.setattr(image, "facts", lambda *_: FACTS)
    monkeypatch.setattr(owners, "held", lambda _: [])
    return made


def test_status_tells_of_engine_image_and_containers(client: Client, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sandbox", "status"]) == 0
    told = capsys.readouterr().out
    assert "Docker 29.1 (linux/amd64) at " in told
    assert "181 MB" in told
    assert "sha256:1234" in told
    assert "gcc-12 12.2.0-14, libc6 2.36-9, python3.11 3.11.2-6\n" in told
    assert "containers  none\n" in told
    assert client.closed


def test_status_tells_why_there_is_no_image_and_what_was_left_behind(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(image, "find", lambda *_: None)
    monkeypatch.setattr(image, "obstacle", lambda *_: "no base")
    held = [owners.Held("1" * 64, "running", "", False), owners.Held("2" * 64, "exited", "", True)]
    monkeypatch.setattr(owners, "held", lambda _: held)
    assert cli.main(["sandbox", "status"]) == 0
    told = capsys.readouterr().out
    assert "is not there; it is built when it is needed, or by: grader sandbox build\n" in told
    assert "it cannot be built here: no base\n" in told
    assert "containers  111111111111 running\n" in told
    assert "222222222222 exited; its grader is gone" in told


def test_build_ends_with_name_size_and_id(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[dict[str, Any]] = []

    def build(_client: object, _sources: object, progress: Any, **options: Any) -> str:
        asked.append(options)
        progress("Step 1/9 : FROM \x1b[31m")
        progress("  a detail")
        return FACTS.id

    monkeypatch.setattr(image, "build", build)
    assert cli.main(["sandbox", "build", "--force", "--base", "host"]) == 0
    told = capsys.readouterr()
    assert asked == [{"base": "host", "force": True}]
    assert told.out.startswith("grader-sandbox:")
    assert told.out.endswith(" (181 MB, from debian:bookworm-slim)\nsha256:1234\n")
    assert "Step 1/9" in told.err
    assert "\x1b" not in told.err
    assert "detail" not in told.err


def test_what_fails_is_one_line_and_status_3(
    client: Client, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def build(*_: object, **__: object) -> str:
        raise SandboxError("the image cannot be built: the step `RUN x` failed: exit status 1")

    monkeypatch.setattr(image, "build", build)
    assert cli.main(["sandbox", "build"]) == 3
    assert capsys.readouterr().err.startswith("grader: the image cannot be built: the step")
    assert client.closed


@pytest.mark.parametrize("action", ["build", "status"])
def test_without_an_engine_the_status_is_3(
    action: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/none.sock")
    assert cli.main(["sandbox", action]) == 3
    told = capsys.readouterr().err
    assert told.startswith("grader: no Docker engine answers at unix:")
    assert told.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [["nonsense"], ["build", "extra"], ["build", "--base"], ["status", "--force"], []]
)
def test_what_is_mistyped_is_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["sandbox", *arguments]) == 2
    assert capsys.readouterr().err


def test_help_does_not_load_docker() -> None:
    code = "import sys; from grader import cli; cli.main(['--help']); sys.exit('docker' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "sandbox" in done.stdout


def test_at_a_terminal_the_details_are_a_line_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    controller, terminal = pty.openpty()
    with open(terminal, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stderr", stream)
        monkeypatch.setattr(sys, "__stderr__", SimpleNamespace())
        with commands._shown() as progress:
            progress("building [x] of y")
            progress("  a detail")
    shown = b""
    while True:
        try:
            shown += os.read(controller, 65536)
        except OSError:  # the terminal is closed
            break
    os.close(controller)
    assert b"building [x] of y" in shown
