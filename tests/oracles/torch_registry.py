"""What the PyTorch oracle is made of: a layer with its parameters, and the register of builders.

The oracle shares no code with convcalc: it reads the spec's words and asks PyTorch what they come to.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

# The tensors are tiny: further threads wait in a busy loop and only cost time.
torch.set_num_threads(1)

Shape = tuple[int, ...]


class OracleGapError(Exception):
    """The oracle cannot express this layer: a gap in the tests, and no verdict about the layer."""


@dataclass(frozen=True)
class TorchLayer:
    """A callable on tensors with a batch axis, and the tensors that it owns."""

    forward: Callable[..., torch.Tensor]
    parameters: tuple[torch.Tensor, ...] = ()
    buffers: tuple[torch.Tensor, ...] = ()

    @classmethod
    def of(cls, module: torch.nn.Module, forward: Callable[..., torch.Tensor] | None = None) -> TorchLayer:
        """`module` in inference mode, called through `forward` where its own call is not the layer's."""
        module.eval()
        return cls(forward or module, tuple(module.parameters()), tuple(module.buffers()))

    @property
    def parameter_count(self) -> int:
        return sum(tensor.numel() for tensor in self.parameters)

    @property
    def buffer_count(self) -> int:
        return sum(tensor.numel() for tensor in self.buffers)


class LayerCall:
    """One layer as a spec writes it: its type, its parameters and the shapes it reads, without the batch.

    Parameters are taken out one by one, so that one which no builder understands is noticed, not ignored.
    """

    def __init__(self, kind: str, config: Mapping[str, Any], input_shapes: Sequence[Sequence[int]]) -> None:
        self.kind = kind
        self.input_shapes: list[Shape] = [tuple(shape) for shape in input_shapes]
        self._config = config
        self._left = {key: value for key, value in config.items() if value is not None}

    @property
    def shape(self) -> Shape:
        """The shape of the first input."""
        return self.input_shapes[0]

    @property
    def rank(self) -> int:
        """The number of spatial axes that the type's name says: 2 for `conv2d`."""
        digits = re.search(r"(\d)d$", self.kind)
        if digits is None:
            raise OracleGapError(f"{self.kind} does not name its number of axes")
        return int(digits.group(1))

    def take(self, name: str, default: Any) -> Any:
        return self._left.pop(name, default)

    def given(self, name: str) -> Any:
        """A parameter as the spec writes it, taken or not."""
        return self._config.get(name)

    def require(self, name: str) -> Any:
        if name not in self._left:
            raise ValueError(f"{self.kind} needs {name}")
        return self._left.pop(name)

    def only(self, name: str, *allowed: Any) -> None:
        """Takes a parameter for which PyTorch has a counterpart only at some values."""
        value = self.take(name, allowed[0])
        if value not in allowed:
            raise OracleGapError(f"{self.kind} with {name} {value!r} has no counterpart in PyTorch")

    def per_axis(self, name: str, default: Any = None) -> Shape:
        """One number for each spatial axis, from a number or a list with one for each."""
        value = self.require(name) if default is None else self.take(name, default)
        return per_axis(value, self.rank)

    def arguments(self, function: Callable[..., Any]) -> dict[str, Any]:
        """Takes every parameter that `function` has an argument of the same name for."""
        known = inspect.signature(function).parameters
        return {name: self._left.pop(name) for name in list(self._left) if name in known}

    def positive(self, name: str) -> int:
        """Takes a required count; a negative one reaches PyTorch as some other complaint, or none."""
        value = self.require(name)
        if value < 1:
            raise ValueError(f"{self.kind}: {name} must be at least 1, not {value}")
        return int(value)

    def check_rank(self) -> None:
        """Refuses an input short of one axis, which PyTorch would read as an image without a batch."""
        self.check_rank_is(self.rank)

    def check_rank_is(self, rank: int) -> None:
        """The same for a type whose name has no rank."""
        if len(self.shape) != rank + 1:
            raise ValueError(f"{self.kind} reads {rank + 1} axes, not {len(self.shape)}")

    def finish(self) -> None:
        if self._left:
            raise OracleGapError(f"{self.kind}: the oracle does not know {', '.join(sorted(self._left))}")


Builder = Callable[[LayerCall], TorchLayer]


class Register(dict[str, Builder]):
    """Builders by layer type; calling it with type names gives the decorator that adds one."""

    def __call__(self, *kinds: str) -> Callable[[Builder], Builder]:
        def register(builder: Builder) -> Builder:
            for kind in kinds:
                assert kind not in self, f"{kind} has two builders"
                self[kind] = builder
            return builder

        return register


def ranks(stem: str) -> tuple[str, ...]:
    """`conv` -> conv1d, conv2d, conv3d."""
    return tuple(f"{stem}{rank}d" for rank in (1, 2, 3))


_CLASSES = {name.lower(): getattr(torch.nn, name) for name in dir(torch.nn) if name[0].isupper()}


def torch_class(kind: str) -> Any:
    """The class of torch.nn whose name in snake_case is `kind`: `max_pool2d` -> MaxPool2d."""
    return _CLASSES[kind.replace("_", "")]


def per_axis(value: Any, rank: int) -> Shape:
    """A number for every axis, or one for each.

    PyTorch's kernels also stretch lists of one, which it does not document.
    """
    if isinstance(value, int):
        return (value,) * rank
    if len(value) != rank:
        raise ValueError(f"{value} does not have one number for each of {rank} axes")
    return tuple(value)


def batched_axis(axis: int, dimensions: int) -> int:
    """Where an axis that was counted without the batch lies in a tensor that has one."""
    if not -dimensions <= axis < dimensions:
        raise IndexError(f"axis {axis} of {dimensions} axes")
    return axis % dimensions + 1
