"""The layers that differ between two networks as a sheet: a line for a layer, a block, or the affected layers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from convcalc.arith.units import group_digits
from convcalc.arith.wording import listed
from convcalc.render.cells import Number
from convcalc.render.changes import ARROW, change_text, signed, value_text
from convcalc.render.sheet import Head, Sheet
from convcalc.report.changes import ADDED, AFFECTED, CHANGED, REMOVED, SAME, FigureChange, LayerChange
from convcalc.report.difference import Difference
from convcalc.report.sums import add_up
from convcalc.report.sums import status as completeness

Group = tuple[str, list[LayerChange]]  # layers that share a line, and its name

SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~", AFFECTED: "·"}
FIELD_LABELS = {"size": "field", "stride": "field stride", "padding": "field padding", "aligned": "aligned"}
MAX_VALUE = 60  # characters; of a longer parameter only the name is shown


def layers_sheet(
    difference: Difference, *, every: bool = False, depth: int | None = None, number: Number = group_digits
) -> Sheet:
    """The layers that differ, with what differs.

    A change of one layer may affect the figures of later layers. The layers that are only affected share lines, and so
    do those of a block that was added or removed as a whole, unless `every` layer is to have its own. With a `depth`
    all layers whose names begin with the same parts share a line.
    """
    found = differing(difference)
    if depth is not None:
        groups: dict[str, list[LayerChange]] = {}
        for layer in found:
            groups.setdefault(cut(layer.row.name, depth), []).append(layer)
        return lines_sheet("Layers", list(groups.items()), [], number)
    if every:
        return lines_sheet("Layers", alone(found), [], number)
    affected = [layer for layer in found if not has_own_line(layer)]
    return lines_sheet("Layers", _whole_blocks(difference), affected, number)


def differing(difference: Difference) -> list[LayerChange]:
    return [layer for layer in difference.layers if layer.status != SAME]


def alone(layers: list[LayerChange]) -> list[Group]:
    """Each layer as a line of its own."""
    return [(layer.row.name, [layer]) for layer in layers]


def _whole_blocks(difference: Difference) -> list[Group]:
    """The layers with lines of their own; those of the largest block that was added or removed as a whole together."""
    sizes = {
        ADDED: Counter(block for row in difference.new.rows for block in _blocks(row.name)),
        REMOVED: Counter(block for row in difference.old.rows for block in _blocks(row.name)),
    }
    counts = {
        word: Counter(block for layer in difference.of(word) for block in _blocks(layer.row.name)) for word in sizes
    }
    groups: dict[tuple[str, str], list[LayerChange]] = {}
    for layer in differing(difference):
        if has_own_line(layer):
            word, name = layer.status, layer.row.name
            blocks = _blocks(name) if word in counts else []
            whole = [block for block in blocks if counts[word][block] == sizes[word][block]]
            groups.setdefault((word, (whole or [name])[0]), []).append(layer)
    return [(name, layers) for (_, name), layers in groups.items()]


def cut(name: str, depth: int) -> str:
    """The first parts of a name."""
    return ".".join(name.split(".", depth)[:depth])


def _blocks(name: str) -> list[str]:
    """The blocks around a layer, the outermost first.

    >>> _blocks("stage.0.conv")
    ['stage', 'stage.0']
    """
    return [cut(name, depth) for depth in range(1, name.count(".") + 1)]


def lines_sheet(title: str, groups: list[Group], affected: list[LayerChange], number: Number) -> Sheet:
    """A line for each group of layers; the affected ones share a line where figures of the same kinds differ."""
    heads = [
        Head("layer", importance=100, role="sign"),
        Head("type", importance=55, role="type"),
        Head("params", right=True, importance=95),
        Head("macs", right=True, importance=90),
        Head("what differs", importance=100, wrap=True),
    ]
    rows = [_line(name, layers, number) for name, layers in groups]
    kinds: dict[str, list[LayerChange]] = {}
    for layer in affected:
        kinds.setdefault(_kinds(layer), []).append(layer)
    for kind, layers in kinds.items():
        name = further(layers, "further " if groups else "")
        rows.append([f"{SIGNS[AFFECTED]} {name}", "", *_sums(layers, number), f"only {kind}"])
    everything = [*[layer for _, layers in groups for layer in layers], *affected]
    signs = {*[_status(layers) for _, layers in groups], *[layer.status for layer in affected]}
    legend = ", ".join(f"{SIGNS[word]} {word}" for word in SIGNS if word in signs)
    notes = [legend + (" by changes to earlier layers" if AFFECTED in signs else "")]
    return Sheet(title, heads, rows, total=["total", "", *_sums(everything, number), ""], notes=notes)


def _status(layers: list[LayerChange]) -> str:
    """The status of all the layers; changed where they have several."""
    words = {layer.status for layer in layers}
    return words.pop() if len(words) == 1 else CHANGED


def _line(name: str, layers: list[LayerChange], number: Number) -> list[str]:
    """One layer, or several that share a line."""
    last, status = layers[-1], _status(layers)
    counts = Counter(layer.status for layer in layers)
    type = last.row.type if len(layers) == 1 else f"{len(layers):,} layers"
    if len(layers) == 1:
        details = _details(last)
    elif status in (ADDED, REMOVED):
        details = _description(last, with_window=False)
    else:
        details = ", ".join(f"{counts[word]:,} {word}" for word in SIGNS if counts[word])
    return [f"{SIGNS[status]} {name}", type, *_sums(layers, number), details]


def further(layers: list[LayerChange], word: str) -> str:
    return f"{len(layers):,} {word}layer{'s' if len(layers) != 1 else ''}"


def _sums(layers: Iterable[LayerChange], number: Number) -> list[str]:
    """By how much the params and macs of layers changed."""
    layers = list(layers)
    cells = []
    for name in ("params", "macs"):
        changes = [layer.change(name) for layer in layers]
        # A figure that is unknown both before and after counts as unchanged.
        total = add_up([change.difference if change.differs else 0 for change in changes])
        cells.append(signed(None if completeness(total) else total, number))
    return cells


def has_own_line(layer: LayerChange) -> bool:
    """Whether the layer was edited, or has other parameters or buffers, so that old weights do not fit."""
    return layer.status not in (AFFECTED, SAME) or any(name in layer.figures for name in ("params", "buffers"))


def _kinds(layer: LayerChange) -> str:
    """The kinds of figures that differ in a layer that is only affected."""
    words = []
    if any(name in layer.figures for name in ("input_shapes", "output_shape")):
        words.append("shapes")
    if "macs" in layer.figures:
        words.append("macs")
    if layer.field:
        words.append("receptive field")
    return listed(words) or "other figures"


def _details(layer: LayerChange) -> str:
    """What differs in a layer; for an added or removed layer, its main figures."""
    if layer.old is None or layer.new is None:
        return _description(layer)
    parts = [f"was {layer.old.name}"] if layer.is_renamed else []
    parts += ["moved"] if layer.moved else []
    parts += ["the formulas of its type changed"] if layer.is_redefined else []
    parts += [_parameter(name, change) for name, change in layer.config.items()]
    parts += [f"{'reads' if name == 'inputs' else name} {change_text(change)}" for name, change in layer.wiring.items()]
    figures = layer.figures
    if "input_shapes" in figures and ("params" in figures or "output_shape" not in figures):
        parts.append(f"input {change_text(figures['input_shapes'])}")
    if "output_shape" in figures:
        parts.append(f"output {change_text(figures['output_shape'])}")
    if "buffers" in figures:
        parts.append(f"buffers {change_text(figures['buffers'])}")
    parts += [f"{FIELD_LABELS[name]} {change_text(change)}" for name, change in layer.field.items()]
    return ", ".join(parts or figures)


def _parameter(name: str, change: FigureChange) -> str:
    old, new = value_text(change.old), value_text(change.new)
    return f"{name} {old} {ARROW} {new}" if max(len(old), len(new)) <= MAX_VALUE else f"{name} differs"


def _description(layer: LayerChange, *, with_window: bool = True) -> str:
    row = layer.row
    config = row.config if row.facts.layer.parameters else {}  # those of a custom type may have any meaning
    names = ("kernel_size", "stride") if with_window else ()
    settings = [f"{name} {value_text(config[name])}" for name in names if config.get(name)]
    sizes = {name: field.size for name, field in row.receptive_fields.items() if field is not None}
    field = value_text(sizes if len(sizes) > 1 else next(iter(sizes.values()), None))
    return ", ".join([*settings, f"output {value_text(row.output_shape)}", f"field {field}"])
