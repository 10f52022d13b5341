"""The commands that show something and do not change the text."""

from __future__ import annotations

import re
from typing import Any

from convcalc.editor import EditField
from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.render.changes import ARROW, value_text
from convcalc.render.comparison import BLOCKS, PLAIN, comparison_sheets
from convcalc.render.derivation import derivation_text
from convcalc.render.difference import difference_sheets
from convcalc.render.field import field_text
from convcalc.render.report import report_sheet, usual_columns
from convcalc.render.sheet import Head, Sheet
from convcalc.repl.arguments import Arguments
from convcalc.repl.repl import Shell
from convcalc.repl.totals import totals_line
from convcalc.report.columns import columns as columns_named
from convcalc.report.comparison import Comparison
from convcalc.report.derivation import derive
from convcalc.report.field import LayerField
from convcalc.report.report import Report
from convcalc.report.view import View

FILE_ITSELF = "none"  # the word for no variant


def show(shell: Shell, arguments: Arguments) -> int:
    report = shell.figures()
    depth = arguments.number("--depth")
    names = arguments.option("--columns", "names of columns")
    columns = (
        usual_columns(report, depth) if names is None else columns_named([name.strip() for name in names.split(",")])
    )
    wanted = arguments.rest()
    shell.output.sheets(lambda width: [_table(report, columns, depth, wanted)])
    return shell.note_stale_figures()


def _table(report: Report, columns: list[Any], depth: int | None, wanted: list[str]) -> Sheet:
    view = View(report, columns, depth=depth)
    if not wanted:
        return report_sheet(view)
    names = [line.name for line in view.lines]
    for name in wanted:
        if not any(_is_in(line, name) for line in names):
            raise UsageError(f"there is no layer `{name}`", nearest(name, names))
    sheet = report_sheet(view)
    rows = [row for row, line in zip(sheet.rows, names) if any(_is_in(line, name) for name in wanted)]
    return Sheet("", sheet.heads, rows)


def _is_in(line: str, name: str) -> bool:
    """Whether a line of the table is the layer of that name, or in the block of that name."""
    return line == name or line.startswith(f"{name}.")


def why(shell: Shell, arguments: Arguments) -> int:
    layer = arguments.take("LAYER")
    arguments.end()
    shell.output.write(derivation_text(derive(shell.figures(), layer), shell.output.style, shell.width))
    return shell.note_stale_figures()


def field(shell: Shell, arguments: Arguments) -> int:
    layer, unit = arguments.take("LAYER"), arguments.take_optional()
    arguments.end()
    found = LayerField(shell.figures(), layer)
    if unit is not None:
        if not re.fullmatch(r"\d{1,18}(,\d{1,18})*", unit):
            raise arguments.error(f"the unit cannot be `{unit}`: it is Y,X, counted from 0")
        found.select_unit(tuple(map(int, unit.split(","))))
    output = shell.output
    output.write(field_text(found, output.style, output.glyphs, output.size))
    return shell.note_stale_figures()


def compare(shell: Shell, arguments: Arguments) -> int:
    arguments.end()
    comparison = Comparison([shell.figures()])
    shell.output.sheets(
        lambda width: comparison_sheets(comparison, marks=PLAIN if width is None else BLOCKS, width=width)
    )
    return shell.note_stale_figures()


def keys(shell: Shell, arguments: Arguments) -> int:
    layer = arguments.take("LAYER")
    arguments.end()
    fields = shell.session.fields(layer)
    heads = [Head("key", importance=100, role="name"), Head("written", importance=95), Head("value", importance=90),
             Head("default", importance=80), Head("meaning", importance=100, wrap=True)]  # fmt: skip
    rows = [
        [each.key, each.written or "", "" if each.value is None else value_text(each.value), _default(each),
         _meaning(each)]
        for each in fields
    ]  # fmt: skip
    places = shell.session.places(layer)
    notes = [f"edits {len(places):,} layers: {', '.join(places[:3])}{', …' if len(places) > 3 else ''}"]
    shell.output.sheets(lambda width: [Sheet("", heads, rows, notes=notes if len(places) > 1 else [])])
    return 0


def _default(each: EditField) -> str:
    return "must be given" if each.required else "" if each.default is None else value_text(each.default)


def _meaning(each: EditField) -> str:
    parts = [each.help.rstrip("."), f"one of {', '.join(each.choices)}" if each.choices else "", each.origin]
    return "; ".join(part for part in parts if part)


def check(shell: Shell, arguments: Arguments) -> int:
    arguments.end()
    problems = shell.session.findings().problems
    shell.output.problems(problems)
    if not problems:
        shell.output.write("there are no problems, and the linter has no findings\n")
    return 1 if problems else 0


def history(shell: Shell, arguments: Arguments) -> int:
    arguments.end()
    done, undone = shell.session.history, shell.session.undone
    lines = [f"{number:>3}  {step.title}" for number, step in enumerate(done, 1)]
    lines += [f"     {step.title} (undone)" for step in reversed(undone)]
    shell.output.write("".join(f"{line}\n" for line in lines) or "no edits yet\n")
    return 0


# -- states to compare with ------------------------------------------------------------------------------------------


def variant(shell: Shell, arguments: Arguments) -> int:
    name = arguments.take_optional()
    arguments.end()
    session = shell.session
    if name is None:
        marked = [(None, FILE_ITSELF), *((each, each) for each in session.variants)]
        lines = [f"{'*' if each == session.variant else ' '} {label}\n" for each, label in marked]
        shell.output.write(lines)
        return 0
    return shell.perform(
        lambda: session.set_variant(None if name == FILE_ITSELF and name not in session.variants else name)
    )


def pin(shell: Shell, arguments: Arguments) -> int:
    name = arguments.take_optional() or ""
    arguments.end()
    pinned = shell.session.pin(name).name
    shell.output.write(f"pinned as {pinned}; `diff {pinned}` compares with it\n")
    return 0


def pins(shell: Shell, arguments: Arguments) -> int:
    arguments.end()
    found = shell.session.pins.values()
    width = max((len(each.name) for each in found), default=0)
    lines = [f"{each.name:<{width}}  {totals_line(None, each.report)}\n" for each in found]
    shell.output.write(lines or "no state is pinned; `pin NAME` pins the present one\n")
    return 0


def unpin(shell: Shell, arguments: Arguments) -> int:
    name = arguments.take("NAME")
    arguments.end()
    shell.session.unpin(name)
    return 0


def diff(shell: Shell, arguments: Arguments) -> int:
    every = arguments.flag("--all")
    name = arguments.take_optional() or ""
    arguments.end()
    shell.figures()
    difference = shell.session.difference(name)
    if difference is None:
        raise UsageError("there is nothing to compare with: the saved file does not build", "compare with a pin")
    if difference.is_empty:
        shell.output.write(f"no difference from {f'the pin {name}' if name else 'the saved file'}\n")
    else:
        between = f"{f'pin {name}' if name else 'as saved'} {ARROW} now"
        shell.output.sheets(lambda width: difference_sheets(difference, every=every, between=between))
    return shell.note_stale_figures()
