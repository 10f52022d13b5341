"""The panels of a wiring figure: lines between cells, each with the number of its weight, and what is said below."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.units import count_of, group_digits
from convcalc.drawing.graph.words import parameters
from convcalc.drawing.wiring.cells import Example, of_linear, of_window
from convcalc.errors import UsageError
from convcalc.layers.base import Layer
from convcalc.layers.dense import Linear
from convcalc.layers.leading_axes import Distributed
from convcalc.layers.weights import WeightedLayer
from convcalc.layers.windows import WindowLayer
from convcalc.report.rows import Row


class Connection(NamedTuple):
    """A line from an input cell to an output cell with a weight: lines with one number have the same weight."""

    source: int
    target: int
    weight: int


class Panel(NamedTuple):
    """One way of wiring: its title, its lines, what they show, and the count of the whole layer."""

    title: str
    connections: tuple[Connection, ...]
    sentences: tuple[str, ...]
    figure: str

    @property
    def weights(self) -> int:
        return len({each.weight for each in self.connections})


class Table(NamedTuple):
    """A connection table: for each output map the input maps that it reads."""

    title: str
    rows: tuple[tuple[int, ...], ...]
    inputs: int
    sentences: tuple[str, ...]
    figure: str


class Wiring(NamedTuple):
    """A figure: a title, what the example leaves out, the cells, and the panels."""

    title: str
    note: str
    example: Example
    panels: tuple[Panel, ...]
    table: Table | None = None


_LARGEST_TABLE = 40  # rows or columns that can be seen


def wiring(row: Row) -> Wiring:
    """The wiring of a layer. Raises UsageError for one without weights over positions."""
    layer, shape, output = _inner(row)
    title = f"{row.name}: {row.type} {parameters(row)}, {format_shape(shape)} to {format_shape(output)}"
    if isinstance(layer, Linear):
        example = of_linear(shape, output)
        return Wiring(title, _note(example), example, (_fully_connected(row, example),))
    if not isinstance(layer, WindowLayer) or not isinstance(layer, WeightedLayer):
        raise UsageError(
            f"{row.name} is a {row.type}: it has no weights over positions",
            "draw the wiring of a convolution, a locally connected or a linear layer",
        )
    example = of_window(layer, shape, output)
    panels = [_fully_connected(row, example), _unshared(row, example), _shared(row, example)]
    mode = layer.sharing.mode
    if mode in ("tile", "regions"):
        panels.append(_in_sets(row, example, mode, layer.sharing.grid[-1]))
    return Wiring(title, _note(example, layer), example, tuple(panels), _table(row, layer, shape))


def _inner(row: Row) -> tuple[Layer, Shape, Shape]:
    """The layer without leading axes, and what it reads and writes."""
    layer = row.facts.layer
    if isinstance(layer, Distributed):
        return layer.layer, row.input_shapes[0][layer.count :], row.output_shape[layer.count :]
    shape = row.input_shapes[0] if row.input_shapes else ()  # a learned tensor reads nothing
    return layer, shape, row.output_shape


def _note(example: Example, layer: WeightedLayer | None = None) -> str:
    """What the example is of: one line of cells, of one channel."""
    seen = {"row": "One row of one channel", "length": "One channel", "vector": "The vector"}[example.axis]
    note = f"{seen} in, and one out." if example.axis != "vector" else f"{seen} in, and the one out."
    if not example.is_whole:
        note += (
            f" It is drawn with {example.size} and {len(example.taps)} cells in place of"
            f" {example.real[0]} and {example.real[1]}"
        )
        note += "; the window is the same." if layer is not None else "."
    if layer is not None and layer.groups > 1:
        note += f" In {layer.groups} groups: an output channel reads only the input channels of its group."
    return note


# --- Panels. ---


def _fully_connected(row: Row, example: Example) -> Panel:
    lines = [(cell, unit) for unit in range(len(example.taps)) for cell in range(example.size)]
    connections = tuple(Connection(cell, unit, number) for number, (cell, unit) in enumerate(lines))
    said = "Every output cell reads every input cell, each with a weight of its own."
    return Panel("Fully connected", connections, (said, _here(connections)), _count(row.facts.params_fully_connected))


def _unshared(row: Row, example: Example) -> Panel:
    connections = _connections(example, lambda unit: unit)
    said = "Every output cell reads its window, still with weights of its own."
    return Panel("Locally connected", connections, (said, _here(connections)), _count(row.facts.params_unshared))


def _shared(row: Row, example: Example) -> Panel:
    connections = _connections(example, lambda unit: example.residues[unit])
    said = "Every output cell reads its window with the same weights: one colour, one weight."
    return Panel("Shared weights", connections, (said, _here(connections)), _count(row.facts.params_shared))


def _in_sets(row: Row, example: Example, mode: str, size: int) -> Panel:
    outputs = len(example.taps)
    if mode == "tile":
        said = f"Cells {size} apart have the same weights."
        connections = _connections(example, lambda unit: unit % size)
    else:
        said = f"Each of {count_of(size, 'region')} along the row has its weights."
        connections = _connections(example, lambda unit: unit * size // outputs)
    title = "Shared in tiles" if mode == "tile" else "Shared in regions"
    return Panel(title, connections, (said, _here(connections)), _count(row.facts.params))


def _connections(example: Example, set_of: Callable[[int], int]) -> tuple[Connection, ...]:
    """The lines of the windows; outputs of one set use the same weights, tap by tap."""
    numbers: dict[tuple[int, int], int] = {}
    found = []
    for unit, taps in enumerate(example.taps):
        for place, cell in enumerate(taps):
            weight = numbers.setdefault((set_of(unit), place), len(numbers))
            found.append(Connection(cell, unit, weight))
    return tuple(found)


def _here(connections: Iterable[Connection]) -> str:
    lines = list(connections)
    weights = len({each.weight for each in lines})
    return f"Here: {count_of(len(lines), 'line')}, {count_of(weights, 'weight')}."


def _count(params: int | None) -> str:
    return "parameters unknown" if params is None else f"{group_digits(params)} parameters"


def _table(row: Row, layer: WeightedLayer, shape: Shape) -> Table | None:
    table = layer.connection_table
    if table is None or isinstance(table, int) or max(len(table), shape[0]) > _LARGEST_TABLE:
        return None
    read = sum(map(len, table))
    said = f"A dot where an output map reads an input map: {read} of {len(table) * shape[0]} pairs."
    return Table("Connection table", table, shape[0], (said,), _count(row.facts.params))
