"""The derivation of a receptive field: the recursion over layers with its numbers, or why it does not apply."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.analysis.layout import axes_of
from convcalc.analysis.receptive_field import Field
from convcalc.arith.formula import Formula
from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of
from convcalc.arith.wording import per_axis
from convcalc.layers.base import Link, Unordered
from convcalc.report.field_alignment import alignment_loss
from convcalc.report.gaps import reason_without_window, rows_upstream
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.steps import DerivationStep, steps_per_axis

# Araujo, Norris and Sim 2019, equation 2, from the input's side. The report itself computes the size from boxes.
RECURSION = Formula("field_before + (window - 1) * stride_before")

SAME = "each unit reads one position of its input, and has the same receptive field"
MIXED = "positions are mixed: each unit sees everything that its input sees"
GRID = "each unit sees everything that the positions of its windows see"
BY_TURNS = "the field size depends on the position of the unit; this is the largest"


def field_steps(report: Report, row: Row) -> list[DerivationStep]:
    """The receptive field towards each input of the network."""
    steps = []
    index = row.index
    for name, receptive_field in row.receptive_fields.items():
        title = "receptive field" + (f" in {name}" if len(report.inputs) > 1 else "")
        field = report.analysis.fields[name][index]
        if field is None or receptive_field is None:
            steps.append(DerivationStep(title, None, notes=["it does not depend on this input"]))
        elif receptive_field.size:  # a vector has no positions to see
            steps += _steps(report, index, name, field, receptive_field, title)
    return steps


def _steps(
    report: Report, index: int, name: str, field: Field, seen: ReceptiveField, title: str
) -> list[DerivationStep]:
    geometry = _geometry(seen)
    axes = [_recursion(report, index, name, field, axis) for axis in range(len(field.axes))]
    if None not in axes:
        numbers = [axis for axis in axes if axis is not None]
        return steps_per_axis(f"{title},", RECURSION, numbers, [[_in_words(axis), geometry] for axis in numbers])
    size = None if None in seen.size else tuple(extent for extent in seen.size if extent is not None)
    reason = _reason(report, index, name, field) if size is not None else _why_unknown(report, index)
    return [DerivationStep(title, size, notes=[reason, geometry, *alignment_loss(report, index, name)])]


def _in_words(numbers: dict[str, int]) -> str:
    """The numbers of the recursion, for a reader who does not know their names."""
    sees, further = count_of(numbers["field_before"], "pixel"), count_of(numbers["stride_before"], "pixel")
    window = count_of(numbers["window"], "unit")
    return f"before this layer a unit sees {sees}, and the next unit {further} further; its window is {window} long"


def _why_unknown(report: Report, index: int) -> str:
    """Why the size is not known: an earlier layer has no known window, or there are too many different boxes."""
    reason = reason_without_window(rows_upstream(report, [index]))
    return f"not known: {reason}" if reason else "too irregular to be listed"


def _recursion(report: Report, index: int, name: str, field: Field, axis: int) -> dict[str, int] | None:
    """The numbers of the recursion along a spatial axis; None where it does not give the size of the boxes."""
    reads = report.graph.nodes[index].reads
    flow = report.rows[index].facts.flow
    place = field.places[axis]
    if len(reads) != 1 or flow[0] is None or not isinstance(place, int):
        return None
    link = flow[0][place]
    if not isinstance(link, Link) or link.window is None or link.window.period != 1 or not link.window.shift:
        return None
    before = _before(report, reads[0], name, axis)
    taps = link.window.taps[0]
    if before is None or taps is None:
        return None
    values = {"field_before": before[0], "window": taps[1] - taps[0] + 1, "stride_before": before[1]}
    seen = field.axes[axis]
    return values if seen is not None and RECURSION(values) == seen.size else None


def _before(report: Report, tensor: int, name: str, axis: int) -> tuple[int, int] | None:
    """Size and stride of the field of the layer's input; None where one of them varies."""
    field = _field(report, tensor, name)
    if field is None:
        return (1, 1) if report.graph.tensor_name(tensor) == name else None
    before = field.axes[axis]
    if before is None or before.size is None or before.stride is None or before.stride[1] != 1:
        return None
    return before.size, before.stride[0]


def _field(report: Report, tensor: int, name: str) -> Field | None:
    node = tensor - len(report.graph.inputs)
    return report.analysis.fields[name][node] if node >= 0 else None


def _reason(report: Report, index: int, name: str, field: Field) -> str:
    """Why the recursion does not apply."""
    reads = report.graph.nodes[index].reads
    if len(reads) > 1:
        sizes = [size for tensor in reads if (size := _sees(report, tensor, name, len(field.axes)))]
        return "the smallest box around the fields of its inputs: " + ", ".join(sizes) if len(sizes) > 1 else SAME
    (flow,) = report.rows[index].facts.flow
    if any(isinstance(part, Unordered) and part.grid for part in flow or ()):
        return GRID
    links = [] if flow is None else [flow[axis] if axis is not None else None for axis in _axes(field)]
    windows = [link.window for link in links if isinstance(link, Link)]
    if len(windows) == len(links) and not any(windows):
        return SAME
    moving = [window for window in windows if window is not None and window.shift]
    return BY_TURNS if len(moving) == len(links) or any(window.period > 1 for window in moving) else MIXED


def _axes(field: Field) -> Iterator[int | None]:
    """The tensor axes along which the units of each spatial axis are spread; None for an axis without units."""
    for place in field.places:
        yield from axes_of(place) or (None,)


def _sees(report: Report, tensor: int, name: str, axes: int) -> str:
    field = _field(report, tensor, name)
    if field is None:
        return format_shape([1] * axes) if report.graph.tensor_name(tensor) == name else ""
    sizes = [axis.size if axis is not None else None for axis in field.axes]
    return "?" if None in sizes else format_shape(size for size in sizes if size is not None)


def _geometry(seen: ReceptiveField) -> str:
    """The geometry of the fields: stride, padding, and the largest size inside the image."""
    notes = []
    if seen.stride is not None and None not in seen.stride:
        notes.append(f"stride {per_axis(seen.stride, format_shape)} from one unit to the next")
    if seen.padding is not None and None not in seen.padding:
        notes.append(f"padding {per_axis(seen.padding, format_shape)} outside the image")
    if seen.clipped != seen.size and None not in seen.clipped:
        notes.append(f"at most {per_axis(seen.clipped, format_shape)} inside the image")
    return "in pixels of the input: " + ", ".join(notes) if notes else ""
