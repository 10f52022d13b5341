"""Repeating: elements, whole inputs or the places of an axis, several times."""

from __future__ import annotations

from convcalc.arith.shape import Shape
from convcalc.arith.window import Window, periodic, repeated
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link, Part, axis_from, links
from convcalc.layers.broadcasting import stretched
from convcalc.layers.parameters import Integer, Integers


class Expand(Layer):
    """Axes of size 1 repeated to the sizes of `shape`; new axes may come before them.

    Example:
        input: [1, 64]
        layers:
          - expand: {shape: [49, -1]}

    Shape:
        `shape`, in which -1 keeps the size of the input

    Errors:
        wrong-size          an axis of another size than 1 would change, or `shape` is too short

    Source:
        PyTorch's expand.
    """

    shape = Integers(minimum=-1, help="the new sizes; -1 keeps one")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        old, new = inputs[0], self.shape
        missing = len(new) - len(old)
        if missing < 0 or 0 in new or -1 in new[:missing]:
            raise self._misfit()
        sizes = [have if want == -1 else want for have, want in zip((*(1,) * missing, *old), new)]
        if any(have not in (1, want) for have, want in zip(old, sizes[missing:])):
            raise self._misfit()
        return tuple(sizes)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (tuple(stretched(inputs[0], output)),)

    def _misfit(self) -> LayerError:
        return LayerError(
            "wrong-size",
            f"the {{input}} cannot be expanded to {list(self.shape)}",
            parameter="shape",
            help="only axes of size 1 are repeated; -1 keeps an axis of the input, and new axes come first",
        )


class Tile(Layer):
    """Copies of the whole input side by side, a number of them along each axis.

    Example:
        input: [8, 4]
        layers:
          - tile: {repeats: [2, 1]}

    Shape:
        each size times its number of repeats; where there are more repeats than axes, axes of size 1 come first

    Errors:
        none of its own

    Source:
        PyTorch's tile and repeat.
    """

    repeats = Integers(help="how many times along each axis, the last one last")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        old, repeats = self._aligned(inputs[0])
        return tuple([size * count for size, count in zip(old, repeats)])

    def _aligned(self, shape: Shape) -> tuple[Shape, tuple[int, ...]]:
        """The sizes and the repeats, both as long as the longer one."""
        rank = max(len(shape), len(self.repeats))
        return (1,) * (rank - len(shape)) + shape, (1,) * (rank - len(self.repeats)) + self.repeats

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        new = len(output) - len(shape)
        read: list[Part] = [None] * new
        for axis, size in enumerate(shape):
            read.append(Link(axis, None if output[new + axis] == size else _again(size)))
        return (tuple(read),)


class RepeatInterleave(Layer):
    """Each place of one axis repeated, one behind the other.

    Example:
        input: [2, 128, 64]
        layers:
          - repeat_interleave: {repeats: 4, axis: 0}

    Shape:
        the size along `axis` times `repeats`

    Errors:
        wrong-axis          the input has no such axis

    Source:
        PyTorch's repeat_interleave.
    """

    repeats = Integer(help="how many times")
    axis = Integer(minimum=None, help="the axis whose places are repeated")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        return (*shape[:axis], shape[axis] * self.repeats, *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        window = repeated(self.repeats)
        return (tuple(links(len(output), through={self.axis % len(output): window})),)


def _again(size: int) -> Window:
    """Output u reads position u % size: the axis starts again after its end."""
    return periodic(size, 0, lambda place: (place, place, 1))


TYPES = {
    "expand": LayerType("expand", Expand),
    "tile": LayerType("tile", Tile),
    "repeat_interleave": LayerType("repeat_interleave", RepeatInterleave),
}
