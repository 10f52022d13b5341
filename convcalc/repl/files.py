"""The commands that write, and the end."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from convcalc.errors import UsageError
from convcalc.repl.words import Arguments

if TYPE_CHECKING:
    from convcalc.repl.repl import Shell
    from convcalc.report.report import Report

FORMATS = ("markdown", "json", "csv")


def save(shell: Shell, words: Arguments) -> int:
    overwrite = words.flag("--overwrite")
    path = words.maybe()
    words.end()
    return shell.tell(lambda: shell.session.save(path, overwrite=overwrite), is_edit=False)


def yaml(shell: Shell, words: Arguments) -> int:
    as_diff = words.flag("--diff")
    words.end()
    if not as_diff:
        shell.output.write(shell.session.text)
        return 0
    from convcalc.render.unified import unified_diff

    lines = list(unified_diff(shell.session.label, shell.session.saved_text, shell.session.text, shell.output.style))
    shell.output.write(lines or "no change\n")
    return 0


def export(shell: Shell, words: Arguments) -> int:
    import os

    format_, file = words.take("FORMAT"), words.maybe()
    words.end()
    if format_ not in FORMATS:
        raise words.wrong(f"there is no format `{format_}`")
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
        from convcalc.render.json_ import json_chunks

        return json_chunks([report], as_list=False)
    from convcalc.render.csv_ import csv_chunks
    from convcalc.report.columns import DEFAULT, columns
    from convcalc.report.view import View

    return csv_chunks([View(report, columns(DEFAULT))])


def quit(shell: Shell, words: Arguments) -> int:
    words.end()
    shell.is_over = True
    return 0
