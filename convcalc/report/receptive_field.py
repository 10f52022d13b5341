"""The receptive field of a row, as raw numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.analysis.analyse import Analysis
from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.receptive_field import Field


class ReceptiveField:
    """The pixels that one unit of a tensor sees of one input, per spatial axis.

    `size` and `clipped` are the largest extents over the units, not cut and cut at the border of the image. `stride` is
    an integer, or a fraction as text. `stride` and `padding` are None where positions are no longer in order. An
    unknown figure is None.
    """

    __slots__ = ("_field",)

    def __init__(self, field: Field) -> None:
        self._field = field

    @property
    def size(self) -> list[int | None]:
        return [axis.size if axis is not None else None for axis in self._field.axes]

    @property
    def clipped(self) -> list[int | None]:
        return [axis.clipped_size if axis is not None else None for axis in self._field.axes]

    @property
    def stride(self) -> list[int | str | None] | None:
        return [stride_of(axis) for axis in self._field.axes] if self._field.in_order else None

    @property
    def padding(self) -> list[int | None] | None:
        axes = self._field.axes
        return [axis.padding if axis is not None else None for axis in axes] if self._field.in_order else None

    @property
    def aligned(self) -> bool | None:
        return self._field.aligned

    def __repr__(self) -> str:
        return f"<ReceptiveField {', '.join(f'{name}={value}' for name, value in self.to_dict().items())}>"

    def to_dict(self) -> dict[str, Any]:
        return {
            "size": self.size,
            "clipped": self.clipped,
            "stride": self.stride,
            "padding": self.padding,
            "aligned": self.aligned,
        }


def fields_of(analysis: Analysis, index: int) -> dict[str, ReceptiveField | None]:
    """The field of a node towards each input; None where the node does not depend on the input."""
    fields = {name: found[index] for name, found in analysis.fields.items()}
    return {name: None if field is None else ReceptiveField(field) for name, field in fields.items()}


def stride_of(axis: AxisField | None) -> int | str | None:
    """The stride along an axis: an integer, or a fraction as text."""
    stride = axis.stride if axis is not None else None
    if stride is None:
        return None
    return stride[0] if stride[1] == 1 else f"{stride[0]}/{stride[1]}"


def by_input(fields: dict[str, Any], render: Callable[[Any], Any]) -> Any:
    """The single value; a dictionary by input name where there are several inputs."""
    rendered = {name: render(field) for name, field in fields.items()}
    return rendered if len(rendered) > 1 else next(iter(rendered.values()))
