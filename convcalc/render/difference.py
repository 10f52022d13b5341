"""The difference between two networks as sheets, and as Markdown for a comment on a pull request."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcalc.arith.units import group_digits, human_bytes
from convcalc.arith.wording import listed
from convcalc.render.cells import counted, explanation
from convcalc.render.changes import ARROW, change_text, percent_text, signed, value_text
from convcalc.render.formats.markdown import markdown_chunks
from convcalc.render.sheet import Head, Sheet
from convcalc.report.changes import ADDED, AFFECTED, CHANGED, REMOVED, SAME, FigureChange, LayerChange
from convcalc.report.difference import Difference
from convcalc.report.figure import DIFFERENCE
from convcalc.report.figures import BY_NAME, shown_in
from convcalc.report.sums import add_up, status
from convcalc.text.files import target_label

SIGNS = {ADDED: "+", REMOVED: "-", CHANGED: "~", AFFECTED: "·"}
# These totals are always shown, the others where they differ.
USUAL = [figure.name for figure in shown_in(DIFFERENCE)]
FIELD_LABELS = {"size": "field", "stride": "field stride", "padding": "field padding", "aligned": "aligned"}
MAX_VALUE = 60  # characters; of a longer parameter only the name is shown
LONG = 20  # rows; Markdown folds a longer table of layers away


def nothing_differs(difference: Difference) -> str:
    """The sentence for two networks that are the same."""
    old, new = target_label(difference.old.target), target_label(difference.new.target)
    return f"No difference: {old} and {new} have the same layers and figures.\n"


def difference_sheets(difference: Difference, *, every: bool = False, between: str = "") -> list[Sheet]:
    """The totals, and the layers that differ. `between` names the two networks, where both have the same target.

    A change of one layer may affect the figures of later layers. The layers that are only affected share lines, unless
    `every` layer is to have its own.
    """
    layers = layers_sheet(difference, every=every)
    return [totals_sheet(difference, between), *([layers] if layers.rows else [])]


def difference_markdown(difference: Difference) -> Iterator[str]:
    """The totals, the layers that differ, and the affected ones. Long tables are folded away, none is cut."""
    if difference.is_empty:
        yield nothing_differs(difference)
        return
    yield from markdown_chunks([totals_sheet(difference)])
    layers = layers_sheet(difference)
    if layers.rows:
        yield from _folded(layers, _counts(difference) if len(layers.rows) > LONG else "")
    affected = [layer for layer in difference.of(AFFECTED) if not _has_own_line(layer)]
    if affected:
        summary = f"{_further(affected, '')} affected by changes to earlier layers"
        yield from _folded(_sheet("", affected), summary)


def _folded(sheet: Sheet, summary: str) -> Iterator[str]:
    yield "\n"
    if summary:
        yield f"<details><summary>{summary}</summary>\n\n"
    yield from markdown_chunks([sheet])
    if summary:
        yield "\n</details>\n"


# -- totals --------------------------------------------------------------------------------------------------------


def totals_sheet(difference: Difference, between: str = "") -> Sheet:
    """The figures of the whole network, before and after."""
    heads = [
        Head("total", importance=100),
        Head("old", right=True, importance=90),
        Head("new", right=True, importance=90),
        Head("change", right=True, importance=95),
        Head("", right=True, importance=80),
    ]
    totals = difference.totals
    rows = [_total(name, change) for name, change in totals.items() if name in USUAL or _adds_to(name, totals)]
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


def _total(name: str, change: FigureChange) -> list[str]:
    figure = BY_NAME[name]
    if not figure.is_sum:
        return [figure.label, value_text(change.old), value_text(change.new), "", ""]
    form = human_bytes if figure.is_bytes else group_digits
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


# -- layers --------------------------------------------------------------------------------------------------------


def layers_sheet(difference: Difference, *, every: bool = False) -> Sheet:
    """The layers that differ, with what differs."""
    differing = [layer for layer in difference.layers if layer.status != SAME]
    listed_alone = [layer for layer in differing if every or _has_own_line(layer)]
    others = [layer for layer in differing if not (every or _has_own_line(layer))]
    return _sheet("Layers", listed_alone, others)


def _sheet(title: str, layers: list[LayerChange], affected: list[LayerChange] | None = None) -> Sheet:
    """A line for each of the layers; the affected ones share a line where figures of the same kinds differ."""
    heads = [
        Head("layer", importance=100, role="sign"),
        Head("type", importance=55, role="type"),
        Head("params", right=True, importance=95),
        Head("macs", right=True, importance=90),
        Head("what differs", importance=100, wrap=True),
    ]
    rows = [
        [f"{SIGNS[layer.status]} {layer.row.name}", layer.row.type, *_sums([layer]), _details(layer)]
        for layer in layers
    ]
    groups: dict[str, list[LayerChange]] = {}
    for layer in affected or []:
        groups.setdefault(_kinds(layer), []).append(layer)
    for kinds, group in groups.items():
        name = _further(group, "further " if layers else "")
        rows.append([f"{SIGNS[AFFECTED]} {name}", "", *_sums(group), f"only {kinds}"])
    everything = [*layers, *(affected or [])]
    signs = dict.fromkeys(layer.status for layer in everything)
    legend = ", ".join(f"{SIGNS[word]} {word}" for word in SIGNS if word in signs)
    notes = [legend + (" by changes to earlier layers" if AFFECTED in signs else "")]
    return Sheet(title, heads, rows, total=["total", "", *_sums(everything), ""], notes=notes)


def _further(layers: list[LayerChange], word: str) -> str:
    return f"{len(layers):,} {word}layer{'s' if len(layers) != 1 else ''}"


def _sums(layers: Iterable[LayerChange]) -> list[str]:
    """By how much the params and macs of layers changed."""
    layers = list(layers)
    cells = []
    for name in ("params", "macs"):
        changes = [layer.change(name) for layer in layers]
        # A figure that is unknown both before and after counts as unchanged.
        total = add_up([change.difference if change.differs else 0 for change in changes])
        cells.append(signed(None if status(total) else total))
    return cells


def _has_own_line(layer: LayerChange) -> bool:
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


def _description(layer: LayerChange) -> str:
    row = layer.row
    config = row.config if row.facts.layer.parameters else {}  # those of a custom type may have any meaning
    window = [f"{name} {value_text(config[name])}" for name in ("kernel_size", "stride") if config.get(name)]
    sizes = {name: field.size for name, field in row.receptive_fields.items() if field is not None}
    field = value_text(sizes if len(sizes) > 1 else next(iter(sizes.values()), None))
    return ", ".join([*window, f"output {value_text(row.output_shape)}", f"field {field}"])
