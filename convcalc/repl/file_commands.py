"""The commands that write files, and `quit`."""

from __future__ import annotations

import os
from collections.abc import Iterable

from convcalc.errors import UsageError
from convcalc.render.csv_ import csv_chunks
from convcalc.render.json_ import json_chunks
from convcalc.render.unified import unified_diff
from convcalc.repl.arguments import Arguments
from convcalc.repl.repl import Shell
from convcalc.report.columns import DEFAULT, columns
from convcalc.report.report import Report
from convcalc.report.view import View

FORMATS = ("markdown", "json", "csv")


def save(shell: Shell, arguments: Arguments) -> int:
    overwrite = arguments.flag("--overwrite")
    path = arguments.maybe()
    arguments.end()
    return shell.perform(lambda: shell.session.save(path, overwrite=overwrite), is_edit=False)


def yaml(shell: Shell, arguments: Arguments) -> int:
    as_diff = arguments.flag("--diff")
    arguments.end()
    if not as_diff:
        shell.output.write(shell.session.text)
        return 0
    lines = list(unified_diff(shell.session.label, shell.session.saved_text, shell.session.text, shell.output.style))
    shell.output.write(lines or "no change\n")
    return 0


def export(shell: Shell, arguments: Arguments) -> int:
    format_, file = arguments.take("FORMAT"), arguments.maybe()
    arguments.end()
    if format_ not in FORMATS:
        raise arguments.wrong(f"there is no format `{format_}`")
    own = shell.session.path
    if file is not None and own is not None and os.path.realpath(file) == os.path.realpath(own):
        raise UsageError(f"{file} is the spec itself", "name another file")
    report = shell.figures()
    shell.output.write(shell.session.markdown() if format_ == "markdown" else _exported(report, format_), file)
    if file is not None:
        shell.output.write(f"wrote {file}\n")
    return shell.stale()


def _exported(report: Report, format_: str) -> Iterable[str]:
    if format_ == "json":
        return json_chunks([report], as_list=False)
    return csv_chunks([View(report, columns(DEFAULT))])


def quit(shell: Shell, arguments: Arguments) -> int:
    arguments.end()
    shell.is_over = True
    return 0
