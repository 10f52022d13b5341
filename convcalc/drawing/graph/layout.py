"""Lays out a diagram: the place of each box, the path of each edge, the extent of each frame."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from convcalc.drawing.graph.diagram import Box, Diagram, Edge, Frame
from convcalc.drawing.graph.layers import Layered, layered
from convcalc.drawing.graph.places import places
from convcalc.drawing.measure import shortened, width

NAME_SIZE, TEXT_SIZE, NOTE_SIZE = 12.0, 11.0, 10.0
LINE = 14  # from one line of a box to the next
PADDING = 9  # of a text in its box
MARGIN = 16
WIDEST = 300  # a longer line is shortened
BETWEEN = 18  # two neighbours in a layer
GAP = 24  # two layers
NOTE_GAP = 34  # two layers with a shape between them
NOTE_STEP = 10  # from an edge to the far side of the text beside it, without the text
POINT = 10  # the width of an edge that passes a layer
SIDE_STEP = 4  # at the side of a box, edges arrive above and leave below the middle
FRAME_PADDING = 7
FRAME_HEAD = 13  # the line with the name of a frame


class Rect(NamedTuple):
    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> tuple[float, float]:
        return self.x + self.width / 2, self.y + self.height / 2

    def overlaps(self, other: Rect) -> bool:
        return (
            self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom
        )  # fmt: skip


class Route(NamedTuple):
    """The path of an edge, through `points`.

    It leaves its box sideways and reaches the other one sideways, or leaves at the bottom and arrives at the top. A
    reference has no points: the edge is too long to be drawn.
    """

    points: list[tuple[float, float]]
    leaves_sideways: bool = False
    arrives_sideways: bool = False


class DrawnBox(NamedTuple):
    rect: Rect
    lines: tuple[str, ...]


class Layout(NamedTuple):
    boxes: list[DrawnBox]
    routes: list[Route]
    frames: list[tuple[Frame, Rect]]
    width: float
    height: float


def layout(diagram: Diagram) -> Layout:
    """The layout of a diagram. A frame that would hold a box of another block is left out."""
    framed = diagram.frames
    while True:
        found = _Arrangement(diagram, framed).layout()
        if len(found.frames) == len(framed):
            return found
        framed = [frame for frame, _ in found.frames]  # the boxes of the others have their full names, and are wider


def box_lines(box: Box, frames: Sequence[Frame], number: int) -> tuple[str, ...]:
    """The texts in a box: its name without that of the frame around it, each no longer than the widest."""
    around = max((f.name for f in frames if f.first <= number <= f.last and f.name), key=len, default="")
    first = box.lines[0].removeprefix(f"{around}.") if around else box.lines[0]
    named = len(box.lines) > 1
    return tuple(
        shortened(line, _size(place, named), WIDEST, bold=named and not place)
        for place, line in enumerate((first, *box.lines[1:]))
    )


def _size(place: int, named: bool) -> float:
    return NAME_SIZE if named and not place else TEXT_SIZE


class _Arrangement:
    """The layout in the making, with these frames."""

    def __init__(self, diagram: Diagram, frames: Sequence[Frame]) -> None:
        self.diagram = diagram
        self.frames = frames
        self.lines = [box_lines(box, frames, number) for number, box in enumerate(diagram.boxes)]
        self.sizes = [_extent(lines) for lines in self.lines]
        self.graph: Layered = layered(len(diagram.boxes), [(edge.source, edge.target) for edge in diagram.edges])
        self.depths = [_levels(frames, number) for number in range(len(diagram.boxes))]

    def layout(self) -> Layout:
        widths = self._widths()
        self.xs = places(self.graph, widths, BETWEEN)
        self._place_layers()
        boxes = [DrawnBox(self._rect(number), lines) for number, lines in enumerate(self.lines)]
        self.boxes = boxes
        routes = [self._route(edge, chain) for edge, chain in zip(self.diagram.edges, self.graph.chains)]
        frames = self._frames()
        return self._moved(boxes, routes, frames)

    def _rect(self, number: int) -> Rect:
        """A box in the middle of its layer."""
        (width, height), layer = self.sizes[number], self.graph.layer_of[number]
        return Rect(self.xs[number] - width / 2, self.tops[layer] + (self.heights[layer] - height) / 2, width, height)

    def _widths(self) -> list[float]:
        """The room of each member from left to right, with the shape beside an edge and the frames around it."""
        notes = [0.0] * len(self.sizes)
        for edge in self.diagram.edges:
            notes[edge.source] = max(notes[edge.source], width(edge.label, NOTE_SIZE) + 8 if edge.label else 0)
        boxes = [
            max(size[0], 2 * note) + 2 * FRAME_PADDING * depth
            for size, note, depth in zip(self.sizes, notes, self.depths)
        ]
        return boxes + [POINT] * (len(self.graph.layer_of) - len(boxes))

    def _place_layers(self) -> None:
        """The top and the height of each layer: room for shapes, and for the edges of frames between layers."""
        noted = {self.graph.layer_of[edge.source] for edge in self.diagram.edges if edge.label}
        opened: dict[int, int] = {}
        for frame in self.frames:
            layers = [self.graph.layer_of[number] for number in range(frame.first, frame.last + 1)]
            opened[min(layers)] = opened.get(min(layers), 0) + FRAME_HEAD + FRAME_PADDING
            opened[max(layers) + 1] = opened.get(max(layers) + 1, 0) + FRAME_PADDING
        self.heights = [
            max((self.sizes[member][1] for member in layer if member < len(self.sizes)), default=0.0)
            for layer in self.graph.layers
        ]
        self.tops: list[float] = []
        y = 0.0
        for number, height in enumerate(self.heights):
            y += min(opened.get(number, 0), 3 * (FRAME_HEAD + FRAME_PADDING))
            self.tops.append(y)
            y += height + (NOTE_GAP if number in noted else GAP)

    # -- edges ---------------------------------------------------------------------------------------------------

    def _route(self, edge: Edge, chain: list[int] | None) -> Route:
        if chain is None:
            return Route([])
        source, target = self.boxes[edge.source].rect, self.boxes[edge.target].rect
        inner = chain[1:-1]
        leaves = bool(inner) and self._is_free(edge.source, self.xs[inner[0]])
        arrives = bool(inner) and self._is_free(edge.target, self.xs[inner[-1]])
        points: list[tuple[float, float]] = []
        for member in inner:
            layer, x = self.graph.layer_of[member], self.xs[member]
            top, bottom = self.tops[layer], self.tops[layer] + self.heights[layer]
            points += [(x, top), (x, bottom)]
        if leaves:
            x, y = points[0][0], source.middle[1] + SIDE_STEP
            start = [(source.right if x > source.right else source.x, y), (x, y)]
        else:
            start = [(source.middle[0], source.bottom)]
        if arrives:
            x, y = points[-1][0], target.middle[1] - SIDE_STEP
            end = [(x, y), (target.right if x > target.right else target.x, y)]
        else:
            end = [(target.middle[0], target.y)]
        return Route(start + points + end, leaves, arrives)

    def _is_free(self, number: int, x: float) -> bool:
        """Whether a level line leads from the side of a box to `x` without touching another member of its layer."""
        box = self.boxes[number].rect
        if box.x - 6 < x < box.right + 6:
            return False
        left, right = (box.right, x + 3) if x > box.right else (x - 3, box.x)
        for member in self.graph.layers[self.graph.layer_of[number]]:
            half = (self.sizes[member][0] if member < len(self.sizes) else 2) / 2
            if member != number and self.xs[member] - half < right and left < self.xs[member] + half:
                return False
        return True

    # -- frames --------------------------------------------------------------------------------------------------

    def _frames(self) -> list[tuple[Frame, Rect]]:
        """The frames that hold no foreign box, the outer ones first."""
        found: list[tuple[Frame, Rect]] = []
        for frame in self.frames:
            inside = range(frame.first, frame.last + 1)
            levels = max(self.depths[number] for number in inside) - self.frames_around(frame)
            rects = [self.boxes[number].rect for number in inside]
            side = FRAME_PADDING * levels
            left, right = min(r.x for r in rects) - side, max(r.right for r in rects) + side
            top = min(r.y for r in rects) - (FRAME_PADDING + FRAME_HEAD) * self._starting(frame)
            bottom = max(r.bottom for r in rects) + FRAME_PADDING * self._ending(frame)
            right = max(right, left + width(frame.name, NOTE_SIZE) + 2 * FRAME_PADDING)
            rect = Rect(left, top, right - left, bottom - top)
            outside = [box.rect for number, box in enumerate(self.boxes) if number not in inside]
            if not any(rect.overlaps(other) for other in outside):
                found.append((frame, rect))
        return found

    def frames_around(self, frame: Frame) -> int:
        return sum(f.first <= frame.first and frame.last <= f.last and f != frame for f in self.frames)

    def _starting(self, frame: Frame) -> int:
        """How many frames start with the first box of a frame inside it, with the frame itself."""
        return sum(f.first == frame.first and f.last <= frame.last for f in self.frames)

    def _ending(self, frame: Frame) -> int:
        return sum(f.last == frame.last and f.first >= frame.first for f in self.frames)

    # -- the whole -----------------------------------------------------------------------------------------------

    def _moved(self, boxes: list[DrawnBox], routes: list[Route], frames: list[tuple[Frame, Rect]]) -> Layout:
        """Everything moved so that the picture starts at 0."""
        rects = [box.rect for box in boxes] + [rect for _, rect in frames]
        points = [point for route in routes for point in route.points]
        # A shape is on the right or on the left of either end of its edge.
        notes = [
            x + side * (width(edge.label, NOTE_SIZE) + NOTE_STEP)
            for edge, route in zip(self.diagram.edges, routes)
            if edge.label and route.points
            for x, _ in (route.points[0], route.points[-1])
            for side in (-1, 1)
        ]
        left = min([rect.x for rect in rects] + [x for x, _ in points] + notes, default=0.0) - MARGIN
        top = min((rect.y for rect in rects), default=0.0) - MARGIN
        right = max([rect.right for rect in rects] + [x for x, _ in points] + notes, default=0.0) + MARGIN
        bottom = max((rect.bottom for rect in rects), default=0.0) + MARGIN
        return Layout(
            [DrawnBox(box.rect._replace(x=box.rect.x - left, y=box.rect.y - top), box.lines) for box in boxes],
            [route._replace(points=[(x - left, y - top) for x, y in route.points]) for route in routes],
            [(frame, rect._replace(x=rect.x - left, y=rect.y - top)) for frame, rect in frames],
            right - left,
            bottom - top,
        )


def _extent(lines: Sequence[str]) -> tuple[float, float]:
    named = len(lines) > 1
    longest = max(width(line, _size(n, named), bold=named and not n) for n, line in enumerate(lines))
    return longest + 2 * PADDING, len(lines) * LINE + PADDING - 1


def _levels(frames: Sequence[Frame], number: int) -> int:
    return sum(frame.first <= number <= frame.last for frame in frames)
