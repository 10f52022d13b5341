"""Measures the start-up time with each library that can declare typed parameters, in multiples of `python -c pass`.

Run it with the python of an environment that has convcalc. It leaves out libraries that are not installed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from statistics import median

from measure import cost

FIELDS = "    a: int\n    b: int = 1\n    c: bool = True"
THIRTY = "\nfor n in range(30): exec(f'''{decorator}class C{{n}}({base}):\n" + FIELDS + "''')"
FAMILIES = "from convcalc.layers import FAMILIES\nfor name in FAMILIES: __import__(f'convcalc.layers.{name}')"
CASES = {
    "click": "import click",
    "yaml": "import yaml",
    "click + yaml": "import click, yaml",
    "rich.console + rich.table": "import rich.console, rich.table",
    "click + yaml + rich": "import click, yaml, rich.console, rich.table",
    "dataclasses, 30 classes": "import dataclasses" + THIRTY.format(decorator="@dataclasses.dataclass\n", base=""),
    "msgspec, 30 structs": "import msgspec" + THIRTY.format(decorator="", base="msgspec.Struct"),
    "attrs, 30 classes": "import attrs" + THIRTY.format(decorator="@attrs.define\n", base=""),
    "pydantic, 1 model": "import pydantic\nclass C(pydantic.BaseModel):\n    a: int\n    b: int = 1",
    "convcalc.layers.parameters": "import convcalc.layers.parameters",
    "convcalc, every layer family": FAMILIES,
}


def installed(python: Path, code: str) -> bool:
    return subprocess.run([python, "-c", code], capture_output=True, check=False).returncode == 0


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what it costs to start.")
    parser.add_argument("--python", type=Path, default=Path(sys.executable))
    parser.add_argument("--repeats", type=int, default=25)
    given = parser.parse_args()
    python = given.python.absolute()
    print(f"{'import':<30} x python -c pass")
    for name, code in CASES.items():
        if not installed(python, code):
            continue
        ratios = []
        for _ in range(given.repeats + 1):
            bare = cost([python, "-c", "pass"])
            ratios.append(cost([python, "-c", code]).cpu / bare.cpu)
        print(f"{name:<30} {median(ratios[1:]):.1f}")


if __name__ == "__main__":
    main()
