"""Makes the boxes and edges of a drawing from the rows of a report: blocks deeper than `depth` are one box."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from convcalc.arith.shape import format_shape
from convcalc.drawing.graph.diagram import Box, Diagram, Edge, Frame
from convcalc.drawing.graph.words import MERGE, counted, kind_of, parameters, times
from convcalc.network.graph import Graph
from convcalc.report.figure import Figure
from convcalc.report.rows import Row
from convcalc.report.sums import add_up, ratio, status

MOST_BOXES = 40  # as many as a reader can take in: the default depth shows no more


class Network(Protocol):
    """What is drawn: a report, or the section of one."""

    @property
    def rows(self) -> list[Row]: ...

    @property
    def graph(self) -> Graph: ...


class _Part(NamedTuple):
    """Consecutive rows that are one box, from row `first`; with `copies`, equal blocks that follow each other.

    The last of these is `last_name`, and begins with row `last_first`.
    """

    name: str
    first: int
    rows: list[Row]
    copies: int = 1
    last_name: str = ""
    last_first: int = 0


def diagram(report: Network, depth: int | None = None, heat: Figure | None = None, *, least: int = 1) -> Diagram:
    """The boxes and edges of a network; `depth` None opens the blocks as far as it stays readable, but to `least`.

    With a figure as `heat`, each box has its share of that figure of the whole network.
    """
    parts = _parts(report, depth) if depth is not None else _readable_parts(report, least)
    inputs = [
        Box(name, "input", (name, times(shape)), f"input {name}: {format_shape(shape)}")
        for name, shape in report.graph.inputs.items()
    ]
    total = None if heat is None else add_up([heat.of_layer(row) for row in report.rows])
    boxes = inputs + [_box(part, heat, total) for part in parts]
    owner = list(range(len(inputs)))  # the box of each tensor
    for number, part in enumerate(parts):
        owner += [len(inputs) + number] * len(part.rows)
    edges = _edges(report, owner, [report.graph.nodes[part.first].reads for part in parts])
    for name, tensor in report.graph.outputs.items():
        shape = report.graph.shape(tensor)
        edges.append(Edge(owner[tensor], len(boxes)))
        boxes.append(Box(name, "output", ("output", times(shape)), f"output {name}: {format_shape(shape)}"))
    return Diagram(boxes, edges, _frames(parts, len(inputs)))


def depth_of(report: Network) -> int:
    """The most parts that the name of a layer has."""
    return max((row.name.count(".") + 1 for row in report.rows), default=1)


def _readable_parts(report: Network, least: int) -> list[_Part]:
    """The parts at the largest depth that has no more boxes than a reader can take in; else at the `least` depth."""
    parts = _parts(report, least)
    for depth in range(least + 1, depth_of(report) + 1):
        deeper = _parts(report, depth)
        if len(deeper) > MOST_BOXES:
            break
        parts = deeper
    return parts


def _parts(report: Network, depth: int) -> list[_Part]:
    """The parts in the order of the network, with equal neighbours as one.

    Only consecutive rows are joined, so that each edge between two boxes leads to a later one.
    """
    parts: list[_Part] = []
    for index, row in enumerate(report.rows):
        name = ".".join(row.name.split(".", depth)[:depth])
        if parts and parts[-1].name == name:
            parts[-1].rows.append(row)
        else:
            parts.append(_Part(name, index, [row], last_first=index))
    return _with_repeats(report, parts)


# --- Repeats. ---


def _with_repeats(report: Network, parts: list[_Part]) -> list[_Part]:
    """The same with equal blocks in a chain as one part."""
    readers: dict[int, set[int]] = {}
    for index, node in enumerate(report.graph.nodes):
        for tensor in node.reads:
            readers.setdefault(tensor, set()).add(index)
    for tensor in report.graph.outputs.values():
        readers.setdefault(tensor, set()).add(-1)
    result: list[_Part] = []
    previous: tuple[object, ...] | None = None
    for part in parts:
        structure = _structure(report, part) if len(part.rows) > 1 else None
        if structure is not None and structure == previous and _hands_on_all(report, result[-1], part, readers):
            last = result[-1]
            last.rows.extend(part.rows)
            result[-1] = last._replace(copies=last.copies + 1, last_name=part.name, last_first=part.first)
        else:
            result.append(part)
        previous = structure
    return result


def _structure(report: Network, part: _Part) -> tuple[object, ...] | None:
    """What two equal blocks agree in; None where the part reads more than the layer before it."""
    first = report.graph.tensor_of(part.first)
    found: list[object] = []
    for row, node in zip(part.rows, report.graph.nodes[part.first : part.first + len(part.rows)]):
        if any(tensor < first - 1 for tensor in node.reads):
            return None
        reads = tuple(tensor - first for tensor in node.reads)
        found.append((row.type, reads, row.output_shape, row.params, repr(row.config)))
    return tuple(found)


def _hands_on_all(report: Network, before: _Part, part: _Part, readers: dict[int, set[int]]) -> bool:
    """Whether a part alone reads the layer before it, and nothing outside reads the others of the block before it."""
    own, following = range(before.last_first, part.first), range(part.first, part.first + len(part.rows))
    return all(
        reader in (following if index == own[-1] else own)
        for index in own
        for reader in readers.get(report.graph.tensor_of(index), ())
    )


# --- Boxes. ---


def _box(part: _Part, heat: Figure | None, total: int | None) -> Box:
    share, lines = None, _lines(part, shows_params=heat is None)
    if heat is not None:
        count = add_up([heat.of_layer(row) for row in part.rows])
        share = None if status(count) or status(total) else ratio(count, total)
        if count != 0:
            lines += (counted(count, heat.name) + (f", {share:.1%}" if share is not None else ""),)
    numbers = tuple(range(part.first, part.first + len(part.rows)))
    kind = kind_of(part.rows[0]) if len(part.rows) == 1 else "block"
    return Box(part.name, kind, lines, _tip(part), share, numbers)


def _lines(part: _Part, *, shows_params: bool) -> tuple[str, ...]:
    row = part.rows[0]
    if len(part.rows) > 1:
        name = part.name if part.copies == 1 else f"{part.name} … {part.last_name.rpartition('.')[2]} ×{part.copies}"
        params = f", {counted(add_up([each.params for each in part.rows]), 'params')}" if shows_params else ""
        return name, f"{len(part.rows)} layers{params}"
    described = f"{row.type} {parameters(row)}".strip()
    is_named = not row.name.rpartition(".")[2].startswith(f"{row.type}_")
    if kind_of(row) == MERGE or not is_named:
        return (described,)
    return row.name, described


def _tip(part: _Part) -> str:
    rows = part.rows
    if len(rows) > 1:
        return f"{part.name}: {len(rows)} layers, {counted(add_up([row.params for row in rows]), 'params')}"
    row = rows[0]
    return f"{row.name} ({row.type}): {format_shape(row.output_shape)}, {counted(row.params, 'params')}"


# --- Edges and frames. ---


def _edges(report: Network, owner: Sequence[int], first_reads: Sequence[Sequence[int]]) -> list[Edge]:
    """One edge for each pair of boxes, in the order of the network.

    The first from a tensor has its shape, where that is not the shape that the box reads. `owner` is the box of each
    tensor, `first_reads` the tensors that the first layer of each part reads.
    """
    graph, edges, done = report.graph, list[Edge](), set[tuple[int, int]]()
    inputs = len(graph.inputs)
    named = set(range(inputs))  # the box of an input says its shape
    for index, node in enumerate(graph.nodes):
        target = owner[graph.tensor_of(index)]
        for tensor in node.reads:
            source = owner[tensor]
            if source == target or (source, target) in done:
                continue
            done.add((source, target))
            label = ""
            if tensor not in named:
                named.add(tensor)
                reads = first_reads[source - inputs]
                label = times(graph.shape(tensor))
                label = "" if reads and graph.shape(reads[0]) == graph.shape(tensor) else label
            edges.append(Edge(source, target, label))
    return edges


def _frames(parts: Sequence[_Part], offset: int) -> list[Frame]:
    """The blocks that are opened, the outer ones first."""
    frames: list[Frame] = []
    deepest = max((part.name.count(".") for part in parts), default=0)
    for depth in range(1, deepest + 1):
        start = 0
        names = [_block(part.name, depth) for part in parts]
        for number in range(1, len(parts) + 1):
            if number < len(parts) and names[number] == names[start]:
                continue
            if names[start] and number - start > 1:
                frame = Frame(names[start], start + offset, number - 1 + offset)
                frames = [other for other in frames if other[1:] != frame[1:]]  # one name for one frame
                frames.append(frame)
            start = number
    return frames


def _block(name: str, depth: int) -> str:
    """The block `depth` levels down that a name is in; empty where it is in none."""
    words = name.split(".")
    return ".".join(words[:depth]) if len(words) > depth else ""
