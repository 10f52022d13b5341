"""A network at other input sizes: it is built at each size, because a size between two that fit need not fit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from convcalc.analysis.size_formula import Axes, span
from convcalc.arith.shape import Shape
from convcalc.errors import SpecError
from convcalc.language.overrides import Overrides, as_value
from convcalc.language.spec import Spec
from convcalc.layers.base import Layer
from convcalc.layers.leading_axes import of_place
from convcalc.layers.slicing import CenterCrop, Pad
from convcalc.layers.transposed_convolution import TransposedConvolution
from convcalc.layers.windows import WindowLayer
from convcalc.network.build import build
from convcalc.network.graph import Graph, Node
from convcalc.problems import Problem
from convcalc.text.collector import Problems

Counts = dict[str, tuple[int, ...]]


class Fit:
    """A network at one input size. Layers are given by name, None where there is no such layer.

    `problem` is why the network cannot be built; all other fields are then empty. `resized` is the first layer with
    another number of parameters than in the spec's own network. `uneven` is the first layer whose stride leaves cells
    over, also padding, and `dropping` the first that leaves out cells of its input. `off_centre` is the first that
    crops or pads by an odd number of cells.
    """

    __slots__ = ("dropping", "off_centre", "problem", "resized", "shapes", "size", "uneven")

    def __init__(self, size: int, found: Graph | Problem, own: Counts) -> None:
        self.size = size
        self.problem: Problem | None = None
        self.shapes: dict[str, Shape] = {}
        self.resized: str | None = None
        self.uneven: str | None = None
        self.dropping: str | None = None
        self.off_centre: str | None = None
        if isinstance(found, Problem):
            self.problem = found
            return
        self.resized = _first_difference(parameter_counts(found), own)
        for node in found.nodes:
            self.shapes[node.name] = node.output_shape
            if isinstance(of_place(node.layer), WindowLayer):
                self._note_leftovers(node, found)
            elif self.off_centre is None and centres(node) and _odd(found.input_shapes(node)[0], node.output_shape):
                self.off_centre = node.name

    def _note_leftovers(self, node: Node, graph: Graph) -> None:
        leading = node.layer.channel_axis  # a window's map begins with its channels
        shape, output = graph.input_shapes(node)[0][leading:], node.output_shape[leading:]
        for over, lost in leftovers(of_place(node.layer), shape, output):
            if over and self.uneven is None:
                self.uneven = node.name
            if lost and self.dropping is None:
                self.dropping = node.name


def fits(spec: Spec, own: Graph, changes: Overrides, axes: Axes, sizes: Iterable[int]) -> Iterator[Fit]:
    """The network at each of `sizes` along `axes`; the other axes keep the sizes that they have in `own`."""
    counts = parameter_counts(own)
    for size in sizes:
        inputs = {
            name: [size if axis in axes[name] else length for axis, length in enumerate(shape)]
            for name, shape in own.inputs.items()
        }
        overrides = changes.with_input(as_value(inputs))
        try:
            yield Fit(size, build(spec, Problems(spec.source), own.variant, overrides), counts)
        except SpecError as error:
            yield Fit(size, error.problems[0], counts)


def parameter_counts(graph: Graph) -> Counts:
    """The parameters of each layer that has some, term by term."""
    known: dict[tuple[int, tuple[Shape, ...]], tuple[int, ...]] = {}
    counts = {}
    for node in graph.nodes:
        if not node.layer.has_parameters:
            continue
        key = id(node.layer), graph.input_shapes(node)
        if key not in known:
            values = node.layer.values(key[1], node.output_shape)
            known[key] = tuple([term.written(values) for term in node.layer.terms()])
        counts[node.name] = known[key]
    return counts


def _first_difference(counts: Counts, own: Counts) -> str | None:
    if counts == own:
        return None
    return next(name for name in {**counts, **own} if counts.get(name) != own.get(name))


def leftovers(layer: Layer, shape: Shape, output: Shape) -> Iterator[tuple[int, int]]:
    """For each axis of a window: the cells after the last window, padding included, and how many of them are lost.

    Lost are cells of the input, without the gap that a stride above the kernel size leaves between any two windows.

    >>> from convcalc.layers import find
    >>> pool = find("max_pool2d").build({"kernel_size": 3, "stride": 2, "padding": [[0, 1], [0, 0]]})
    >>> list(leftovers(pool, (8, 11, 12), (8, 5, 5)))
    [(1, 0), (1, 1)]
    """
    if not isinstance(layer, WindowLayer) or isinstance(layer, TransposedConvolution) or max(layer.stride) == 1:
        return
    for axis, units in zip(layer.axis_values(shape[1:]), output[1:]):
        end = (units - 1) * axis["stride"] + span(axis)
        over = axis["before"] + axis["size"] + axis["after"] - end  # below 0 where ceil_mode hangs over
        gap = max(axis["stride"] - span(axis), 0)
        yield max(over, 0), max(over - axis["after"] - gap, 0)


def centres(node: Node) -> bool:
    """Whether a layer puts one map in the middle of another, which an odd difference does not allow."""
    layer = of_place(node.layer)
    return isinstance(layer, CenterCrop) or (isinstance(layer, Pad) and layer.like is not None)


def _odd(shape: Shape, output: Shape) -> bool:
    return any((before - after) % 2 for before, after in zip(shape[1:], output[1:]))
