"""The runtime's parts by themselves (unit.c), and its sources: clean under the compiler's warnings."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from grader.backends.runtime import RUNTIME_FLAGS

HERE = Path(__file__).parent
RUNTIME = HERE.parents[2] / "sandbox" / "runtime"
SOURCES = sorted(RUNTIME.glob("*.c"))


def test_every_part_does_what_it_claims(tmp_path: Path) -> None:
    program = tmp_path / "unit"
    files = [str(file) for file in (HERE / "unit.c", *SOURCES)]
    command = ["gcc", *RUNTIME_FLAGS, "-I", str(RUNTIME), *files, "-o", str(program), "-ldl", "-lrt", "-pthread"]
    subprocess.run(command, check=True)
    ran = subprocess.run([program], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    assert (ran.stdout, ran.returncode) == ("", 0)


@pytest.mark.parametrize("source", SOURCES, ids=lambda path: path.name)
def test_a_source_compiles_without_a_warning(source: Path, tmp_path: Path) -> None:
    command = ["gcc", *RUNTIME_FLAGS, "-Werror", "-c", str(source), "-o", str(tmp_path / "made.o")]
    made = subprocess.run(command, capture_output=True, text=True, check=False)
    assert made.stderr == ""
