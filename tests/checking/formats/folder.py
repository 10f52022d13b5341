"""A folder of specs with a finding of every kind, and what `check` finds there."""

from __future__ import annotations

import shutil
from pathlib import Path

from convcalc.checking.discovery import discover
from convcalc.checking.formats import Options, chunks
from convcalc.checking.results import Results
from convcalc.checking.runner import check_files
from convcalc.checking.settings import Settings

DATA = Path(__file__).parents[2] / "data" / "check"
# A directory whose name holds what formats must escape.
ODD = "50%, <a> & 'b': ü"
SETTINGS = Settings(rules=("bias-before-norm",))


def fill(folder: Path) -> None:
    """A spec with findings, a library that it includes, a broken spec, one that is fine, and YAML that is no spec."""
    (folder / ODD).mkdir()
    shutil.copy(DATA / "every-kind.yaml", folder)
    shutil.copy(DATA / "shared.yaml", folder)
    shutil.copy(DATA / "broken.yaml", folder / ODD)
    (folder / "fine.yaml").write_text("input: [3]\nlayers: [relu]\n")
    (folder / "workflow.yaml").write_text("on: push\n")


def checked(*paths: str) -> Results:
    """What is found in the working directory, or in paths there."""
    return Results(list(check_files(discover(paths or ["."]), lambda path: SETTINGS, 1)))


def written(name: str, results: Results, options: Options | None = None) -> str:
    return "".join(chunks(name, results, options or Options()))
