"""The maps of a figure: the shapes along the longest path through a network, equal neighbours as one."""

from __future__ import annotations

from re import sub
from typing import NamedTuple

from convcalc.arith.shape import Shape, elements
from convcalc.drawing.graph.diagram import Box, Diagram, Edge
from convcalc.drawing.graph.fold import diagram
from convcalc.drawing.graph.words import kind_of, times
from convcalc.layers.windows import WindowLayer
from convcalc.report.report import Report
from convcalc.report.rows import Row

# The kinds of layers that give maps: two axes of another one are steps and their features.
_OF_MAPS = ("input", "conv", "pool")


class Stage(NamedTuple):
    """A map or vector of `shape`, and the layers that make it, in words with how many follow each other.

    `window` is that of the first, where it is a single layer; `columns` is 2 where its channels are in two groups.

    `boxes` are the numbers of the boxes of the diagram whose outputs it is.
    """

    name: str
    shape: Shape
    makers: tuple[tuple[str, int], ...]
    boxes: tuple[int, ...]
    window: tuple[int, int] | None = None
    kind: str = "plain"
    columns: int = 1

    @property
    def made_by(self) -> str:
        """The layers that make it, equal ones as one."""
        return ", ".join(words if count == 1 else f"{words} ×{count}" for words, count in self.makers)

    @property
    def is_map(self) -> bool:
        return len(self.shape) > 1

    @property
    def sizes(self) -> tuple[int, int]:
        """Height and width; a map with one axis is a line, one with more shows its last two."""
        sizes = self.shape[1:]
        return (1, sizes[0]) if len(sizes) == 1 else (sizes[-2], sizes[-1])

    @property
    def label(self) -> str:
        """What textbooks write beside a map, such as `6@24×24`; the size of a vector or a sequence.

        >>> Stage("c1", (6, 24, 24), (), ()).label, Stage("f", (10,), (), ()).label, Stage("t", (9, 8), (), ()).label
        ('6@24×24', '10', '9×8')
        """
        is_sequence = len(self.shape) == 2 and self.kind not in _OF_MAPS
        if not self.is_map or is_sequence:
            return "×".join(map(str, self.shape)) or "1"
        return f"{self.shape[0]}@" + "×".join(map(str, self.shape[1:]))


class Figure(NamedTuple):
    """The stages in order, the skips between them as pairs of numbers, and how many boxes are not on the path."""

    stages: list[Stage]
    skips: list[tuple[int, int]]
    left_out: int


def figure(report: Report, depth: int | None = None) -> Figure:
    """The stages of a network. `depth` None opens the blocks as far as it stays readable."""
    graph = diagram(report, depth)
    path = _longest_path(graph, _main_input(report))
    stages: list[Stage] = []
    for number in path:
        stage = _stage(report, graph.boxes[number], number)
        if stage is None:
            continue
        if stages and stages[-1].shape == stage.shape:
            stages[-1] = _with(stages[-1], stage)
        else:
            stages.append(stage)
    on_path = set(path)
    outside = [box for number, box in enumerate(graph.boxes) if number not in on_path and box.rows]
    return Figure(stages, _skips(graph, stages), len(outside))


def _with(stage: Stage, more: Stage) -> Stage:
    """A stage with another layer that keeps its shape. Only layers with weights are worth a word."""
    makers = stage.makers
    if more.kind in ("conv", "dense", "block", "sequence"):
        (words, _), (last, count) = more.makers[0], makers[-1] if makers else ("", 0)
        makers = (*makers[:-1], (last, count + 1)) if words == last else (*makers, (words, 1))
    return stage._replace(boxes=stage.boxes + more.boxes, makers=makers)


def _longest_path(graph: Diagram, start: int) -> list[int]:
    """The boxes of the longest path from a box; ties go to the box that is written first."""
    before: dict[int, int] = {}
    length = {start: 0}
    for source, target, _ in sorted(graph.edges, key=lambda edge: edge.target):
        step = 0 if graph.boxes[target].kind == "output" else len(graph.boxes[target].rows)
        if source in length and length[source] + step > length.get(target, -1):
            length[target], before[target] = length[source] + step, source
    number = max(length, key=lambda box: (length[box], -box))
    path = [number]
    while number in before:
        number = before[number]
        path.append(number)
    return path[::-1]


def _main_input(report: Report) -> int:
    """The number of the input with the most elements."""
    sizes = [elements(shape) for shape in report.inputs.values()]
    return sizes.index(max(sizes)) if sizes else 0


def _stage(report: Report, box: Box, number: int) -> Stage | None:
    """What a box gives; None for the mark of an output."""
    if box.kind == "output":
        return None
    if box.kind == "input":
        return Stage(box.name, report.inputs[box.name], (), (number,), kind="input")
    rows = [report.rows[index] for index in box.rows]
    shape = rows[-1].output_shape
    if len(rows) > 1:
        words = box.name.rpartition(".")[2]
        if words.isdigit():
            words = ".".join(box.name.split(".")[-2:])
        return Stage(box.name, shape, ((words, 1),), (number,), kind="block")
    row = rows[0]
    return Stage(row.name, shape, ((_words(row), 1),), (number,), _window(row), kind_of(row), _columns(row))


def _words(row: Row) -> str:
    """How textbooks name a layer: 5×5 conv, 2×2 max pool."""
    name = sub("_?[123]d$", "", row.type).replace("_", " ").replace("conv transpose", "up-conv")
    kernel = times(row.config["kernel_size"]) if row.config.get("kernel_size") else ""
    stride = row.config.get("stride")
    steps = f" /{max(stride)}" if kernel and stride and max(stride) > 1 and kind_of(row) == "conv" else ""
    return f"{kernel} {name}{steps}".strip()


def _window(row: Row) -> tuple[int, int] | None:
    """The height and width of the window of a layer; None where it has none."""
    layer = row.facts.layer
    if not isinstance(layer, WindowLayer):
        return None
    sizes = [(kernel - 1) * dilation + 1 for kernel, dilation in zip(layer.kernel_size, layer.dilation)]
    return (1, sizes[0]) if len(sizes) == 1 else (sizes[-2], sizes[-1])


def _columns(row: Row) -> int:
    """2 for a layer in two columns, as the network of Krizhevsky et al. (2012) has them."""
    return 2 if row.config.get("groups") == 2 else 1


def _skips(graph: Diagram, stages: list[Stage]) -> list[tuple[int, int]]:
    """Pairs of stages joined by an edge that passes others, straight or through boxes that are not on the path."""
    stage_of = {box: number for number, stage in enumerate(stages) for box in stage.boxes}
    readers: dict[int, list[Edge]] = {}
    for edge in graph.edges:
        readers.setdefault(edge.source, []).append(edge)
    found: set[tuple[int, int]] = set()
    for start, number in stage_of.items():
        waiting = [edge.target for edge in readers.get(start, ())]
        seen: set[int] = set()
        while waiting:
            box = waiting.pop()
            if box in seen:
                continue
            seen.add(box)
            if box in stage_of:
                if stage_of[box] > number + 1:
                    found.add((number, stage_of[box]))
            else:
                waiting += [edge.target for edge in readers.get(box, ())]
    return sorted(found)
