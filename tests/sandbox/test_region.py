"""The region: Python and C agree on its layout, and whatever a program writes into it is taken as hostile."""

from __future__ import annotations

import ctypes
import re
import subprocess
from pathlib import Path

import pytest

from driver import layout, region

HEADER = Path(__file__).resolve().parents[2] / "sandbox" / "runtime" / "layout.h"


@pytest.fixture(scope="module")
def c_side(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """What C says of everything that Python names."""
    words = []
    for name, kind in layout.STRUCTURES.items():
        words.append((f"sizeof {name}", f"sizeof({name})"))
        for item in kind._fields_:
            words.append((f"{name}.{item[0]}", f"offsetof({name}, {item[0]})"))
            words.append((f"sizeof {name}.{item[0]}", f"sizeof((({name} *)0)->{item[0]})"))
    words += [(name, name) for numbers in layout.NUMBERS for name in numbers.__members__]
    words += [(f"CALL_{name}", f"CALL_{name}") for name in layout.CALLS]
    words += [("CALL_COUNT", "CALL_COUNT"), ("REGION_MAGIC", "REGION_MAGIC")]
    lines = "\n".join(f'    printf("%llu {name}\\n", (unsigned long long){value});' for name, value in words)
    folder = tmp_path_factory.mktemp("layout")
    (folder / "tell.c").write_text(
        f'#include "{HEADER}"\n#include <stddef.h>\n#include <stdio.h>\nint main(void)\n{{\n{lines}\n}}\n'
    )
    subprocess.run(["gcc", "-std=gnu17", "-o", folder / "tell", folder / "tell.c"], check=True)
    told = subprocess.run([folder / "tell"], check=True, capture_output=True, text=True).stdout
    return {name: int(value) for value, _, name in (line.partition(" ") for line in told.splitlines())}


@pytest.mark.parametrize("name", layout.STRUCTURES)
def test_a_structure_lies_as_in_c(c_side: dict[str, int], name: str) -> None:
    kind = layout.STRUCTURES[name]
    mine = {f"sizeof {name}": ctypes.sizeof(kind)}
    for item in kind._fields_:
        field = getattr(kind, item[0])
        mine[f"{name}.{item[0]}"] = field.offset
        mine[f"sizeof {name}.{item[0]}"] = field.size
    assert mine == {key: c_side[key] for key in mine}


def test_numbers_are_those_of_c(c_side: dict[str, int]) -> None:
    mine = {name: member.value for numbers in layout.NUMBERS for name, member in numbers.__members__.items()}
    mine |= {f"CALL_{name}": number for number, name in enumerate(layout.CALLS, start=1)}
    mine |= {"CALL_COUNT": len(layout.CALLS) + 1, "REGION_MAGIC": layout.MAGIC}
    assert mine == {key: c_side[key] for key in mine}


def test_c_has_no_number_that_python_lacks() -> None:
    pre = subprocess.run(["gcc", "-E", "-P", HEADER], check=True, capture_output=True, text=True).stdout
    names = {
        name
        for body in re.findall(r"enum\s*\{(.*?)\}", pre, re.DOTALL)
        for name in re.findall(r"(?:^|,)\s*([A-Za-z_]\w*)", body)
    }
    mine = {name for numbers in layout.NUMBERS for name in numbers.__members__}
    assert {name for name in names if not name.startswith("CALL_")} == mine


def test_the_names_of_the_files_are_those_of_c() -> None:
    text = HEADER.read_text()
    assert f'#define REGION_NAME "trace/{region.REGION}"' in text
    assert f'#define HOLD_NAME "trace/{region.HOLD}"' in text
