"""The command `sweep`: one key with the change of the totals, or all combinations of several keys."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from convcalc.editor import SweepPoint
from convcalc.errors import UsageError
from convcalc.problems import nearest
from convcalc.render.cells import counted, extent, extents
from convcalc.render.changes import percent_text, value_text
from convcalc.render.sheet import Head, Sheet
from convcalc.repl.arguments import Arguments
from convcalc.repl.edit_commands import place_of
from convcalc.repl.repl import Shell
from convcalc.report.changes import FigureChange
from convcalc.report.report import Report
from convcalc.sweeping.axes import VARIANT, axis_texts
from convcalc.sweeping.inputs import is_of_input


class _Place(NamedTuple):
    """A layer and a key as `Session.sweep` takes them, and the values as they are typed; without values the usual."""

    layer: str
    key: str
    values: list[str] | None

    def axis(self, shell: Shell) -> str:
        """The same as KEY=VALUES."""
        session = shell.session
        name = f"{self.layer}.{self.key}" if self.layer else self.key
        if self.values is not None:
            return f"{name}={','.join(self.values)}"
        values = session.variants if name == VARIANT else session.usual_values(self.layer, self.key)
        if not values:
            raise UsageError("the spec has no variants", "vary a key, a param or the input")
        return axis_texts({name: values})[0]


def sweep(shell: Shell, arguments: Arguments) -> int:
    keep_size, options = arguments.flag("--keep-size"), _options(arguments)
    words = [arguments.take("PLACE"), *arguments.rest()]
    place = _one_place(shell, arguments, words)
    if place is not None and not options and place.key != VARIANT:
        return _one_key(shell, place, keep_size)
    axes = words if place is None else [place.axis(shell)]
    return _combinations(shell, axes, options, keep_size)


def _options(arguments: Arguments) -> dict[str, Any]:
    """The options that choose among networks, those that are given."""
    where = []
    while (condition := arguments.option("--where", "a condition")) is not None:
        where.append(condition)
    found = {
        "where": where,
        "sort": arguments.option("--sort", "a figure"),
        "top": arguments.number("--top"),
        "pareto": arguments.option("--pareto", "figures"),
        "sample": arguments.number("--sample"),
    }
    return {name: value for name, value in found.items() if value}


def _one_place(shell: Shell, arguments: Arguments, words: list[str]) -> _Place | None:
    """The one key that varies, of PLACE VALUE... or KEY=VALUES; None where several do. Raises UsageError."""
    first, equals, values = words[0].partition("=")
    if not equals:
        return _place(shell, arguments, first, words[1:] or None)
    for word in words:
        key, equals, _ = word.partition("=")
        if not key.strip() or not equals:
            raise arguments.error(f"`{word}` is not KEY=VALUES")
    if len(words) > 1 or "," in first:
        return None
    return _place(shell, arguments, first.strip(), [values])


def _place(shell: Shell, arguments: Arguments, place: str, values: list[str] | None) -> _Place:
    params = shell.session.params()
    if place in params:
        return _Place("params", place, values)
    if is_of_input(place) or place == VARIANT:
        return _Place("", place, values)
    if "." not in place and not values and nearest(place, params):
        raise UsageError(f"there is no param `{place}`", nearest(place, params))
    arguments.remaining = values or []  # `sweep conv1 stride` is answered with `sweep conv1.stride`
    return _Place(*place_of(arguments, place), values)


def _combinations(shell: Shell, axes: list[str], options: dict[str, Any], keep_size: bool) -> int:
    """All combinations of the values of several keys, as `convcalc sweep` shows them."""
    from convcalc.render.sweep_printout import SweepPrintout  # one key needs no table of combinations

    found = SweepPrintout(shell.session.sweep_axes(axes, keep_size=keep_size, **options))
    found.sweep.read()
    shell.output.sheets(found.sheets)
    return 0


def _one_key(shell: Shell, place: _Place, keep_size: bool) -> int:
    """The totals with each value of one key."""
    layer, key, values = place
    points = list(shell.session.sweep(layer, key, values, keep_size=keep_size))
    heads = [Head(key, importance=100, role="name"), Head("params", right=True, importance=95),
             Head("", right=True, importance=60), Head("macs", right=True, importance=90),
             Head("", right=True, importance=60), Head("field", importance=80), *_head_of_layer(points),
             Head("output", importance=75), Head("", importance=100, wrap=True)]  # fmt: skip
    now = shell.session.report if shell.session.is_current else None
    rows = [_point(point, now) for point in points]
    notes = ["percentages: relative to the present spec; field: receptive field of the output"]
    notes += _sweep_notes(shell, key, points[0].layers if points else ())
    shell.output.sheets(lambda width: [Sheet("", heads, rows, notes=notes)])
    return 0


def _head_of_layer(points: Sequence[SweepPoint]) -> list[Head]:
    """The head of the column with the output shape of the layer; none where a sweep varies no layer."""
    return [Head(points[0].layers[0], importance=70)] if points and points[0].layers else []


def _sweep_notes(shell: Shell, key: str, layers: Sequence[str]) -> list[str]:
    """The layers that a sweep varies, where they are several, or where the entry makes more."""
    if not layers:
        return []
    count, made = len(layers), len(shell.session.places(layers[0], key))
    first = ", ".join(layers[:3]) + (", …" if count > 3 else "")
    notes = [f"{key} varies in {count:,} layers: {first}"] if count > 1 else []
    if made > count:
        notes.append(f"`set` would change all {made:,} layers of this entry")
    return notes


def _point(point: SweepPoint, now: Report | None) -> list[str]:
    value = value_text(point.value)
    if point.problem:
        mended = f"; with {point.padding}, or --keep-size, it fits" if point.padding else ""
        return [value, *[""] * (7 if point.layers else 6), point.problem + mended]
    cells = []
    for name in ("params", "macs"):
        figure = getattr(point, name)
        cells += [counted(figure), percent_text(FigureChange(getattr(now.totals, name), figure)) if now else ""]
    outputs = [point.output, point.network_output] if point.layers else [point.network_output]
    return [value, *cells, extents(point.field), *map(extent, outputs), ""]
