"""Runs commands of convcalc with one more figure than it has: a process of its own, for the list is read on import."""

from __future__ import annotations

import io
import json
import os
import sys
from contextlib import redirect_stderr, redirect_stdout

from convcalc.arith.shape import elements
from convcalc.report import figures
from convcalc.report.figure import BOTH, COMPARED, DIFFERENCE, MAX, STATES, ZOO, Figure, count

# What a layer reads and writes. It came with version 2 of the lock file.
ACCESSES = count(
    "accesses", "accesses", "numbers", "numbers that it reads and writes", 30, of=BOTH, at_a_glance=True,
    formula=lambda facts: sum(map(elements, facts.input_shapes)) + facts.units,
    tables=(COMPARED, DIFFERENCE, STATES, ZOO), beside=30, attribute="accesses",
    bound=(MAX, "At most so many numbers read and written."), locked=2, baseline=True,
)  # fmt: skip


def add(figure: Figure) -> None:
    """Put a figure into the list, before the modules that query it are imported."""
    *others, last = figures.FIGURES
    figures.FIGURES = (*others, figure, last)
    figures.BY_NAME[figure.name] = figure


def main() -> None:
    """Run each command that a line of stdin names, in the folder that it names; answer a line of JSON for each."""
    add(ACCESSES)
    from convcalc import shipped
    from convcalc.cli.main import run

    shipped.directory = os.getcwd
    for line in sys.stdin:
        folder, *args = json.loads(line)
        os.chdir(folder)
        out, err = io.StringIO(), io.StringIO()
        with redirect_stdout(out), redirect_stderr(err):
            code = screen(*args[1:]) if args[0] == "screen" else run(args)
        print(json.dumps([code, out.getvalue(), err.getvalue()]), flush=True)


def screen(path: str) -> int:
    """Print the rows of the table of layers, and those of the table of states."""
    from convcalc.arith.units import group_digits
    from convcalc.editor import open_session
    from convcalc.tui.comparing import sheet
    from convcalc.tui.outline import Outline

    session, outline = open_session(path), Outline()
    assert session.report is not None
    outline.columns = (ACCESSES.name,)
    for row in [
        *outline.sheet(outline.items(session.report)).rows,
        *sheet({"saved": session.report, "now": session.report}, "", group_digits).rows,
    ]:
        print(*row)
    return 0


if __name__ == "__main__":
    main()
