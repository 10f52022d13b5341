"""Draws the maps of a network as SVG: boxes to scale, windows with their lines of projection, labels."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from convcalc.drawing import svg
from convcalc.drawing.maps.places import LABEL, MARGIN, SHEET_STEP, WIDEST_WORDS, Drawn, Placement, placed, text_width
from convcalc.drawing.maps.stages import Figure
from convcalc.drawing.measure import shortened
from convcalc.drawing.palette import FONT, style
from convcalc.drawing.svg import number

_SCOPE = "convcalc-maps"
_STYLE = (
    f"text{{font:{LABEL:g}px {FONT};text-anchor:middle}}.foot{{text-anchor:start}}.label{{font-weight:bold}}"
    ".line{fill:none}.window{fill:#cf222e;fill-opacity:.25;stroke:#cf222e}.ray{fill:none;stroke:#cf222e;"
    "stroke-width:.7px;stroke-dasharray:3 2}.skip{fill:none;stroke-width:1.6px;stroke-opacity:.6}"
    ".map{stroke-width:.8px}"
)


def maps_svg(figure: Figure, name: str) -> str:
    """The picture of a figure; `name` says what it shows."""
    placement = placed(figure)
    drawn = placement.drawn
    parts = [svg.element("rect", width=placement.width, height=placement.height + _foot(figure), class_="paper")]
    below = {each.row: max(other.bottom for other in drawn if other.row == each.row) + 36 for each in drawn}
    parts += [_skip(drawn[start], drawn[end]) for start, end in figure.skips if placement.is_u]
    for place, each in enumerate(drawn):
        if place and not _is_window(drawn[place - 1], each):
            parts += _arrow(drawn[place - 1], each, below[drawn[place - 1].row])
        parts += _map(each, placement.sheets)
    for before, after in pairwise(drawn):
        parts += _window(before, after, placement)
    parts += [_labels(each, place, drawn) for place, each in enumerate(drawn)]
    if figure.left_out:
        note = f"The longest path; {figure.left_out} more in branches: the graph shows all."
        parts.append(svg.text(MARGIN, placement.height + 8, note, "note foot"))
    kinds = {stage.kind for stage in figure.stages}
    return svg.document(
        parts, placement.width, placement.height + _foot(figure), name, style(_SCOPE, kinds, _STYLE), _SCOPE
    )


def _foot(figure: Figure) -> float:
    return 20 if figure.left_out else 0


# --- Maps. ---


def _map(drawn: Drawn, sheets: bool) -> Iterator[str]:
    """A box with three faces, a sheet for each channel, or the bar of a vector; two of them for two columns."""
    stage = drawn.stage
    if not stage.is_map:
        yield svg.element(
            "rect", x=drawn.x, y=drawn.y, width=drawn.thickness, height=drawn.height, rx=2, class_=f"map {stage.kind}"
        )
    elif sheets:
        side = drawn.thickness - (stage.shape[0] - 1) * SHEET_STEP
        for channel in range(stage.shape[0]):
            yield svg.element(
                "rect", x=drawn.x + channel * SHEET_STEP, y=drawn.y + channel * SHEET_STEP / 2, width=side,
                height=drawn.height, class_=f"map {stage.kind}",
            )  # fmt: skip
    else:
        for column in range(stage.columns):
            part = drawn.height / stage.columns
            yield from _box(drawn, drawn.y + column * (part + 3 * (stage.columns > 1)), part)


def _box(drawn: Drawn, y: float, height: float) -> Iterator[str]:
    """The front face has the thickness of the channels; the map is its left side, which leads to the back."""
    x, deep, slant, kind = drawn.x, drawn.thickness, drawn.slant, f"map {drawn.stage.kind}"
    right = x + deep
    up = y - slant
    above = [(x, y), (x + slant, up), (right + slant, up), (right, y)]
    side = [(right, y), (right + slant, up), (right + slant, up + height), (right, y + height)]
    yield svg.element("path", d=_polygon(above), class_=kind)
    yield svg.element("path", d=_polygon(side), class_=kind)
    yield svg.element("rect", x=x, y=y, width=deep, height=height, class_=kind)


def _line(*points: tuple[float, float]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def _polygon(points: list[tuple[float, float]]) -> str:
    return _line(*points) + "z"


# --- Windows, arrows and skips. ---


def _middle(drawn: Drawn) -> float:
    return drawn.y + (drawn.height - drawn.slant) / 2


def _arrow(before: Drawn, after: Drawn, below: float) -> Iterator[str]:
    """From a map to the next one; to another level of a U from above or below, to the next row from the left.

    `below` is under all maps and texts of the row.
    """
    start, end = (before.right + 4, _middle(before)), (after.x - 4, _middle(after))
    if before.row == after.row and after.x > before.x:
        yield svg.element("path", d=_line(start, end), class_="line")
    elif after.x > before.x:
        down = after.y > before.y
        x = (after.x + after.right) / 2
        y = after.top - 30 if down else after.bottom + 30
        yield svg.element("path", d=_line(start, (x, start[1]), (x, y)), class_="line")
        yield svg.element("path", d=f"M{number(x)} {number(y)}l-3 {-5 if down else 5}h6z", class_="head")
        return
    else:
        turn, left = start[0] + 12, MARGIN / 2
        path = _line(start, (turn, start[1]), (turn, below), (left, below), (left, end[1]), end)
        yield svg.element("path", d=path, class_="line")
    yield svg.element("path", d=f"M{number(end[0])} {number(end[1])}l-5 -3v6z", class_="head")


def _skip(start: Drawn, end: Drawn) -> str:
    """Over the labels of the level, so that it crosses no map."""
    left, right = start.right - 6, (end.x + end.right) / 2  # the arrow to the start is in its middle
    over = min(start.top, end.top) - 38
    d = f"M{number(left)} {number(start.top - 30)}V{number(over)}H{number(right)}V{number(end.top - 30)}"
    head = f"M{number(right)} {number(end.top - 30)}l-3 -5h6z"
    return svg.group([svg.element("path", d=d, class_="skip line"), svg.element("path", d=head, class_="head")])


def _is_window(before: Drawn, after: Drawn) -> bool:
    """Whether the window between two maps is drawn in place of an arrow: not from one row to another."""
    are_maps = before.stage.is_map and after.stage.is_map
    return are_maps and after.stage.window is not None and before.row == after.row


def _window(before: Drawn, after: Drawn, placement: Placement) -> Iterator[str]:
    """The window on the map, and lines from its corners to the unit that reads it."""
    window, stage = after.stage.window, before.stage
    if window is None or not _is_window(before, after):
        return
    rows, columns = (min(part, whole) / whole for part, whole in zip(window, stage.sizes))
    if placement.sheets:
        shift = (stage.shape[0] - 1) * SHEET_STEP
        side = before.thickness - shift
        x, y = before.x + shift + side * (1 - columns) * 0.6, before.y + shift / 2 + before.height * (1 - rows) * 0.6
        corners = [(x, y), (x + side * columns, y), (x + side * columns, y + before.height * rows),
                   (x, y + before.height * rows)]  # fmt: skip
        shift = (after.stage.shape[0] - 1) * SHEET_STEP
        end = (after.x + (after.thickness - shift) * 0.6, after.y + after.height * 0.6)
    else:
        slant, right = before.slant, before.x + before.thickness
        start = slant * (1 - columns) / 2
        top = before.y + before.height * (1 - rows) / 2
        high, far = before.height * rows, slant * columns
        corners = [(right + start, top - start), (right + start + far, top - start - far),
                   (right + start + far, top - start - far + high), (right + start, top - start + high)]  # fmt: skip
        end = (after.x, _middle(after))
    yield svg.element("path", d=_polygon(corners), class_="window")
    for x, y in corners[1:3]:
        yield svg.element("path", d=f"M{number(x)} {number(y)}L{number(end[0])} {number(end[1])}", class_="ray")


def _labels(drawn: Drawn, place: int, all_drawn: list[Drawn]) -> str:
    """The size above a map, at two heights in turn where they are near; below it what makes the map."""
    stage = drawn.stage
    x = (drawn.x + drawn.right) / 2
    raised = 11 if place % 2 and _is_near(all_drawn, place) else 0
    bottom = drawn.bottom + ((stage.shape[0] - 1) * SHEET_STEP / 2 if stage.is_map and not drawn.slant else 0)
    parts = [svg.title(f"{stage.name}: {stage.label}"), svg.text(x, drawn.top - 6 - raised, stage.label, "label")]
    words = shortened(stage.made_by, LABEL - 1, WIDEST_WORDS)
    parts.append(svg.text(x, bottom + 13 + raised, words, "note"))
    return svg.group(parts)


def _is_near(drawn: list[Drawn], place: int) -> bool:
    """Whether the texts of neighbours could touch."""
    mine = drawn[place]
    near = [drawn[other] for other in (place - 1, place + 1) if 0 <= other < len(drawn)]
    return any(
        other.row == mine.row and abs(other.x - mine.x) < (text_width(mine.stage) + text_width(other.stage)) / 2 + 4
        for other in near
    )
