"""The tensors that a layer needs, and what a checkpoint has in their place."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from convcalc.analysis.facts import Facts
from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.layers.base import PARAMS
from convcalc.weights.checkpoint import Tensor

COUNTER = "num_batches_tracked"


class Need(NamedTuple):
    """A tensor of a layer: its name, its number of elements, and its shape where PyTorch's is known.

    A buffer need not be in a checkpoint.
    """

    name: str
    elements: int
    shape: Shape | None = None
    is_buffer: bool = False

    @property
    def size(self) -> str:
        """The shape, or the number of elements, in words."""
        return format_shape(self.shape) if self.shape else f"{self.elements:,}"

    def is_met_by(self, tensor: Tensor, other_axes: bool) -> bool:
        if self.shape is None:
            return elements(tensor.shape) == self.elements
        if other_axes:
            return sizes(tensor.shape) == sizes(self.shape)
        return tensor.shape == self.shape


def sizes(shape: Shape) -> tuple[int, ...]:
    """The sizes of a shape in order of size, because the order of axes differs between libraries."""
    return tuple(sorted(size for size in shape if size != 1))


def needs(facts: Facts) -> list[Need] | None:
    """The tensors of a layer; None where they are unknown."""
    layer = facts.layer
    if PARAMS in layer.unknown:
        return None
    values = layer.values(facts.input_shapes, facts.output_shape)
    shapes = layer.tensors(facts.input_shapes, facts.output_shape)
    found = [Need(term.name, term.written(values), shapes.get(term.name)) for term in layer.terms()]
    found += [Need(name, count(values), is_buffer=True) for name, count in layer.buffers().items() if name != COUNTER]
    return [need for need in found if need.elements]


class Mismatch(NamedTuple):
    """A difference between a layer and a checkpoint. With two shapes, these are what differs."""

    kind: str
    message: str
    shape: Shape | None = None
    other: Shape | None = None


def differing(needed: Sequence[Need], tensors: Mapping[str, Tensor], other_axes: bool) -> Iterator[Mismatch]:
    """What differs between the needs of a layer and its tensors, which have their names in it."""
    open_needs, left = list(needed), dict(tensors)
    for need in needed:  # those of the same name
        tensor = left.get(need.name)
        if tensor is not None:
            open_needs.remove(need)
            del left[need.name]
            if not need.is_met_by(tensor, other_axes):
                yield _other_shape(need, tensor, "")
    for need in list(open_needs):  # those of another name
        name = next((name for name, tensor in left.items() if need.is_met_by(tensor, other_axes)), None)
        if name is not None:
            open_needs.remove(need)
            del left[name]
    missing = [need for need in open_needs if not need.is_buffer]
    left = {name: tensor for name, tensor in left.items() if not tensor.is_whole and COUNTER not in name}
    if sum(need.elements for need in missing) == sum(elements(tensor.shape) for tensor in left.values()):
        return  # stored in other pieces: the projections of an attention as one tensor
    if len(missing) == len(left):
        missing.sort(key=lambda need: -len(need.shape or ()))
        for need, (name, tensor) in zip(missing, sorted(left.items(), key=lambda each: -len(each[1].shape))):
            yield _other_shape(need, tensor, f" ({name})")
        return
    for need in missing:
        yield Mismatch(f"missing {need.name}", f"its {need.name} ({need.size}) is not in the checkpoint")
    for name, tensor in left.items():
        message = f"the checkpoint has {name} ({format_shape(tensor.shape)}), which it has no parameters for"
        yield Mismatch(f"surplus {name}", message)


def _other_shape(need: Need, tensor: Tensor, name: str) -> Mismatch:
    message = f"its {need.name} is {need.size}, in the checkpoint {format_shape(tensor.shape)}{name}"
    return Mismatch(f"shape {need.name}", message, need.shape or (need.elements,), tensor.shape)
