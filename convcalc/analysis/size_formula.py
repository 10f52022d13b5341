"""The size of a map as a formula of the input's size n.

For whole numbers floor(floor(x / s) / t) = floor(x / (s t)): a chain of windows, however long, is one floor division.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import gcd

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.arith.window import BROADCAST, OUTPUT_SIZE, OUTPUT_SIZE_CEIL, SAME_SIZE, TRANSPOSED_SIZE
from convcalc.layers.base import Layer, LayerError, Link
from convcalc.network.graph import Graph, Node

Axes = Mapping[str, tuple[int, ...]]  # for each input the axes whose size is n
FloorStep = tuple[int, int, int]  # factor, added, divisor


class SizeFormula:
    """A size as nested floors of the input's size n: each step turns x into floor((factor x + added) / divisor).

    >>> half = N.then(1, 0, 2)
    >>> str(half.then(1, -2, 2)), half.then(1, -2, 2)(13)
    ('floor((n - 4) / 4)', 2)
    >>> str(half.then(2, 0, 1)), str(N.then(1, -3, 1).then(0, 6, 1))
    ('2 × floor(n / 2)', '6')
    """

    __slots__ = ("steps",)

    def __init__(self, steps: tuple[FloorStep, ...] = ()) -> None:
        self.steps = steps

    def __call__(self, size: int) -> int:
        for factor, added, divisor in self.steps:
            size = (factor * size + added) // divisor
        return size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, SizeFormula) and self.steps == other.steps

    def __hash__(self) -> int:
        return hash(self.steps)

    @property
    def is_constant(self) -> bool:
        """Whether the size is the same whatever the input."""
        return bool(self.steps) and self.steps[0][0] == 0

    def then(self, factor: int, added: int, divisor: int) -> SizeFormula:
        """One step more, joined with the one before wherever that is exact."""
        common = gcd(factor, divisor)
        factor, added, divisor = factor // common, added // common, divisor // common
        if (factor, added, divisor) == (1, 0, 1):
            return self
        if not self.steps or factor == 0:  # a factor of 0 makes all steps before it irrelevant
            return SizeFormula(((factor, added, divisor),))
        *before, (inner_factor, inner_added, inner_divisor) = self.steps
        if inner_divisor != 1 and factor != 1:
            return SizeFormula((*self.steps, (factor, added, divisor)))
        # Either the inner step divides nothing, or the outer one multiplies nothing.
        joined = factor * inner_factor, factor * inner_added + added * inner_divisor, inner_divisor * divisor
        return SizeFormula(tuple(before)).then(*joined)

    def __str__(self) -> str:
        text = "n"
        for factor, added, divisor in self.steps:
            text = text if factor == 1 else f"{factor} × {text}"
            if factor == 0:
                text = str(added)
            elif added:
                text = f"{text} {'-' if added < 0 else '+'} {abs(added):,}"
            if divisor > 1:
                text = f"floor(({text}) / {divisor})" if " " in text else f"floor({text} / {divisor})"
        return text


N = SizeFormula()


def span(axis: Mapping[str, int]) -> int:
    """The cells of the input from the first tap of a window to its last."""
    return axis["dilation"] * (axis["kernel"] - 1) + 1


def _floor_step(formula: Formula | None, axis: Mapping[str, int]) -> FloorStep | None:
    """The formula of a window as a step: all that it reads but the size is constant along an axis."""
    stride = axis["stride"]
    if formula is OUTPUT_SIZE:
        return 1, axis["before"] + axis["after"] - span(axis) + stride, stride
    if formula is OUTPUT_SIZE_CEIL:
        # With equal divisors, the smaller dividend gives the smaller floor.
        return 1, axis["before"] + stride - 1 + min(axis["after"] - span(axis) + stride, 0), stride
    if formula is SAME_SIZE:
        return 1, stride - 1, stride
    if formula is TRANSPOSED_SIZE:
        return stride, span(axis) + axis["output_padding"] - stride - axis["before"] - axis["after"], 1
    return None


# Far apart and of all residues, so that no curve looks straight on them.
PROBES = (1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597)

Formulas = tuple[SizeFormula | None, ...]


def size_formulas(graph: Graph, axes: Axes) -> dict[str, Formulas]:
    """For each input and node the size of each axis as a formula of n; None where none is known."""
    found: list[Formulas] = [
        tuple(N if axis in axes[name] else _constant(size) for axis, size in enumerate(shape))
        for name, shape in graph.inputs.items()
    ]
    for node in graph.nodes:
        shapes = graph.input_shapes(node)
        by_input: list[Formulas] = []
        for read, (tensor, part) in enumerate(zip(node.reads, node.layer.flow(shapes, node.output_shape))):
            parts = part if part is not None else tuple(map(Link, range(len(node.output_shape))))
            by_input.append(
                tuple(
                    _of_axis(node, shapes, read, axis, link, found[tensor])
                    for axis, link in zip(range(len(node.output_shape)), parts)
                )
            )
        found.append(tuple(map(_agreed, zip(*by_input))) if by_input else tuple(map(_constant, node.output_shape)))
    return {graph.tensor_name(tensor): formulas for tensor, formulas in enumerate(found)}


def _constant(size: int) -> SizeFormula:
    return N.then(0, size, 1)


def _agreed(formulas: Sequence[SizeFormula | None]) -> SizeFormula | None:
    """The formula of a merge: the simplest of those of its inputs, which agree; a size of 1 may be broadcast.

    Formulas that vary may also agree only because one is broadcast at some n: building the sizes shows that.
    """
    known = [formula for formula in formulas if formula is not None and formula != _constant(1)]
    constant = next((formula for formula in known if formula.is_constant), None)
    if known and constant is None:
        return min(known, key=lambda formula: (len(formula.steps), formula.steps))
    return constant if constant is not None or None in formulas else _constant(1)


def _of_axis(
    node: Node, shapes: tuple[Shape, ...], read: int, axis: int, link: object, formulas: Formulas
) -> SizeFormula | None:
    if link is None:
        return _constant(node.output_shape[axis])
    before = formulas[link.axis] if isinstance(link, Link) else None
    if before is None or not isinstance(link, Link):
        return None
    if link.window is BROADCAST:
        return before
    if before.is_constant:
        return _constant(node.output_shape[axis])
    if link.window is None:
        return before if shapes[read][link.axis] == node.output_shape[axis] else None
    step = _step(node.layer, shapes, link.axis, axis)
    return before.then(*step) if step is not None else None


def _step(layer: Layer, shapes: tuple[Shape, ...], axis: int, output_axis: int) -> FloorStep | None:
    """The step from an axis of the input to the one of the output that reads it."""
    formula = layer.window_formula()
    if formula is not None:
        step = _floor_step(formula, layer.window_values(shapes, ())[axis - layer.channel_axis - 1])
        if step is not None:
            return step
    if len(shapes) > 1 or any(getattr(layer, name) is not None for name in layer.like_parameters):
        return None
    # Padding, cropping, pooling to a size, a whole scale: straight lines, which a few points determine.
    points = []
    for size in PROBES:
        try:
            output = layer.output_shape(((*shapes[0][:axis], size, *shapes[0][axis + 1 :]),))
            points.append((size, output[output_axis]))
        except LayerError:
            continue
    if len(points) < 3:
        return None
    (start, first), (end, second), *others = points
    rise, run = second - first, end - start
    if any((value - first) * run != rise * (size - start) for size, value in others):
        return None
    return rise, first * run - rise * start, run
