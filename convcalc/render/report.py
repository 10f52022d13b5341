"""A view of a report as a sheet: its rows, the totals, and the conventions behind the figures."""

from __future__ import annotations

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.units import group_digits, human, human_bytes
from convcalc.render.cells import UNKNOWN, counted, extents, number_format, readable
from convcalc.render.sheet import Head, Sheet
from convcalc.report.columns import COLUMNS, COUNT, DEFAULT, EXTENT, WIDE, Column, columns
from convcalc.report.gaps import missing_figures, reason_without_window
from convcalc.report.report import Report
from convcalc.report.view import View
from convcalc.text.files import target_label

# A terminal of at least this width shows more columns.
WIDE_TERMINAL = 100
CONVENTIONS = (
    "macs: multiply-accumulates of convolutions, linear layers and matrix products, bias excluded, one sample;"
    " flops = 2 macs",
    "field: receptive field in pixels of the input, not cut at the border; shapes: channels first, without the batch",
)


def usual_columns(width: int | None) -> list[Column]:
    """The default columns for a terminal of this width, or for a pipe or a file."""
    return columns(WIDE if width is not None and width >= WIDE_TERMINAL else DEFAULT)


def report_sheet(view: View, *, rounded: bool = False) -> Sheet:
    """The table of a report; `rounded` is for a terminal, where some figures are read at a glance."""
    cells = [readable(column, rounded=rounded) for column in view.columns]
    rows = [[cell(line) for cell in cells] for line in view.lines]
    return Sheet(
        title(view.report),
        [_head(column) for column in view.columns],
        rows,
        total=[_total(view, column, rounded, index == 0) for index, column in enumerate(view.columns)],
        facts=totals(view.report),
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


def totals(report: Report) -> list[tuple[str, str]]:
    """The exact figures of the whole network, each with its label."""
    total = report.totals
    params = [counted(total.params)]
    if total.frozen_params != 0:
        params.append(f"trainable {counted(total.trainable_params)}, frozen {counted(total.frozen_params)}")
    if total.buffers:
        params.append(f"buffers {group_digits(total.buffers)}")
    params.append(f"{counted(total.param_bytes, human_bytes)} in {report.dtype}")
    peak = f"peak {human_bytes(total.peak_activation_bytes)} (batch {report.batch})"
    elements = group_digits(total.output_elements)
    rounded = f" = {human(total.macs)}" if total.macs is not None else ""
    return [
        ("params", " · ".join(params)),
        ("macs", f"{counted(total.macs)}{rounded} · flops {counted(total.flops, human)}"),
        ("activations", " · ".join([counted(total.activations), f"of all layers {elements}", peak])),
        ("field", extents(total.receptive_field)),
    ]


def _head(column: Column) -> Head:
    return Head(
        column.header, right=column.kind == COUNT, importance=column.importance, role=column.name, note=column.note
    )


def _total(view: View, column: Column, rounded: bool, first: bool) -> str:
    if not column.is_sum:
        return "total" if first else ""
    total = view.total(column)
    return counted(total, number_format(column, rounded=rounded))


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
