"""Where the elements of a rearranged tensor come from."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import NamedTuple

from convcalc.arith.shape import Shape


class Run(NamedTuple):
    """Elements of the source at equal distances."""

    stride: int
    size: int


class Strides(NamedTuple):
    """A tensor as a view of a source: its first element, and the runs of each axis, the outer ones first.

    >>> Strides.of((4, 6)).reshape((4, 2, 3)).permute([1, 0, 2])
    Strides(first=0, axes=((Run(stride=3, size=2),), (Run(stride=6, size=4),), (Run(stride=1, size=3),)))
    """

    first: int
    axes: tuple[tuple[Run, ...], ...]

    @classmethod
    def of(cls, shape: Shape) -> Strides:
        """The source itself."""
        return cls(0, tuple(_joined([Run(prod(shape[axis + 1 :]), size)]) for axis, size in enumerate(shape)))

    def permute(self, order: Sequence[int]) -> Strides:
        """The same with its axes in that order."""
        return Strides(self.first, tuple(self.axes[axis] for axis in order))

    def reshape(self, shape: Shape) -> Strides:
        """The same elements in another shape. Raises ValueError where an axis would have several distances."""
        rest = [run for axis in self.axes for run in axis]
        axes = []
        for size in shape:
            taken: list[Run] = []
            while size > 1:
                if not rest:
                    raise ValueError("the shapes differ in their number of elements")
                run = rest.pop(0)
                inner = max(1, run.size // size)
                if run.size % inner or size % (run.size // inner):
                    raise ValueError("the axes do not divide")
                taken.append(Run(run.stride * inner, run.size // inner))
                size //= run.size // inner
                if inner > 1:
                    rest.insert(0, Run(run.stride, inner))
            axes.append(_joined(taken))
        return Strides(self.first, tuple(axes))

    def cut(self, axis: int, start: int, size: int) -> Strides:
        """Some places of an axis that has one distance. Raises ValueError for another."""
        if not self.axes[axis]:
            return self
        if len(self.axes[axis]) > 1:
            raise ValueError("the axis has several distances")
        run = self.axes[axis][0]
        axes = list(self.axes)
        axes[axis] = _joined([Run(run.stride, size)])
        return Strides(self.first + start * run.stride, tuple(axes))


def _joined(runs: list[Run]) -> tuple[Run, ...]:
    """The runs without those of one element, and with neighbours joined where they are one run."""
    joined: list[Run] = []
    for run in runs:
        if run.size == 1:
            continue
        if joined and joined[-1].stride == run.stride * run.size:
            joined[-1] = Run(run.stride, joined[-1].size * run.size)
        else:
            joined.append(run)
    return tuple(joined)
