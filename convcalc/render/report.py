"""A view of a report as a sheet: its rows, the totals, and the conventions behind the figures."""

from __future__ import annotations

from collections.abc import Callable, Collection

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.units import group_digits, human, human_bytes
from convcalc.render.cells import NOTHING, UNKNOWN, Number, counted, extents, readable
from convcalc.render.sheet import Head, Sheet
from convcalc.render.sheet import fold as fold_text
from convcalc.report.columns import COLUMNS, COUNT, DEFAULT, EXTENT, SHARE, SHARES, Column, columns
from convcalc.report.gaps import missing_figures, reason_without_window
from convcalc.report.report import Report
from convcalc.report.view import View, fold
from convcalc.text.files import target_label

READS = 18  # characters of a name in the column of what a row reads
READS_NOTE = "reads: what a row reads if that is not just the row above; +: besides the row above"
CONVENTIONS = (
    "macs: multiply-accumulates of convolutions, linear layers and matrix products, bias excluded, one sample;"
    " flops = 2 macs",
    "field: receptive field in pixels of the input, not cut at the border; shapes: channels first, without the batch",
)


def usual_columns(report: Report, depth: int | None = None) -> list[Column]:
    """The default columns; where the network has branches, also what a row reads if not only the row above."""
    usual = columns(DEFAULT)
    names = _branches(report, depth)
    if names:
        get = lambda line: names.get(line.name, "")  # noqa: E731
        usual.insert(2, COLUMNS["inputs"]._replace(get=get, importance=45, note=READS_NOTE))
    return usual


def _branches(report: Report, depth: int | None) -> dict[str, str]:
    """What the rows read that do not read exactly the row above, by their names."""
    lines = report.rows if depth is None else fold(report.rows, depth)
    folded = {} if depth is None else {row.name: line.name for line in lines for row in line.rows}
    above = next(iter(report.inputs)) if len(report.inputs) == 1 else ""
    found: dict[str, list[str]] = {}
    aboves: dict[str, str] = {}
    for line in lines:
        read = line.inputs if depth is None else list(dict.fromkeys(folded.get(name, name) for name in line.inputs))
        if read != [above]:
            found[line.name], aboves[line.name] = read, above
        above = line.name
    names = {line.name for line in lines} if found else set()
    return {name: _reads(name, read, aboves[name], names) for name, read in found.items()}


def _reads(name: str, read: list[str], above: str, names: Collection[str]) -> str:
    """What a row reads, briefly: `+` is the row above and others; of more than two names only the first."""
    others = [each for each in read if each != above] or read
    if not others:
        return NOTHING
    shown = [fold_text(_within(name, each, names), READS) for each in others]
    text = ", ".join(shown) if len(shown) < 3 else f"{shown[0]} and {len(shown) - 1} more"
    return f"+ {text}" if above in read else text


def _within(name: str, other: str, names: Collection[str]) -> str:
    """The name of another layer as seen from a layer: without the blocks around both, if that is not ambiguous.

    >>> _within("stage.0.down.conv", "stage.0.bn", ()), _within("stage.1.add", "stage.0.relu", ())
    ('bn', 'stage.0.relu')
    >>> _within("stage.0.down.conv", "stage.0.bn", ["stage.0.down.bn"])
    'stage.0.bn'
    """
    parts, others = name.split(".")[:-1], other.split(".")
    common = 0
    while common < min(len(parts), len(others) - 1) and parts[common] == others[common]:
        common += 1
    if common and others[common].isdecimal():  # a copy of a repeated block: its number says nothing without the block
        common -= 1
    short = ".".join(others[common:])
    scopes = [".".join([*parts[:count], short]) for count in range(len(parts) + 1) if count != common]
    return other if any(scope in names for scope in scopes) else short


def report_sheet(view: View, number: Number = group_digits) -> Sheet:
    """The table of a report, with its counts in this format."""
    cells = [readable(column, number) for column in view.columns]
    rows = [[cell(line) for cell in cells] for line in view.lines]
    return Sheet(
        title(view.report),
        [_head(view, column) for column in view.columns],
        rows,
        total=[_total(view, column, number, index == 0) for index, column in enumerate(view.columns)],
        facts=totals(view.report, number),
        notes=[*_notes(view, rows), *CONVENTIONS],
    )


def title(report: Report) -> str:
    target = target_label(report.target)
    name = report.name or target
    label = name if target in ("", name) else f"{name} ({target})"
    layers = len(report.rows)
    return f"{label} · input {inputs(report.inputs)} · {layers} layer{'s' if layers != 1 else ''}"


def inputs(shapes: dict[str, Shape]) -> str:
    """The shape of the input, or of each input with its name."""
    if len(shapes) == 1:
        return format_shape(next(iter(shapes.values())))
    return ", ".join(f"{name} {format_shape(shape)}" for name, shape in shapes.items())


def totals(report: Report, number: Number = group_digits) -> list[tuple[str, str]]:
    """The figures of the whole network, each with its label."""
    total = report.totals
    params = [counted(total.params, number)]
    if total.frozen_params != 0:
        parts = (("trainable", total.trainable_params), ("frozen", total.frozen_params))
        params.append(", ".join(f"{word} {counted(count, number)}" for word, count in parts))
    if total.buffers:
        params.append(f"buffers {number(total.buffers)}")
    params.append(f"{counted(total.param_bytes, human_bytes)} in {report.dtype}")
    peak = f"peak {human_bytes(total.peak_activation_bytes)} (batch {report.batch})"
    elements = number(total.output_elements)
    macs, rounded = counted(total.macs, number), counted(total.macs, human).removeprefix("≥ ")
    return [
        ("params", " · ".join(params)),
        ("macs", f"{macs}{'' if macs.endswith(rounded) else f' = {rounded}'} · flops {counted(total.flops, number)}"),
        ("activations", " · ".join([counted(total.activations, number), f"of all layers {elements}", peak])),
        ("field", extents(total.receptive_field)),
    ]


def _head(view: View, column: Column) -> Head:
    return Head(
        column.header, right=column.kind in (COUNT, SHARE), importance=column.importance, role=column.name,
        note=column.note, shares=_shares(view, column),
    )  # fmt: skip


def _shares(view: View, column: Column) -> Callable[[], list[float]] | None:
    """The part that each row has of the network's params or macs, to be drawn as bars."""
    share = SHARES.get(f"{column.name}_share")
    if share is None:
        return None

    def shares() -> list[float]:
        part = view.of_network(share).get
        return [part(line) or 0.0 for line in view.lines]

    return shares


def _total(view: View, column: Column, number: Number, first: bool) -> str:
    if not column.is_sum:
        return "total" if first else ""
    return counted(view.total(column), number)


def _notes(view: View, rows: list[list[str]]) -> list[str]:
    """The notes on the table: rows left out, shared parameters, unknown figures."""
    notes = []
    if view.hidden:
        notes.append(
            f"{view.hidden:,} of {len(view.report.rows):,} layers are left out; the totals are of the whole network"
        )
    if any(column.owned for column in view.columns):
        tied = [f"{line.name} = {line.tied_to}" for line in view.lines if line.tied_to is not None]
        if tied:
            more = f" and {len(tied) - 3} more" if len(tied) > 3 else ""
            notes.append(f"tied parameters are counted once, with the layer that has them: {', '.join(tied[:3])}{more}")
    # The totals below the table show params and macs for any choice of columns.
    figures = [*[column for column in view.columns if column.is_sum], COLUMNS["params"], COLUMNS["macs"]]
    unknown = "; ".join(missing_figures(view.report.rows, figures))
    if unknown:
        notes.append(f"{UNKNOWN}: not known, {unknown}; ≥: the sum of what is known")
    extents = [index for index, column in enumerate(view.columns) if column.kind == EXTENT]
    if any(UNKNOWN in row[index] for row in rows for index in extents):
        reason = "the receptive field is too irregular to be computed"
        notes.append(f"{UNKNOWN}: not known, {reason_without_window(view.report.rows) or reason}")
    return notes
