"""The receptive fields of a layer: figures and pictures as text and as Markdown, and the whole map as JSON."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, zip_longest

from convcalc.analysis.alignment import centre_of
from convcalc.analysis.tracks import Box
from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of
from convcalc.render.cells import extent
from convcalc.render.field_picture import UNICODE, Glyphs, Panel, picture
from convcalc.render.style import Style, plain_style
from convcalc.report.field import LayerField
from convcalc.report.field_alignment import number_text, sentence

Facts = list[tuple[str, str]]

GAP = 2  # blanks between a label and its figure
BESIDE = 38  # columns of the figures beside a picture
LEAST = (34, 10)  # columns and rows of a picture, however small the terminal
PIPE = (80, 24)  # columns and rows in a pipe or a file
CHUNK = 1024  # boxes that are written at a time
# Line breaks never split these.
_WHOLE = re.compile(r"\w+ -?\d+ to -?\d+|(?:stride|centre) [-\d./x]+")
_GLUE = "\N{NO-BREAK SPACE}"


def field_text(
    field: LayerField,
    style: Style = plain_style,
    glyphs: Glyphs = UNICODE,
    size: tuple[int, int] | None = None,
    note: str = "",
) -> str:
    """The figures, and beside or below them a picture that fits a terminal of `size` columns and rows.

    The words of the figures are explained below, and `note` is the last line.
    """
    columns, rows = size or PIPE
    heading = textwrap.wrap(title(field), columns)
    below = [legend(field, glyphs), "; ".join(words(field)), note]
    key = [line for text in below for line in textwrap.wrap(text, columns, break_on_hyphens=False)]
    # Room for the empty line after the title, and for the prompt after the legend.
    left = rows - len(heading) - len(key) - 2
    if len(field.extents) > 1 and columns - BESIDE - GAP >= LEAST[0]:
        figures = list(labelled(facts(field), BESIDE))
        drawn = _pictures(field, columns - BESIDE - GAP, left, style, glyphs)
        pairs = zip_longest(figures, drawn, fillvalue="")
        body = [f"{figure:<{BESIDE + GAP}}{line}".rstrip() for figure, line in pairs]
    else:
        figures = list(labelled(facts(field), columns if size else None))
        body = [*figures, "", *_pictures(field, columns, left - len(figures) - 1, style, glyphs)]
    lines = [*(style(line, "title") for line in heading), "", *body, *(style(line, "note") for line in key)]
    return "\n".join(lines) + "\n"


def _pictures(field: LayerField, columns: int, rows: int, style: Style, glyphs: Glyphs) -> Iterator[str]:
    """All pictures one below the other; a strip takes three rows, its title and an empty line included."""
    panels = field_panels(field)
    left = max(rows - 5 * (len(panels) - 1) - (len(panels) > 1), LEAST[1])
    for place, panel in enumerate(panels):
        if place:
            yield ""
        if len(panels) > 1:
            yield panel.title
        yield from picture(panel, columns, left, glyphs, style)


def field_markdown(field: LayerField) -> str:
    """A heading, the figures as a table, the picture as on a terminal, and the words of the figures."""
    lines = [f"### {title(field)}", "", "| figure | value |", "|---|---|"]
    lines += [f"| {label} | {value} |" for label, value in facts(field)]
    for panel in field_panels(field):
        lines += ["", "```text", *picture(panel, *PIPE, UNICODE), "```"]
    return "\n".join([*lines, "", legend(field, UNICODE), "", *(f"- {word}" for word in words(field))]) + "\n"


def title(field: LayerField) -> str:
    """The layer, and the tensor that it looks at."""
    row, network = field.row, field.report.name or field.report.target
    shapes = format_shape(row.output_shape), format_shape(field.source_shape)
    of = f" of {network}" if network else ""
    return f"{row.name} ({row.type}){of} · {shapes[0]} · looks at {field.source} {shapes[1]}"


def facts(field: LayerField) -> Facts:
    """The figures with their labels; an empty label continues the one above."""
    figures = field.figures
    inside = "" if figures.clipped == figures.size else f", at most {extent(figures.clipped)} inside the image"
    unclipped = field.shown_unit.unclipped
    is_largest = field.pixel or unclipped is None or _size(unclipped) in ("", extent(figures.size))
    found = [
        ("size", extent(figures.size) + ("" if is_largest else ", the largest of all units") + inside),
        ("stride", _or_none(figures.stride, "to the next unit", _why_no_stride(field))),
        ("padding", _or_none(figures.padding, "outside the image")),
    ]
    aligned = {True: "yes", False: "no", None: "not known"}[figures.aligned]
    said = [sentence(merge) for merge in field.merges()]
    found += [("aligned", f"{aligned}: {said[0]}" if said else aligned), *(("", text) for text in said[1:])]
    return [*found, *(_pixel_facts(field) if field.pixel else _unit_facts(field))]


def _or_none(figures: Sequence[object] | None, meaning: str, reason: str = "") -> str:
    """The figures and what they mean; "none" and the reason where no axis has one."""
    if figures is None or not any(figure is not None for figure in figures):
        return f"none: {reason}" if reason else "none"
    return f"{extent(figures)} {meaning}"


def _why_no_stride(field: LayerField) -> str:
    return "each unit sees the same" if _is_one_position(field) else "the units are in no order"


def _is_one_position(field: LayerField) -> bool:
    """Whether the layer has one unit in each channel."""
    return all(units == 1 for units in field.units)


def _unit_facts(field: LayerField) -> Facts:
    unit = field.shown_unit
    seen = "padding alone" if None in unit.clipped else _box(field, unit.clipped)
    found = [(_name_of_unit(field), seen)]
    if unit.unclipped is not None and unit.unclipped != unit.clipped and None not in unit.unclipped:
        found.append(("with padding", _box(field, unit.unclipped)))
    return [*found, ("its centre", _centre(field, unit.index))]


def _name_of_unit(field: LayerField) -> str:
    """The unit that is shown; with one position they all see the same."""
    if _is_one_position(field):
        return "each unit"
    return f"unit {','.join(map(str, field.shown_unit.index))}"


def _centre(field: LayerField, unit: Sequence[int]) -> str:
    """The centre of what a unit sees, in pixels."""
    centres = [centre_of(axis, place) if field.figures.stride else None for axis, place in zip(field.axes, unit)]
    return ", ".join(map(number_text, centres)) if any(centre is not None for centre in centres) else "–"


def _box(field: LayerField, box: Sequence[Box | None]) -> str:
    """The size of a box and its ranges, such as "16x16, rows 8 to 23, columns 8 to 23"."""
    return f"{_size(box)}, {_ranges(field, box)}"


def _size(box: Sequence[Box | None]) -> str:
    """The size of a box; empty where there is none."""
    return "x".join(str(last - first + 1) for first, last in filter(None, box))


def _pixel_facts(field: LayerField) -> Facts:
    pixel = field.pixel
    assert pixel is not None  # the caller has checked that
    first = [0] * len(field.units)
    found = [(f"unit {','.join(map(str, first))}", f"centre {_centre(field, first)}")]
    label = f"pixel {','.join(map(str, pixel.index))}"
    if not pixel.count:
        return [*found, (label, f"changes no unit of {field.row.name}")]
    return [*found, (label, f"changes {count_of(pixel.count, 'unit')}: {_ranges(field, pixel.units)}")]


def _ranges(field: LayerField, boxes: Sequence[Box | None]) -> str:
    """The ranges of a box, such as "rows 8 to 23, columns 8 to 23"."""
    return ", ".join(f"{word} {box[0]} to {box[1]}" for word, box in zip(field.positions, boxes) if box)


# -- pictures ----------------------------------------------------------------------------------------------------------


def field_panels(field: LayerField) -> list[Panel]:
    """The panels: a strip for one axis, a picture for two; for three axes a strip of the first and a picture."""
    unit, pixel = field.shown_unit, field.pixel
    extents = field.units if pixel else field.extents
    boxes = list(pixel.units if pixel else unit.unclipped or unit.clipped) or [None] * len(extents)
    if not pixel and None in unit.clipped and unit.unclipped is None:
        boxes = [None] * len(extents)
    words = field.positions
    strips = range(len(extents) - 2) if len(extents) > 1 else range(1)
    panels = [Panel(words[axis], (1, extents[axis]), ((0, 0), boxes[axis]), not pixel) for axis in strips]
    if len(extents) > 1:
        rows, columns = extents[-2:]
        panels.append(Panel(f"{words[-2]} and {words[-1]}", (rows, columns), (boxes[-2], boxes[-1]), not pixel))
    return panels


def legend(field: LayerField, glyphs: Glyphs) -> str:
    """What the characters of the pictures mean."""
    if field.pixel is not None:
        return f"{glyphs.inside} units of {field.row.name} that the pixel can change"
    parts = [f"{glyphs.inside} what {_name_of_unit(field)} sees of {field.source}, {glyphs.centre} its centre"]
    boxes = field.shown_unit.unclipped or ()
    if any(box and (box[0] < 0 or box[1] >= size) for box, size in zip(boxes, field.extents)):
        parts.append(f"{glyphs.outside} padding")
    return ", ".join(parts)


def words(field: LayerField) -> list[str]:
    """What the words of the figures mean, where they do not say it."""
    places = ", ".join(f"{word.removesuffix('s')} {place}" for word, place in _places(field))
    found = [f"{_name_of_unit(field)}: {places} of each channel of {field.row.name}, counted from 0"] if places else []
    if field.has_branches:
        theirs = f"; the centres of branches are those of unit {','.join('0' for _ in field.units)}"
        found.append(f"aligned: the branches before it look at the same centre{theirs if field.merges() else ''}")
    return found


def _places(field: LayerField) -> Iterator[tuple[str, int]]:
    """The place of the unit that is shown, along each axis; none where a pixel is shown, or there is one position."""
    if field.pixel is None and not _is_one_position(field):
        yield from zip(field.positions, field.shown_unit.index)


def labelled(facts: Facts, width: int | None) -> Iterator[str]:
    """The lines of figures, wrapped to a width."""
    indent = max(len(label) for label, _ in facts) + GAP
    for label, fact in facts:
        lines = [fact]
        if width is not None:
            fact = _WHOLE.sub(lambda match: match[0].replace(" ", _GLUE), fact)
            lines = textwrap.wrap(fact, max(width - indent, 20), break_long_words=False, break_on_hyphens=False)
        for place, line in enumerate(lines):
            yield f"{'' if place else label:<{indent}}{line.replace(_GLUE, ' ')}"


# -- JSON --------------------------------------------------------------------------------------------------------------


def field_json(field: LayerField) -> Iterator[str]:
    """The map in pieces: for each axis a list of boxes on a line of its own, then the unit or pixel."""
    yield f'{{\n  "layer": {_encode(field.row.name)},\n  "input": {_encode(field.source)}'
    for name, changed in field.report.graph.changed.items():
        yield f',\n  "{name}": {_encode(changed)}'
    for name, boxes in (("clipped", field.clipped), ("unclipped", field.unclipped)):
        separator = f',\n  "{name}": [\n    '
        for axis in field.axes:
            yield separator
            yield from _list(boxes(axis))
            separator = ",\n    "
        yield "\n  ]"
    for name, asked in field.selected().items():
        yield f',\n  "{name}": {_encode(asked)}'
    yield "\n}\n"


def _list(items: Iterable[object] | None) -> Iterator[str]:
    if items is None:
        yield "null"
        return
    left = iter(items)
    separator = "["
    while chunk := list(islice(left, CHUNK)):
        yield separator + _encode(chunk)[1:-1]
        separator = ", "
    yield "]"


def _encode(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
