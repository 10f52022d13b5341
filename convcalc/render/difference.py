"""The difference between two networks as sheets, and as Markdown for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.units import group_digits, human_bytes
from convcalc.render.cells import Number, counted, explanation
from convcalc.render.changed_layers import SIGNS, alone, differing, further, has_own_line, layers_sheet, lines_sheet
from convcalc.render.changes import ARROW, percent_text, signed, value_text
from convcalc.render.formats.markdown import markdown_chunks
from convcalc.render.sheet import Head, Sheet
from convcalc.report.changes import AFFECTED, FigureChange
from convcalc.report.difference import Difference
from convcalc.report.figure import DIFFERENCE
from convcalc.report.figures import BY_NAME, shown_in
from convcalc.text.files import target_label

# These totals are always shown, the others where they differ.
USUAL = [figure.name for figure in shown_in(DIFFERENCE)]
LONG = 20  # rows; Markdown folds a longer table of layers away


def nothing_differs(difference: Difference) -> str:
    """The sentence for two networks that are the same."""
    old, new = target_label(difference.old.target), target_label(difference.new.target)
    return f"No difference: {old} and {new} have the same layers and figures.\n"


def difference_sheets(
    difference: Difference,
    *,
    every: bool = False,
    depth: int | None = None,
    number: Number = group_digits,
    between: str = "",
) -> list[Sheet]:
    """The totals, and the layers that differ, with counts in this format.

    `between` names the two networks, where both have the same target.
    """
    layers = layers_sheet(difference, every=every, depth=depth, number=number)
    return [totals_sheet(difference, number, between), *([layers] if layers.rows else [])]


def difference_markdown(
    difference: Difference, *, depth: int | None = None, number: Number = group_digits
) -> Iterator[str]:
    """The totals, the layers that differ, and the affected ones. Long tables are folded away, none is cut."""
    if difference.is_empty:
        yield nothing_differs(difference)
        return
    yield from markdown_chunks([totals_sheet(difference, number)])
    affected = [] if depth else [layer for layer in difference.of(AFFECTED) if not has_own_line(layer)]
    edited = [layer for layer in differing(difference) if has_own_line(layer)]
    layers = lines_sheet("Layers", alone(edited), affected, number)
    if depth is not None:
        layers = layers_sheet(difference, depth=depth, number=number)
    if layers.rows:
        yield from _folded(layers, _counts(difference) if len(layers.rows) > LONG else "")
    if affected:
        summary = f"{further(affected, '')} affected by changes to earlier layers"
        yield from _folded(lines_sheet("", alone(affected), [], number), summary)


def _folded(sheet: Sheet, summary: str) -> Iterator[str]:
    yield "\n"
    if summary:
        yield f"<details><summary>{summary}</summary>\n\n"
    yield from markdown_chunks([sheet])
    if summary:
        yield "\n</details>\n"


# -- totals --------------------------------------------------------------------------------------------------------


def totals_sheet(difference: Difference, number: Number = group_digits, between: str = "") -> Sheet:
    """The figures of the whole network, before and after."""
    heads = [
        Head("total", importance=100),
        Head("old", right=True, importance=90),
        Head("new", right=True, importance=90),
        Head("change", right=True, importance=95),
        Head("", right=True, importance=80),
    ]
    totals = difference.totals
    rows = [_total(name, change, number) for name, change in totals.items() if name in USUAL or _adds_to(name, totals)]
    whole = {"input": difference.inputs, "output": difference.outputs}
    rows += [[label, *_shapes(change), "", ""] for label, change in whole.items() if change.differs]
    report = difference.new
    explained = [f"{figure.label}: {explanation(figure, report)}" for figure in shown_in(DIFFERENCE) if figure.is_bytes]
    notes = ["; ".join([*explained, "field: receptive field of the output"])]
    return Sheet(f"{_title(difference, between)} · {_counts(difference)}", heads, rows, notes=notes)


def _adds_to(name: str, totals: dict[str, FigureChange]) -> bool:
    """Whether a total differs, and not only as the parameters or the macs do."""
    change, params = totals[name], totals["params"]
    return change.differs and name != "flops" and (change.old, change.new) != (params.old, params.new)


def _shapes(change: FigureChange) -> list[str]:
    """The inputs or outputs before and after. A single one whose name is unchanged has no name here."""
    old, new = change.old, change.new
    plain = len(old) == 1 and list(old) == list(new)
    return [value_text(next(iter(each.values())) if plain else each) for each in (old, new)]


def _total(name: str, change: FigureChange, number: Number) -> list[str]:
    figure = BY_NAME[name]
    if not figure.is_sum:
        return [figure.label, value_text(change.old), value_text(change.new), "", ""]
    form = human_bytes if figure.is_bytes else number
    return [figure.label, counted(change.old, form), counted(change.new, form), signed(change.difference, form),
            percent_text(change)]  # fmt: skip


def _title(difference: Difference, between: str) -> str:
    names = list(dict.fromkeys(report.name for report in (difference.old, difference.new)))
    targets = between or f"{target_label(difference.old.target)} {ARROW} {target_label(difference.new.target)}"
    return f"{names[0]} ({targets})" if len(names) == 1 and names[0] else targets


def _counts(difference: Difference) -> str:
    """How many layers were added, removed, changed and affected."""
    counts = {word: len(difference.of(word)) for word in SIGNS}
    parts = [f"{count:,} {word}" for word, count in counts.items() if count]
    return f"layers: {', '.join(parts)}" if parts else "no layer differs"
