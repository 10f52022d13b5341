"""Draws a laid-out diagram as SVG."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from convcalc.drawing import svg
from convcalc.drawing.graph.diagram import Box, Diagram, Edge
from convcalc.drawing.graph.layout import (
    LINE,
    NAME_SIZE,
    NOTE_SIZE,
    PADDING,
    TEXT_SIZE,
    DrawnBox,
    Layout,
    Rect,
    Route,
    layout,
)
from convcalc.drawing.measure import shortened, width
from convcalc.drawing.palette import FONT, style
from convcalc.drawing.svg import number

CORNER = 8  # the radius of the corner of an edge
HEAD = 5  # the length of the head of an arrow
_SCOPE = "convcalc-graph"
_STYLE = (
    f"text{{font:{TEXT_SIZE:g}px {FONT};text-anchor:middle}}.name{{font-size:{NAME_SIZE:g}px;font-weight:bold}}"
    f".note{{font-size:{NOTE_SIZE:g}px;text-anchor:start}}"
    ".line{fill:none;stroke-width:1.2px}.frame{fill:none;stroke-dasharray:3 3}.heat{stroke:none}"
)


def graph_svg(diagram: Diagram, name: str) -> str:
    """The picture of a diagram; `name` says what it shows."""
    placed = layout(diagram)
    return svg.document(_parts(diagram, placed), placed.width, placed.height, name, graph_style(diagram), _SCOPE)


def graph_fragment(diagram: Diagram, name: str, attributes: Callable[[Box], Mapping[str, str]]) -> str:
    """The same for a page, which has the style: an element whose boxes have further attributes."""
    placed = layout(diagram)
    parts = _parts(diagram, placed, attributes)
    return svg.fragment(parts, placed.width, placed.height, name, _SCOPE)


def graph_style(*diagrams: Diagram) -> str:
    """The style of the pictures of some diagrams."""
    return style(_SCOPE, {box.kind for diagram in diagrams for box in diagram.boxes}, _STYLE)


def _parts(
    diagram: Diagram, placed: Layout, attributes: Callable[[Box], Mapping[str, str]] = lambda _: {}
) -> list[str]:
    parts = [svg.element("rect", width=placed.width, height=placed.height, class_="paper")]
    parts += [_frame(rect) for _, rect in placed.frames]
    parts += [_line(route) for route in placed.routes if route.points]
    parts += [_box(box, drawn, attributes(box)) for box, drawn in zip(diagram.boxes, placed.boxes)]
    parts += _frame_names(placed)
    parts += _notes(diagram, placed)
    parts += _references(diagram, placed)
    return parts


def _frame(rect: Rect) -> str:
    return svg.element("rect", x=rect.x, y=rect.y, width=rect.width, height=rect.height, rx=8, class_="frame")


def _frame_names(placed: Layout) -> Iterator[str]:
    """The name of each opened block, without that of the block around it."""
    for frame, rect in placed.frames:
        outer = [f.name for f, _ in placed.frames if f != frame and f.first <= frame.first and frame.last <= f.last]
        around = max((name for name in outer if frame.name.startswith(f"{name}.")), key=len, default="")
        name = frame.name.removeprefix(f"{around}.") if around else frame.name
        yield svg.note(rect.x + 7, rect.y + 11, shortened(name, NOTE_SIZE, rect.width - 14), NOTE_SIZE)


def _box(box: Box, drawn: DrawnBox, attributes: Mapping[str, str]) -> str:
    rect = drawn.rect
    radius = rect.height / 2 if box.kind in ("merge", "input", "output") else 4
    parts = [svg.title(box.tip)] if box.tip else []
    parts.append(
        svg.element("rect", x=rect.x, y=rect.y, width=rect.width, height=rect.height, rx=radius, class_=box.kind)
    )
    if box.heat:
        parts.append(
            svg.element("rect", x=rect.x, y=rect.y, width=rect.width, height=rect.height, rx=radius, class_="heat",
                        fill_opacity=f"{0.05 + 0.75 * box.heat:.2f}")
        )  # fmt: skip
    if box.kind == "block":  # a sheet behind it: there is more inside
        sheet = f"M{number(rect.x + 5)} {number(rect.bottom + 3)}H{number(rect.right + 3)}V{number(rect.y + 5)}"
        parts.insert(1, svg.element("path", d=sheet, class_="line"))
    named = len(drawn.lines) > 1
    x, y = rect.middle[0], rect.y + PADDING / 2 + LINE - 4
    for place, line in enumerate(drawn.lines):
        parts.append(svg.text(x, y + place * LINE, line, "name" if named and not place else ""))
    return svg.group(parts, **attributes)


# --- Edges. ---


def _line(route: Route) -> str:
    """The path of an edge, and the head of its arrow."""
    (x, y), sideways = route.points[-1], route.arrives_sideways
    before = route.points[-2]
    if sideways:
        step = HEAD if before[0] > x else -HEAD
        head = f"M{number(x)} {number(y)}l{number(step)} -3.5v7z"
    else:
        head = f"M{number(x)} {number(y)}l-3.5 -{HEAD}h7z"
    return svg.group([svg.element("path", d=_path(route), class_="line"), svg.element("path", d=head, class_="head")])


def _path(route: Route) -> str:
    points = list(route.points)
    path, last = [f"M{number(points[0][0])} {number(points[0][1])}"], len(points) - 1
    for place, (x, y) in enumerate(points[1:], 1):
        before_x, before_y = points[place - 1]
        if place == 1 and route.leaves_sideways:
            step = -CORNER if x > before_x else CORNER
            path.append(f"H{number(x + step)}q{number(-step)} 0 {number(-step)} {CORNER}")
        elif place == last and route.arrives_sideways:
            step = CORNER if x > before_x else -CORNER
            path.append(f"q0 {CORNER} {number(step)} {CORNER}H{number(x)}")
        elif place == last - 1 and route.arrives_sideways:
            path.append(f"V{number(y - CORNER)}")
        elif abs(x - before_x) < 0.1:
            path.append(f"V{number(y)}")
        else:
            middle = (before_y + y) / 2
            path.append(f"C{number(before_x)} {number(middle)} {number(x)} {number(middle)} {number(x)} {number(y)}")
    return "".join(path)


def _notes(diagram: Diagram, placed: Layout) -> Iterator[str]:
    """The shape of each edge that has one: the first of a box beside it, others where they arrive, one at a box."""
    left: set[int] = set()
    reached: set[int] = set()
    for edge, route in zip(diagram.edges, placed.routes):
        if not edge.label or not route.points:
            continue
        if edge.source not in left:
            left.add(edge.source)
            x, y = _start_of_note(edge, route, placed)
        elif edge.target not in reached:
            reached.add(edge.target)
            x, y = _end_of_note(edge, route)
        else:
            continue  # the title of the box says the shape
        yield svg.note(x, y, edge.label, NOTE_SIZE)


def _start_of_note(edge: Edge, route: Route, placed: Layout) -> tuple[float, float]:
    """On the side from which the edge turns away."""
    (x, y), (next_x, _) = route.points[:2]
    room = width(edge.label, NOTE_SIZE)
    if route.leaves_sideways:
        return (x + 4 if x >= placed.boxes[edge.source].rect.right else x - 4 - room), y - 4
    return (x - 5 - room if next_x > x + 1 else x + 5), y + 13


def _end_of_note(edge: Edge, route: Route) -> tuple[float, float]:
    (before_x, _), (x, y) = route.points[-2:]
    room = width(edge.label, NOTE_SIZE)
    if route.arrives_sideways:
        return (x + 8 if before_x > x else x - 8 - room), y - 4
    return (x - 5 - room if before_x < x - 1 else x + 5), y - 7


def _references(diagram: Diagram, placed: Layout) -> Iterator[str]:
    """For each edge that is too long to be drawn, the name of its source beside its target."""
    read: dict[int, list[str]] = {}
    for edge, route in zip(diagram.edges, placed.routes):
        if not route.points:
            read.setdefault(edge.target, []).append(diagram.boxes[edge.source].name)
    for target, names in read.items():
        rect = placed.boxes[target].rect
        note = svg.note(rect.right + 4, rect.middle[1] + 4, f"← {len(names)} more", NOTE_SIZE)
        yield svg.group([svg.title("reads " + ", ".join(names)), note])
