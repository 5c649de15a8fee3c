from __future__ import annotations

import io
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import docker
import pytest

from grader.backends.docker import archive, base, connection, image, packages
from grader.backends.docker.packages import Package, UnsuitableError
from grader.backends.docker.sources import Sources, sources
from grader.backends.launcher import BARE_FLAGS
from grader.errors import SandboxError

ROOT = Path(__file__).resolve().parent.parent.parent
SANDBOX = ROOT / "sandbox"


@pytest.fixture
def client() -> Iterator[docker.DockerClient]:
    try:
        made = connection.connect()
    except SandboxError as error:
        pytest.skip(str(error))
    yield made
    made.close()


@pytest.fixture
def changed(tmp_path: Path, client: docker.DockerClient) -> Iterator[Path]:
    """A folder sandbox/ of which no image was built; what the test builds of it is removed."""
    folder = tmp_path / "sandbox"
    shutil.copytree(SANDBOX, folder, ignore=shutil.ignore_patterns("__pycache__"))
    unique = folder / "driver" / "inside.py"
    unique.write_text(f"{unique.read_text()}# {tmp_path} {time.time_ns()}\n")
    yield folder
    for found in client.images.list(filters={"label": f"{image.SOURCES_LABEL}={sources(folder).digest}"}):
        client.api.remove_image(str(found.id))


# --- sources --------------------------------------------------------------------------------------


def test_the_tag_follows_what_goes_in_and_nothing_else(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    shutil.copytree(SANDBOX, folder)
    tag = sources(SANDBOX).tag
    assert tag.startswith("grader-sandbox:")
    assert sources(folder).tag == tag
    (folder / "driver" / "__pycache__").mkdir(exist_ok=True)
    (folder / "driver" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (folder / "driver" / ".session.py.swp").write_bytes(b"x")
    (folder / "seccomp.json").write_text("{}")
    assert sources(folder).tag == tag
    seen = {tag}
    for path in (folder / "Dockerfile", folder / "driver" / "launch.c", folder / "driver" / "verbs" / "data.py"):
        path.write_bytes(path.read_bytes() + b"\n")
        seen.add(sources(folder).tag)
    assert len(seen) == 4


def test_contents_cannot_be_shifted_between_files() -> None:
    first, second = Sources((("a", b"bc"), ("d", b""))), Sources((("a", b"b"), ("cd", b"")))
    assert first.digest != second.digest


def test_the_context_holds_three_modules_of_the_engine_and_only_root_may_read_it() -> None:
    with tarfile.open(fileobj=io.BytesIO(sources(SANDBOX).context())) as made:
        members = {member.name: member for member in made.getmembers()}
        flags = made.extractfile("opt/launch.flags")
        assert flags is not None
        assert flags.read().decode().split() == list(BARE_FLAGS)
    ours = {name for name, member in members.items() if name.startswith("opt/grader/") and member.isfile()}
    assert ours == {f"opt/grader/{name}.py" for name in ("__init__", "trace", "wire")}
    assert {"Dockerfile", "opt/driver/session.py", "opt/pexpect/__init__.py", "opt/ptyprocess/__init__.py"} <= set(
        members
    )
    assert {member.mode for member in members.values()} == {0o600, 0o700}


def test_a_sandbox_without_dockerfile_is_told(tmp_path: Path) -> None:
    (tmp_path / "driver").mkdir()
    with pytest.raises(SandboxError, match="no Dockerfile"):
        sources(tmp_path)


# --- this machine's packages ----------------------------------------------------------------------

LISTING = "\n".join(
    "\t".join(fields)
    for fields in (
        ("gcc", "amd64", "12", "installed", ",cpp (= 12), gcc-12 (>= 12.2~) | gcc-11", ""),
        ("cpp", "amd64", "12", "installed", ",libc6", ""),
        ("gcc-12", "amd64", "12.2", "installed", "libc6:any (>= 2.34),awk, debconf | debconf-2.0", "c-compiler"),
        ("libc6", "amd64", "2.36", "installed", ",libgcc-s1", ""),
        ("libc6", "i386", "2.36", "installed", ",libgcc-s1, only-i386", ""),
        ("libgcc-s1", "amd64", "12", "installed", ",libc6", ""),
        ("mawk", "amd64", "1.3", "installed", ",never-installed", "awk"),
        ("debconf", "all", "1", "installed", ",perl-base", ""),
        ("perl-base", "amd64", "5", "installed", ",", ""),
        ("gcc-11", "amd64", "11", "config-files", ",", ""),
    )
)


def test_the_closure_follows_alternatives_providers_and_circles() -> None:
    known = packages.parse(LISTING, "amd64")
    assert [package.name for package in packages.closure(known, ["gcc"])] == [
        *("cpp", "gcc", "gcc-12", "libc6", "libgcc-s1", "mawk")
    ]
    assert known["libc6"] == Package("libc6", "amd64", "2.36", (("libgcc-s1",),))


def test_a_missing_root_is_told_with_what_to_do() -> None:
    with pytest.raises(UnsuitableError, match=r"not installed here: gcc-11, tcc \(apt install gcc-11 tcc\)"):
        packages.closure(packages.parse(LISTING, "amd64"), ["gcc", "gcc-11", "tcc"])


def test_the_name_of_a_base_follows_its_versions() -> None:
    one = packages.Closure((Package("gcc", "amd64", "12"),), "Debian")
    two = packages.Closure((Package("gcc", "amd64", "13"),), "Debian")
    assert one.digest != two.digest
    assert one.versions == "gcc 12\n"


def test_another_architecture_is_not_copied() -> None:
    with pytest.raises(UnsuitableError, match=r"m68k|no Debian"):
        packages.here("m68k")


def test_what_is_copied_belongs_to_root_and_is_not_set_uid(tmp_path: Path) -> None:
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin" / "su"
    program.write_bytes(b"program")
    program.chmod(0o6755)
    (tmp_path / "usr" / "share" / "doc" / "x").mkdir(parents=True)
    (tmp_path / "link").symlink_to("bin")
    made = archive.stream(
        [*archive.tree(str(tmp_path)), ("/gone", str(tmp_path / "gone"))], [archive.made("/etc/x", b"y", 0o600)]
    )
    with tarfile.open(fileobj=io.BytesIO(b"".join(made))) as read:
        members = {member.name: member for member in read.getmembers()}
    assert set(members) == {"bin", "bin/su", "link", "usr", "usr/share", "etc/x"}
    assert members["bin/su"].mode == 0o755
    assert members["link"].linkname == "bin"
    assert {(member.uid, member.gid, member.uname) for member in members.values()} == {(0, 0, "")}


@pytest.mark.parametrize(
    ("path", "unwanted"),
    [
        ("/usr/share/doc/gcc", True),
        ("/usr/share/docks", False),
        ("/usr/lib/gcc/x86_64-linux-gnu/12/lto1", True),
        ("/usr/lib/gcc/x86_64-linux-gnu/12/lto-wrapper", False),
        ("/usr/lib/gcc/x86_64-linux-gnu/12/libasan.a", True),
        ("/usr/lib/gcc/x86_64-linux-gnu/12/libasan.so", False),
        ("/usr/lib/gcc/x86_64-linux-gnu/12/libgcc.a", False),
        ("/usr/lib/x86_64-linux-gnu/libc.a", False),
        ("/usr/bin/x86_64-linux-gnu-lto-dump-12", True),
        ("/usr/bin/x86_64-linux-gnu-addr2line", False),
        ("/usr/lib/python3.11/json/__pycache__", True),
        ("/var/cache", False),
        ("/var/cache/apt", True),
    ],
)
def test_what_no_course_needs_is_left_out(path: str, unwanted: bool) -> None:
    assert bool(archive.UNWANTED.search(path)) is unwanted


# --- which base -----------------------------------------------------------------------------------


class Way:
    def __init__(self, there: bool = False, why: str = "") -> None:
        self.base = base.Base(f"base-{id(self)}", "told")
        self.there, self.why, self.asked = there, why, 0

    def present(self) -> base.Base | None:
        return self.base if self.there else None

    def make(self, _progress: base.Progress) -> base.Base:
        self.asked += 1
        if self.why:
            raise base.UnavailableError(self.why)
        return self.base


def test_a_base_that_is_there_is_taken_before_a_registry_is_asked() -> None:
    registry, host = Way(), Way(there=True)
    assert base._first({"registry": registry, "host": host}, print, force=False) is host.base
    assert not registry.asked
    assert base._first({"registry": registry, "host": host}, print, force=True) is registry.base


def test_each_way_that_fails_is_told() -> None:
    said: list[str] = []
    host = Way()
    assert base._first({"registry": Way(why="no such host"), "host": host}, said.append, force=False) is host.base
    assert said == ["no base from registry: no such host"]
    with pytest.raises(SandboxError, match=r"registry: no such host; host: no Debian.*--base REF"):
        base._first({"registry": Way(why="no such host"), "host": Way(why="no Debian")}, said.append, force=False)


def test_a_registry_that_does_not_answer_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(base, "PATIENCE", 0.05)
    never = threading.Event()

    def pull(*_arguments: object, **_options: object) -> Iterator[dict[str, Any]]:
        never.wait()
        yield {}

    silent: Any = SimpleNamespace(api=SimpleNamespace(pull=pull))
    try:
        with pytest.raises(base.UnavailableError, match="said nothing"):
            base._pull(silent, "debian:bookworm-slim", print)
    finally:
        never.set()


def test_a_pull_that_fails_in_its_middle_is_told() -> None:
    messages = [{"status": "Downloading", "id": "1", "progress": "[=>]"}, {"error": "unexpected EOF"}]
    failing: Any = SimpleNamespace(api=SimpleNamespace(pull=lambda *_, **__: iter(messages)))
    said: list[str] = []
    with pytest.raises(base.UnavailableError, match="unexpected EOF"):
        base._pull(failing, "debian:bookworm-slim", said.append)
    assert said == ["  Downloading 1 [=>]"]


def test_without_any_way_the_obstacle_names_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(*_: object) -> None:
        raise docker.errors.ImageNotFound("no such image")

    def refuse(*_: object) -> None:
        raise docker.errors.APIError("no such host")

    def unsuitable(_: str) -> None:
        raise UnsuitableError("no Debian")

    def cannot(_: str) -> None:
        raise base.UnavailableError("debootstrap needs root")

    fake: Any = SimpleNamespace(
        images=SimpleNamespace(get=absent, get_registry_data=refuse), version=lambda: {"Arch": "amd64"}
    )
    monkeypatch.setattr(packages, "here", unsuitable)
    monkeypatch.setattr(base, "_can_debootstrap", cannot)
    told = image.obstacle(fake)
    assert told == "debian:bookworm-slim cannot be pulled: no such host; no Debian; debootstrap needs root"
    monkeypatch.setattr(packages, "here", lambda _: None)
    assert image.obstacle(fake) == ""


# --- tidying --------------------------------------------------------------------------------------


def an_image(number: int, *names: str, age: float = 86400.0) -> dict[str, Any]:
    return {"Id": f"sha256:{number}", "RepoTags": list(names) or None, "Created": int(time.time() - age - number)}


def test_only_old_images_of_ours_are_removed() -> None:
    ours = [an_image(number, f"grader-sandbox:{number}") for number in range(5)]
    young = an_image(5, "grader-sandbox:young", age=60)
    unnamed, another = an_image(6), an_image(7, "grader-sandbox:7", "course:latest")
    foreign = an_image(8, "registry/grader-sandbox:8")
    removed: list[str] = []

    class Api:
        def images(self, filters: dict[str, str]) -> list[dict[str, Any]]:
            return [*ours, young, unnamed, another, foreign] if "image" in filters["label"] else []

        def containers(self, all: bool) -> list[dict[str, str]]:  # noqa: A002
            return [{"ImageID": "sha256:3"}]

        def remove_image(self, name: str) -> None:
            removed.append(name)

    fake: Any = SimpleNamespace(api=Api())
    image.prune(fake, "sha256:2")
    assert removed == ["sha256:1", "sha256:4", "sha256:6"]  # young and 0 are the newest


def test_an_engine_that_refuses_does_not_matter_when_tidying() -> None:
    def refuse(**_: object) -> None:
        raise docker.errors.APIError("no")

    fake: Any = SimpleNamespace(api=SimpleNamespace(images=refuse, containers=refuse))
    assert image.prune(fake, "x") == ()


# --- for real -------------------------------------------------------------------------------------

PROGRAM = """
#include <pthread.h>
#include <stdio.h>
static void *same(void *given) { return given; }
int main(void) {
    pthread_t thread;
    int unused;
    pthread_create(&thread, NULL, same, NULL);
    pthread_join(thread, NULL);
    return puts("works") < 0;
}
"""
LOOK = f"""
set -eu
cd /work
cat > t.c <<'END'
{PROGRAM}
END
for flags in -O2 -fsanitize=address,undefined -fsanitize=thread; do
    gcc -g -Wall -Wextra $flags -pthread t.c -o t -lrt -lm 2> said
    ./t
done
cat said
gcc -fsanitize=thread -c t.c -o t.o
find / -xdev -perm /6000 ! -type l
stat -c '%a %u' /opt/grader /opt/grader/launch /opt/grader/packages
readlink /etc/passwd /etc/group
ls -d /work /build /programs
python3 -I -c 'import sys; sys.path.insert(0, "/opt/grader"); import driver.session; print("imported")'
setpriv --reuid 1000 --clear-groups cat /opt/grader/packages || echo refused
"""


def run_inside(made: str, script: str) -> str:
    argv = ["docker", "run", "--rm", "-i", "--network=none", "--read-only", "--label", "org.grader.sandbox=test"]
    argv += ["--tmpfs", "/tmp:exec", "--tmpfs", "/run", "--tmpfs", "/work:exec", made, "sh"]
    done = subprocess.run(argv, input=script, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_an_image_is_built_and_works(client: docker.DockerClient, changed: Path) -> None:
    made_of = sources(changed)
    assert image.find(client, made_of) is None
    said: list[str] = []
    made = image.build(client, made_of, said.append)
    assert made.startswith("sha256:")
    assert any(line.startswith("building grader-sandbox:") for line in said)
    again: list[str] = []
    assert image.build(client, made_of, again.append) == made == image.find(client, made_of)
    assert not again
    about = image.facts(client, made)
    assert about.size < 300e6
    assert {"gcc", "libc6", "python3"} <= set(about.packages)
    told = run_inside(made_of.tag, LOOK).splitlines()
    assert told[:3] == ["works"] * 3
    assert any("unused variable" in line for line in told)
    assert told[-10:] == [
        *("700 0", "700 0", "600 0", "/run/passwd", "/run/group", "/build", "/programs", "/work"),
        *("imported", "refused"),
    ]


def test_two_graders_may_build_at_once(
    changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: docker.DockerClient
) -> None:
    image.build(client, sources(SANDBOX), print)  # so that the base is there
    made_of = sources(changed)

    def one(number: int) -> str:
        own = connection.connect()
        try:
            return image.build(own, made_of, print, base=None)
        finally:
            own.close()

    monkeypatch.setattr(image, "cache_directory", lambda: tmp_path / f"cache-{threading.get_ident()}")
    with ThreadPoolExecutor(2) as workers:
        made = list(workers.map(one, range(2)))
    assert image.find(client, made_of) in made


def test_a_second_grader_of_the_same_user_waits(changed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(image, "cache_directory", lambda: tmp_path)
    made_of = sources(changed)
    said: list[str] = []
    holds = "import fcntl, sys; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True); input()"
    other = subprocess.Popen(
        [sys.executable, "-c", holds, str(tmp_path / "docker-build.lock")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None
    assert other.stdout is not None
    assert other.stdout.readline() == "held\n"

    def progress(line: str) -> None:
        said.append(line)
        if "waiting" in line:
            other.communicate("\n")

    own = connection.connect()
    try:
        image.build(own, made_of, progress)
    finally:
        own.close()
        other.kill()
        other.communicate()
    assert said[0] == "another grader is building; waiting for it"


def test_a_step_that_fails_is_told_with_what_it_said(client: docker.DockerClient, changed: Path) -> None:
    image.build(client, sources(SANDBOX), print)  # so that the base is there
    broken = changed / "driver" / "launch.c"
    broken.write_text(f"#error this is broken\n{broken.read_text()}")
    with pytest.raises(SandboxError, match=r"(?s)the step `RUN .*` failed: exit status 1.*#error this is broken"):
        image.build(client, sources(changed), print)
    assert image.find(client, sources(changed)) is None


def test_the_compiler_says_what_the_machine_s_own_says(client: docker.DockerClient, tmp_path: Path) -> None:
    made_of = sources(SANDBOX)
    about = image.facts(client, image.build(client, made_of, print))
    if "of this machine" not in about.base:
        pytest.skip(f"the image is built from {about.base}")
    (tmp_path / "t.c").write_text(PROGRAM)
    command = "gcc -g -Wall -Wextra -fsanitize=address,undefined t.c -o t"
    spoken = {**os.environ, "LC_ALL": "C"}
    own = subprocess.run(command.split(), cwd=tmp_path, env=spoken, capture_output=True, text=True, timeout=60)
    inside = run_inside(made_of.tag, f"cd /work; cat > t.c <<'END'\n{PROGRAM}END\nLC_ALL=C {command} 2>&1")
    assert inside == own.stderr


def test_where_no_engine_is_the_message_names_the_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nothing.sock")
    with pytest.raises(SandboxError, match=r"answers at unix:.*nothing\.sock: there is no such socket"):
        connection.connect()
    monkeypatch.setenv("DOCKER_HOST", "tcp://127.0.0.1:1")
    with pytest.raises(SandboxError, match="connection refused"):
        connection.connect()
