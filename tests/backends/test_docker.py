"""The docker sandbox when things go wrong around it: nothing is lost, nothing stays, no grade is made up.

The engine of most tests is the machine's own; the one that is restarted is a second one that the test starts, with
a directory and a socket of its own.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import docker
import pytest

from grader.backends.docker import connection, container, image, owners, sources
from grader.backends.docker.channel import Attached
from grader.errors import SandboxError

ROOT = Path(__file__).resolve().parents[2]
GRADER = Path(sys.executable).parent / "grader"
# It says that it runs, and then waits in a case until somebody lets it go on or ends it.
WAITS = """
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>
int main(void)
{
    char byte;
    puts("ready");
    fflush(stdout);
    return read(0, &byte, 1) != 0;
}
"""
SPEC = """
format: 1
title: Waits
submit: [main.c]
build: {main: main.c}
sanitize: none
cases:
  - id: waits
    title: waits for its end
    points: 1
    because: words
    hint: words
    steps: STEPS
"""
SHORT = "[{start: {main: [./main]}}, {expect: {main: ready}}, {finish: main}]"
# sleep is a program of the system: it is alive for as long as the test needs, and no case lasts longer.
LONG = "[{start: {main: [sleep, '20']}}, {finish: main}]"


@pytest.fixture(scope="module")
def engine() -> Iterator[docker.DockerClient]:
    try:
        client = connection.connect()
    except SandboxError as error:
        if os.environ.get("CI") and os.geteuid() == 0:
            raise
        pytest.skip(str(error))
    yield client
    client.close()


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """Two exercises, `short` and `long`, and a submission for them."""
    for name, steps in (("short", SHORT), ("long", LONG)):
        reference = tmp_path / "exercises" / name / "reference"
        reference.mkdir(parents=True)
        (reference / "main.c").write_text(WAITS, encoding="utf-8")
        (reference.parent / "exercise.yaml").write_text(SPEC.replace("STEPS", steps), encoding="utf-8")
    (tmp_path / "grader.yaml").write_text(
        f"format: 1\nplugins: [{ROOT / 'plugins'}]\nsandbox: docker\n", encoding="utf-8"
    )
    (tmp_path / "main.c").write_text(WAITS, encoding="utf-8")
    return tmp_path


def start(course: Path, *argv: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [GRADER, *argv],
        cwd=course,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )


def until(found: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait for what an engine does not announce; the time-out is a guard, no measurement."""
    end = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < end, "it did not come"
        time.sleep(0.01)


def containers(client: docker.DockerClient, pid: int) -> list[owners.Held]:
    return [held for held in owners.held(client) if f":{pid}:" in held.owner]


def busy(client: docker.DockerClient, pid: int) -> list[str]:
    """Containers of a grader in which a submission runs."""
    found = []
    for held in containers(client, pid):
        if held.status == "running":
            try:
                processes = client.api.top(held.id)["Processes"]
            except docker.errors.APIError:
                continue
            if any("sleep" in " ".join(words) for words in processes):
                found.append(held.id)
    return found


def test_a_container_that_is_killed_is_no_grade_and_no_traceback(engine: docker.DockerClient, course: Path) -> None:
    grading = start(course, "grade", "long", "main.c", "--format", "json")
    until(lambda: busy(engine, grading.pid))
    engine.api.kill(busy(engine, grading.pid)[0])
    out, err = grading.communicate(timeout=60)
    report = json.loads(out)
    assert grading.returncode == 3
    assert (report["verdict"], report["score"]) == ("error", None)
    assert "the sandbox's driver died" in report["error"]
    assert "Traceback" not in err
    assert containers(engine, grading.pid) == []


def test_a_grader_that_is_killed_leaves_nothing(engine: docker.DockerClient, course: Path) -> None:
    """The driver notices that nobody listens, also amid a case, and its end is the container's."""
    grading = start(course, "grade", "long", "main.c")
    until(lambda: busy(engine, grading.pid))
    grading.send_signal(signal.SIGKILL)
    grading.communicate()
    until(lambda: containers(engine, grading.pid) == [], 20)


def test_ctrl_c_ends_it_at_once_and_leaves_nothing(engine: docker.DockerClient, course: Path) -> None:
    grading = start(course, "grade", "long", "main.c")
    until(lambda: busy(engine, grading.pid))
    grading.send_signal(signal.SIGINT)
    grading.communicate(timeout=15)
    assert grading.returncode == 130
    assert containers(engine, grading.pid) == []


def test_what_a_crashed_grader_left_is_removed_by_the_next_and_nobody_elses(
    engine: docker.DockerClient, course: Path
) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    ours = owners.labels()
    place = ours[owners.OWNER].rsplit(":", 2)[0]
    made = image.build(engine, sources.sources(ROOT / "sandbox"), lambda _: None)

    def make(owner: str) -> str:
        return str(engine.api.create_container(made, labels={owners.LABEL: "1", owners.OWNER: owner})["Id"])

    left, other, alive = make(f"{place}:{gone.pid}:1"), make(f"elsewhere/1:{gone.pid}:1"), make(ours[owners.OWNER])
    try:
        grading = start(course, "grade", "short", "main.c")
        grading.communicate(timeout=60)
        assert grading.returncode == 0
        there = {held.id for held in owners.held(engine)}
        assert left not in there
        assert {other, alive} <= there
    finally:
        for identity in (left, other, alive):
            container.remove(engine, identity)


def test_no_engine_is_told_with_what_to_do(course: Path) -> None:
    grading = start(course, "grade", "short", "main.c", DOCKER_HOST=f"unix://{course}/no.sock")
    _, err = grading.communicate(timeout=60)
    assert grading.returncode == 3
    assert "no Docker engine answers" in err
    assert err.count("\n") == 1


def test_auto_takes_local_where_no_engine_answers(course: Path) -> None:
    asked = ["grade", "short", "main.c", "--sandbox", "auto", "--format", "json"]
    grading = start(course, *asked, DOCKER_HOST=f"unix://{course}/no.sock")
    out, _ = grading.communicate(timeout=60)
    assert json.loads(out)["sandbox"] == "local"
    assert grading.returncode == 0


def test_a_report_names_the_image(engine: docker.DockerClient, course: Path) -> None:
    grading = start(course, "grade", "short", "main.c", "--format", "json")
    report = json.loads(grading.communicate(timeout=60)[0])
    assert report["sandbox"] == "docker"
    assert engine.images.get(report["extra"]["image"]).labels["org.grader.image"] == "1"


@pytest.mark.timeout(240)
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("dockerd"), reason="needs root and dockerd")
def test_a_batch_goes_on_when_the_engine_is_back(engine: docker.DockerClient, course: Path) -> None:
    """An engine of the test's own, stopped in the middle of a batch and started again."""
    place = Path(tempfile.mkdtemp(prefix="grd"))  # a short name: it has sockets in it (unix(7))
    sock = f"unix://{place}/engine.sock"
    second = _dockerd(place)
    try:
        client = _client(sock)
        wanted = sources.sources(ROOT / "sandbox")
        image.build(engine, wanted, lambda _: None)
        client.images.load(b"".join(engine.images.get(wanted.tag).save(named=wanted.tag)))
        client.close()
        for number in range(8):
            handed_in = course / "in" / f"student{number}" / "short"
            handed_in.mkdir(parents=True)
            (handed_in / "main.c").write_text(WAITS, encoding="utf-8")
        batch = start(course, "batch", "in", "-o", "out", "--jobs", "2", DOCKER_HOST=sock)
        until(lambda: list((course / "out").glob("reports/*/short.json")))
        _stop(second)
        second = _dockerd(place)
        out, err = batch.communicate(timeout=180)
        assert batch.returncode == 0, err
        reports = [json.loads(path.read_text("utf-8")) for path in (course / "out").glob("reports/*/short.json")]
        assert [report["verdict"] for report in reports] == ["passed"] * 8
        assert "8 submissions: 8 passed" in out
        client = _client(sock)
        assert containers(client, batch.pid) == []
        client.close()
    finally:
        _stop(second)
        shutil.rmtree(place, ignore_errors=True)


def _dockerd(place: Path) -> subprocess.Popen[bytes]:
    argv = ["--host", f"unix://{place}/engine.sock", "--data-root", f"{place}/data", "--exec-root", f"{place}/exec"]
    argv += ["--pidfile", f"{place}/pid", "--bridge", "none", "--iptables=false", "--storage-driver", "overlay2"]
    with (place / "dockerd.log").open("ab") as log:
        return subprocess.Popen(["dockerd", *argv], stdout=log, stderr=log)


def _stop(engine: subprocess.Popen[bytes]) -> None:
    engine.terminate()
    engine.wait(timeout=60)


def _client(sock: str) -> docker.DockerClient:
    """A client, once the engine there answers."""

    def answers() -> bool:
        with socket.socket(socket.AF_UNIX) as knocking:
            return knocking.connect_ex(sock.removeprefix("unix://")) == 0

    until(answers)
    return docker.DockerClient(base_url=sock, version="auto", timeout=120)


# --- the attach stream -------------------------------------------------------------------------


class Pieces:
    """A socket that hands out what it is given, piece by piece."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = list(pieces)

    def recv(self, _most: int) -> bytes:
        return self._pieces.pop(0) if self._pieces else b""


def frame(stream: int, body: bytes) -> bytes:
    return bytes([stream, 0, 0, 0]) + len(body).to_bytes(4, "big") + body


def test_frames_are_put_together_wherever_they_were_cut() -> None:
    whole = frame(1, b"one ") + frame(2, b"complaint") + frame(1, b"") + frame(1, b"two")
    for cut in range(1, len(whole)):
        attached = Attached(Pieces(whole[:cut], whole[cut:]))
        received = b""
        while data := attached.receive():
            received += data
        assert received == b"one two"
        assert attached.complaints == b"complaint"


def test_a_stream_out_of_step_is_an_error_of_ours() -> None:
    with pytest.raises(ValueError, match="out of step"):
        Attached(Pieces(b"HTTP/1.1 500")).receive()
