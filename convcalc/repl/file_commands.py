"""The commands that write files, and `quit`."""

from __future__ import annotations

import os

from convcalc.errors import UsageError
from convcalc.render.formats import chunks, formats_of
from convcalc.render.report_printout import ReportPrintout
from convcalc.render.style import Screen
from convcalc.render.unified import unified_diff
from convcalc.repl.arguments import Arguments
from convcalc.repl.repl import Shell

FORMATS = formats_of(ReportPrintout)


def save(shell: Shell, arguments: Arguments) -> int:
    overwrite = arguments.flag("--overwrite")
    path = arguments.take_optional()
    arguments.end()
    return shell.perform(lambda: shell.session.save(path, overwrite=overwrite), is_edit=False)


def yaml(shell: Shell, arguments: Arguments) -> int:
    as_diff = arguments.flag("--diff")
    arguments.end()
    if not as_diff:
        shell.output.write(shell.session.text)
        return 0
    lines = list(unified_diff(shell.session.label, shell.session.storage.saved, shell.session.text, shell.output.style))
    shell.output.write(lines or "no change\n")
    return 0


def export(shell: Shell, arguments: Arguments) -> int:
    format_, file = arguments.take("FORMAT"), arguments.take_optional()
    arguments.end()
    if format_ not in FORMATS:
        raise arguments.error(f"there is no format `{format_}`")
    own = shell.session.path
    if file is not None and own is not None and os.path.realpath(file) == os.path.realpath(own):
        raise UsageError(f"{file} is the spec itself", "name another file")
    printout = ReportPrintout([shell.figures()])
    shell.output.write(chunks(printout, format_, Screen()), file)
    if file is not None:
        shell.output.write(f"wrote {file}\n")
    return shell.note_stale_figures()


def quit(shell: Shell, arguments: Arguments) -> int:
    arguments.end()
    shell.is_over = True
    return 0
