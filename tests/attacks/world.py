"""The host of a batch of attacks: secrets laid out, services that nobody may reach, and what is there afterwards."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import json
import os
import secrets
import shutil
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from grader.batch import folder_name
from tests.attacks.attack import HERE, Attack, programs
from tests.attacks.trees import TREES

ROOT = HERE.parents[1]
SEED = 7
EVERY = 3  # after so many attacks comes a right submission
RIGHT = ("one-case", "three-cases", "twice-built")
PATIENCE = 900.0  # seconds for a batch; a guard against a hang
_MAIN = "import sys; from grader.cli import main; sys.exit(main())"
_IPC_CREAT = 0o1000
_ATTACKS = {attack.name: attack for attack in (*programs(), *(tree.attack for tree in TREES))}


def surroundings() -> dict[str, str]:
    """The environment of a grader that is this repository's."""
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    return {**os.environ, "PYTHONPATH": path}


def attacks() -> dict[str, Attack]:
    """Every attack by its name."""
    return dict(_ATTACKS)


@dataclass
class Host:
    """A place for one batch: course, submissions and results below root.

    tag: stands in the name of everything that an attack makes. key: of the first of its IPC objects. secrets: texts
    that no report may hold. touched: who reached a service of the host. right: STUDENT and EXERCISE that must pass.
    """

    root: Path
    tag: str = field(default_factory=lambda: f"atk{secrets.token_hex(3)}")
    key: int = field(default_factory=lambda: 0x5A000000 | secrets.randbelow(1 << 15) << 8)
    secrets: list[str] = field(default_factory=list)
    touched: list[str] = field(default_factory=list)
    right: list[tuple[str, str]] = field(default_factory=list)

    @property
    def course(self) -> Path:
        """The course, a copy of the repository's with secrets in it."""
        return self.root / "course"

    @property
    def submissions(self) -> Path:
        """STUDENT/EXERCISE/main.c."""
        return self.root / "submissions"

    @property
    def results(self) -> Path:
        """What the batch wrote."""
        return self.root / "results"

    def _secret(self, where: str) -> str:
        made = f"CANARY-{where}-{secrets.token_hex(8)}"
        self.secrets.append(made)
        return made

    # --- laying out -------------------------------------------------------------------------

    @contextlib.contextmanager
    def laid_out(self) -> Iterator[dict[str, str]]:
        """Everything in its place while this lasts; gives the environment of the grader."""
        self.root.mkdir(parents=True)
        self.secrets += ["CANARY-REFERENCE-91ab", "CANARY-SPEC-5d1f", "CANARY-PARTNER-c27e"]
        places = {
            "HOME_CANARY": Path.home() / f".{self.tag}-canary",
            "TMP_CANARY": Path(f"/tmp/{self.tag}-canary"),
            "COURSE_CANARY": self.course / f"{self.tag}-canary",
        }
        with contextlib.ExitStack() as stack:
            shutil.copytree(HERE / "course", self.course)
            for name, path in places.items():
                stack.callback(path.unlink, missing_ok=True)
                path.write_text(f"{self._secret(name)} = 1;\n", encoding="utf-8")
            words: dict[str, str | int] = {name: f'"{path}"' for name, path in places.items()}
            words |= {"TAG": f'"{self.tag}"', "KEY": self.key, "HOST_KEY": self.key + 0xFF}
            words["PORT"] = stack.enter_context(self._listening(socket.AF_INET, ("127.0.0.1", 0)))[1]
            stack.enter_context(self._listening(socket.AF_UNIX, f"\0{self.tag}-host"))
            stack.enter_context(self._listening(socket.AF_UNIX, f"/tmp/{self.tag}-host"))
            stack.enter_context(self._segment(self.key + 0xFF))
            words["REFERENCE"] = f'"{self.course}/exercises/one-case/reference/main.c"'
            words["SPEC"] = f'"{self.course}/exercises/one-case/exercise.yaml"'
            words["OTHER"] = f'"{self.submissions}/000-right/one-case/main.c"'
            words["GRADER"] = f'"{ROOT}"'
            self._write_course(words)
            self._write_submissions()
            yield {**surroundings(), "ATTACK_SECRET": self._secret("ENVIRONMENT")}

    def _write_course(self, words: dict[str, Any]) -> None:
        file = self.course / "grader.yaml"
        settings = yaml.safe_load(file.read_text(encoding="utf-8"))
        settings["plugins"] = [str(ROOT / "plugins")]
        file.write_text(yaml.safe_dump(settings), encoding="utf-8")
        text = "".join(f"#define {name} {value}\n" for name, value in words.items())
        text += (HERE / "attack.h").read_text(encoding="utf-8")
        for exercise in (self.course / "exercises").iterdir():
            (exercise / "given").mkdir()
            (exercise / "given" / "attack.h").write_text(text, encoding="utf-8")

    def _write_submissions(self) -> None:
        makers = {tree.attack.name: tree.make for tree in TREES}
        self._hand_in_right("000-right", "one-case")
        for number, attack in enumerate(_ATTACKS.values(), 1):
            folder = self.folder(attack)
            folder.mkdir(parents=True)
            if attack.source is not None:
                shutil.copy(attack.source, folder / "main.c")
            else:
                makers[attack.name](folder)
            if number % EVERY == 0:
                self._hand_in_right(f"{number:03}-~right", RIGHT[number // EVERY % len(RIGHT)])

    def _hand_in_right(self, student: str, exercise: str) -> None:
        reference = (HERE / f"course/exercises/{exercise}/reference/main.c").read_text(encoding="utf-8")
        folder = self.submissions / student / exercise
        folder.mkdir(parents=True)
        text = f"/* {self._secret('STUDENT')} */\n{reference.partition('*/')[2]}"
        (folder / "main.c").write_text(text, encoding="utf-8")
        self.right.append((student, exercise))

    def folder(self, attack: Attack) -> Path:
        """Where an attack is handed in."""
        return self.submissions / self.student(attack) / attack.exercise

    @staticmethod
    def student(attack: Attack) -> str:
        """What the attacker is called."""
        return attack.student or f"{list(_ATTACKS).index(attack.name) + 1:03}-{attack.name}"

    @contextlib.contextmanager
    def _listening(self, family: int, address: Any) -> Iterator[Any]:
        """A service of the host that nobody may reach; whoever does is put down in `touched`."""
        with socket.socket(family, socket.SOCK_STREAM) as server:
            server.bind(address)
            server.listen()

            def serve() -> None:
                with contextlib.suppress(OSError):
                    while True:
                        client, _ = server.accept()
                        self.touched.append(f"somebody connected to {address!r}")
                        client.close()

            thread = threading.Thread(target=serve, daemon=True)
            thread.start()
            try:
                yield server.getsockname()
            finally:
                server.shutdown(socket.SHUT_RDWR)
                thread.join()
                if isinstance(address, str) and address.startswith("/"):
                    os.unlink(address)

    @staticmethod
    @contextlib.contextmanager
    def _segment(key: int) -> Iterator[None]:
        """Shared memory of the host, for everybody to write, that no submission may find."""
        libc = ctypes.CDLL(None, use_errno=True)
        made = libc.shmget(key, 4096, _IPC_CREAT | 0o666)
        if made == -1:
            raise OSError(ctypes.get_errno(), "shmget")
        try:
            yield
        finally:
            libc.shmctl(made, 0, None)

    # --- playing ----------------------------------------------------------------------------

    def batch(self, backend: str) -> Outcome:
        """Grade everything in one batch, then look at what is there."""
        with self.laid_out() as environment:
            before = _fingerprints(self.submissions, self.course)
            command = ["batch", str(self.submissions), "-o", str(self.results), "--course", str(self.course)]
            command += ["--sandbox", backend, "--seed", str(SEED), "--jobs", "2"]
            began = time.monotonic()
            done = _run(command, environment, self.root, PATIENCE)
            seconds = time.monotonic() - began
            found = [f"the batch ended with status {done.returncode}"] if done.returncode else []
            found += [f"still alive: {name}" for name in self._survivors()]
            found += [f"left on the host: {name}" for name in self._left()]
            after = _fingerprints(self.submissions, self.course)
            found += [
                f"changed: {name}"
                for name in sorted(before.keys() | after.keys())
                if before.get(name) != after.get(name)
            ]
            found += self.touched
        shutil.rmtree(self.folder(_ATTACKS["many_files"]))
        return Outcome(self.root, found, seconds, done.stdout, done.stderr, list(self.secrets), list(self.right))

    def _survivors(self) -> list[str]:
        """Living processes that are called as the attacks call themselves; a killed one takes a moment."""
        deadline = time.monotonic() + 30
        while (found := _called(self.tag)) and time.monotonic() < deadline:
            time.sleep(0.01)
        return found

    def _left(self) -> Iterator[str]:
        """IPC objects and files of the host with the key or name of the attacks."""
        for kind in ("shm", "sem", "msg"):
            for line in Path(f"/proc/sysvipc/{kind}").read_text(encoding="ascii").splitlines()[1:]:
                key = int(line.split()[0]) & 0xFFFFFFFF
                if self.key <= key < self.key + 0xFF:
                    yield f"{kind} {key:#x}"
        ours = {f"{self.tag}-canary", f".{self.tag}-canary", f"{self.tag}-host"}
        for place in (
            "/",
            "/tmp",
            "/var/tmp",
            "/dev/shm",
            "/dev/mqueue",
            "/run",
            str(Path.home()),
            str(ROOT),
            str(self.root),
        ):
            with contextlib.suppress(OSError):
                yield from (f"{place}/{name}" for name in os.listdir(place) if self.tag in name and name not in ours)
        if self.tag in Path("/proc/self/mountinfo").read_text(encoding="utf-8", errors="replace"):
            yield "a mount"


@dataclass(frozen=True)
class Outcome:
    """What became of a batch of attacks. found: what on the host is not as it was."""

    root: Path
    found: list[str]
    seconds: float
    stdout: str
    stderr: str
    secrets: list[str]
    right: list[tuple[str, str]]

    def report(self, student: str, exercise: str) -> tuple[dict[str, Any], str]:
        """The report of one submission, and its text."""
        text = (self.root / "results/reports" / folder_name(student) / f"{exercise}.json").read_text(encoding="utf-8")
        return json.loads(text), text

    def grade(self, backend: str, exercise: str, path: Path, *options: str) -> subprocess.CompletedProcess[str]:
        """`grader grade` of one submission in the same course."""
        command = ["grade", exercise, str(path), "--course", str(self.root / "course"), "--sandbox", backend, *options]
        return _run(command, surroundings(), self.root, 120)


def _run(
    command: Sequence[str], environment: dict[str, str], cwd: Path, patience: float
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _MAIN, *command],
        env=environment,
        cwd=cwd,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="surrogateescape",
        timeout=patience,
        check=False,
        start_new_session=True,
    )


def _called(tag: str) -> list[str]:
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            text = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
            state = text.rpartition(")")[2].split()[0]
            if f"({tag}" in text and state not in "ZX":
                found.append(f"{pid} {state}")
    return found


def _fingerprints(*roots: Path) -> dict[str, str]:
    """What lies below these directories: kind, mode and content of each thing, by its path."""
    found = {}
    for root in roots:
        for folder, folders, files in os.walk(root):
            if "many_files" in folder:
                continue
            for name in (*folders, *files):
                path = os.path.join(folder, name)
                status = os.lstat(path)
                content = b""
                if stat.S_ISREG(status.st_mode) and status.st_size < 1 << 22:
                    content = Path(path).read_bytes()
                about = f"{status.st_mode:o} {status.st_size if content else 0} "
                found[os.fsencode(path).decode("utf-8", "backslashreplace")] = (
                    about + hashlib.sha256(content).hexdigest()
                )
    return found
