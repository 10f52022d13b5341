"""Draws a plot as SVG: axes with a grid, points, the front, a key, and words below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from convcalc.drawing import svg
from convcalc.drawing.measure import shortened, width
from convcalc.drawing.palette import FONT, style
from convcalc.drawing.scatter.figure import Plot
from convcalc.drawing.scatter.labels import SIZE, Box, Label, labels
from convcalc.drawing.scatter.places import MARGIN, TEXT, TITLE, WIDTH, Layout, laid_out
from convcalc.drawing.svg import number

LEVELS = 7
RADIUS = 3.6  # of a mark
SMALL = 2.0  # where there are many
DOT, SMALL_DOT = 5.0, 3.4  # the diameter of a point
MANY = 400
CELL = 3.0  # two points that are nearer to each other than this are one
TITLED = 500  # up to so many marks say what they are when the mouse rests on them
LINE_HIGH = 18.0
ABOVE = 15.0  # from a frame up to its title
_SCOPE = "convcalc-plot"
_STYLE = (
    f"text{{font:{TEXT:g}px {FONT}}}.title{{font-size:{TITLE:g}px;font-weight:bold}}.label{{font-size:{SIZE:g}px}}"
    ".behind{fill-opacity:.8}.grid{stroke-width:.5px;stroke-opacity:.35}.frame{fill:none}"
    # Before the colours of a dark page, only a longer selector holds.
    f"path.dots{{fill:none;stroke-width:{DOT:g}px;stroke-linecap:round}}path.many{{stroke-width:{SMALL_DOT:g}px}}"
    "path.step{fill:none;stroke-width:1.3px}.mark{stroke-width:.8px}circle.many{stroke-width:.2px}"
)
_KINDS = {"dots", "front"}
Place = tuple[float, float]


def cells_of(plot: Plot) -> dict[tuple[int, int], Place]:
    """One point for each small square of the picture that has any: the first of them."""
    layout = laid_out(plot)
    found: dict[tuple[int, int], Place] = {}
    for x, y in plot.dots:
        place = layout.x_of(plot.x.scale.at(x)), layout.y_of(plot.y.scale.at(y))
        found.setdefault((int(place[0] // CELL), int(place[1] // CELL)), place)
    return found


def plot_svg(plot: Plot) -> str:
    """The picture of a plot."""
    layout = laid_out(plot)
    frame = layout.frame
    dots = list(cells_of(plot).values())
    marks = [(layout.x_of(plot.x.scale.at(each.x)), layout.y_of(plot.y.scale.at(each.y))) for each in plot.marks]
    border = _border(marks) if plot.stepped else []
    named = labels(list(zip(marks, [mark.label for mark in plot.marks])), dots, map(_around, pairwise(border)), frame)
    notes = [*([f"labels: {plot.label}"] if named else []), *plot.notes, *_shared(plot.count, len(dots))]
    foot = frame.bottom + 66
    height = foot + LINE_HIGH * len(notes) + 12
    kinds = {*_KINDS, *([f"level{level}" for level in range(LEVELS)] if plot.level is not None else [])}
    parts = [
        svg.element("rect", width=WIDTH, height=height, class_="paper"),
        *_head(plot, layout),
        *_axes(plot, layout),
        svg.element("path", d="".join(f"M{number(x)} {number(y)}h0" for x, y in dots), class_=f"dots{_many(dots)}"),
        *([svg.element("path", d=_line(border), class_="front step")] if len(border) > 1 else []),
        *_marks(plot, marks),
        *map(_label, named),
        *_key(plot, layout),
        *_foot(plot, notes, foot),
    ]
    return svg.document(parts, WIDTH, height, f"{plot.title}: {plot.subtitle}", style(_SCOPE, kinds, _STYLE), _SCOPE)


def _shared(networks: int, points: int) -> Iterator[str]:
    """A note where several networks have one point."""
    if points < networks:
        yield f"{networks:,} networks have {points:,} grey points: those that are very near to each other share one"


def _head(plot: Plot, layout: Layout) -> Iterator[str]:
    room = WIDTH - 2 * MARGIN
    yield svg.text(MARGIN, 26, shortened(plot.title, TITLE, room, bold=True), "title")
    yield svg.text(MARGIN, 44, shortened(plot.subtitle, TEXT, room), "note")
    beside = 0.0 if layout.key is None else WIDTH - layout.key.left
    yield svg.text(MARGIN, layout.frame.top - ABOVE, shortened(plot.y.title, TEXT, room - beside))


def _axes(plot: Plot, layout: Layout) -> Iterator[str]:
    """The frame, a line of the grid at each tick, and the texts."""
    frame = layout.frame
    lines = [f"M{number(layout.x_of(tick.at))} {number(frame.top)}V{number(frame.bottom)}" for tick in layout.x]
    lines += [f"M{number(frame.left)} {number(layout.y_of(tick.at))}H{number(frame.right)}" for tick in layout.y]
    yield svg.element("path", d="".join(lines), class_="line grid")
    yield svg.element(
        "rect", x=frame.left, y=frame.top, width=frame.right - frame.left, height=frame.bottom - frame.top,
        class_="frame",
    )  # fmt: skip
    for tick in layout.x:
        yield svg.text(layout.x_of(tick.at), frame.bottom + 16, tick.text, "note", "middle")
    for tick in layout.y:
        yield svg.text(frame.left - 6, layout.y_of(tick.at) + 4, tick.text, "note", "end")
    title = shortened(plot.x.title, TEXT, frame.right - frame.left)
    yield svg.text((frame.left + frame.right) / 2, frame.bottom + 36, title, "", "middle")


def _border(places: Sequence[Place]) -> list[Place]:
    """The border of what the front reaches: along x, then along y, to the next point."""
    found = list(places[:1])
    for (_, y), (next_x, next_y) in pairwise(places):
        found += [(next_x, y), (next_x, next_y)]
    return found


def _line(places: Sequence[Place]) -> str:
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in places)


def _around(ends: tuple[Place, Place]) -> Box:
    """The box around a line along an axis."""
    (x, y), (end_x, end_y) = ends
    return Box(min(x, end_x) - 1, min(y, end_y) - 1, max(x, end_x) + 1, max(y, end_y) + 1)


def _many(points: Sequence[object]) -> str:
    """The class of points that are many, and so smaller."""
    return " many" if len(points) > MANY else ""


def _marks(plot: Plot, places: Sequence[Place]) -> Iterator[str]:
    """The points on the front, each once."""
    seen: set[tuple[str, str, str]] = set()
    for mark, (x, y) in zip(plot.marks, places):
        kind = "front"
        if plot.level is not None and mark.level is not None:
            kind = f"level{_level(plot.level.scale.at(mark.level))}"
        if (kind, number(x), number(y)) in seen:
            continue
        seen.add((kind, number(x), number(y)))
        hint = svg.title(mark.hint) if len(plot.marks) <= TITLED else None
        many = _many(plot.marks)
        yield svg.element("circle", hint, cx=x, cy=y, r=SMALL if many else RADIUS, class_=f"{kind} mark{many}")


def _level(place: float) -> int:
    return min(int(place * LEVELS), LEVELS - 1)


def _label(label: Label) -> str:
    box = label.box
    behind = _rectangle(box, "paper behind")
    return svg.group([behind, svg.text(box.left + 1, box.bottom - 4, label.text, "label")])


def _rectangle(box: Box, kind: str) -> str:
    return svg.element(
        "rect", x=box.left, y=box.top, width=box.right - box.left, height=box.bottom - box.top, class_=kind
    )


def _key(plot: Plot, layout: Layout) -> Iterator[str]:
    """The colours of the third figure, from its smallest value at the bottom up."""
    key = layout.key
    if plot.level is None or key is None:
        return
    yield svg.text(key.left, key.top - ABOVE, shortened(plot.level.title, TEXT, WIDTH - MARGIN - key.left))
    high = (key.bottom - key.top) / LEVELS
    for level in range(LEVELS):
        bottom = key.bottom - level * high
        yield _rectangle(Box(key.left, bottom - high, key.right, bottom), f"level{level} mark")
    for tick in layout.level:
        yield svg.text(key.right + 8, key.bottom - tick.at * (key.bottom - key.top) + 4, tick.text, "note")


def _foot(plot: Plot, notes: Sequence[str], y: float) -> Iterator[str]:
    """What the points are, then the notes."""
    x = MARGIN + RADIUS
    yield svg.element("path", d=f"M{number(x)} {number(y - 4)}h0", class_="dots")
    yield svg.text(x + 9, y, "passes", "note")
    if plot.marks:
        x += 9 + width("passes", TEXT) + 20
        kind = "front" if plot.level is None else "level4"
        yield svg.element("circle", cx=x, cy=y - 4, r=RADIUS, class_=f"{kind} mark")
        yield svg.text(x + 9, y, shortened(plot.legend, TEXT, WIDTH - MARGIN - x - 9), "note")
    for line, note in enumerate(notes, 1):
        yield svg.text(MARGIN, y + line * LINE_HIGH, shortened(note, TEXT, WIDTH - 2 * MARGIN), "note")
