"""What PyTorch says of one layer: its output shape, parameters, buffers and multiply-accumulates.

`evaluate("conv2d", {"out_channels": 6, "kernel_size": 5}, [[1, 28, 28]])` builds the module that the type
means and runs it on one sample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'
from torch.utils import flop_counter  # type: ignore[import-not-found, unused-ignore]  # as above
from torch.utils._python_dispatch import TorchDispatchMode  # type: ignore[import-not-found, unused-ignore]  # as above

from tests.oracles import (
    torch_algebra,
    torch_given,
    torch_pointwise,
    torch_shapes,
    torch_states,
    torch_tokens,
    torch_windows,
)
from tests.oracles.torch_registry import Builder, LayerCall, TorchLayer

BUILDERS: dict[str, Builder] = {
    **torch_windows.builds,
    **torch_pointwise.builds,
    **torch_shapes.builds,
    **torch_tokens.builds,
    **torch_algebra.builds,
    **torch_given.builds,
    **torch_states.builds,
}

# How PyTorch, and Python on its behalf, turn a layer down.
REFUSALS = (RuntimeError, ValueError, TypeError, IndexError, AssertionError, ArithmeticError)


@dataclass(frozen=True)
class Outcome:
    """The figures of one layer for one sample; the shape is without the batch."""

    output_shape: tuple[int, ...]
    params: int
    buffers: int
    macs: int


def build(kind: str, config: Mapping[str, Any], input_shapes: Sequence[Sequence[int]]) -> TorchLayer:
    """The layer that a spec means, on the current default device.

    Raises one of `REFUSALS` where PyTorch turns it down, and `OracleGapError` where it has no counterpart.
    """
    leading = config.get("leading_axes", 0)
    config = {key: value for key, value in config.items() if key != "leading_axes"}
    call = LayerCall(kind, config, [shape[leading:] for shape in input_shapes])
    layer = BUILDERS[kind](call)
    call.finish()
    return _at_each_place(layer, leading) if leading else layer


def _at_each_place(layer: TorchLayer, leading: int) -> TorchLayer:
    """The layer with its batch made of the places of the leading axes."""

    def forward(*inputs: torch.Tensor) -> torch.Tensor:
        if len({tensor.shape[: leading + 1] for tensor in inputs}) > 1:
            raise ValueError("inputs with other leading axes")
        places = inputs[0].shape[: leading + 1]
        output: torch.Tensor = layer.forward(*(tensor.flatten(0, leading) for tensor in inputs))
        return output.reshape(*places, *output.shape[1:])

    return TorchLayer(forward, layer.parameters, layer.buffers)


def sample(shape: Sequence[int]) -> torch.Tensor:
    """One input with the batch axis; zeros, which are valid as indices too."""
    return torch.zeros(1, *shape)


def evaluate(
    kind: str,
    config: Mapping[str, Any],
    input_shapes: Sequence[Sequence[int]],
    device: str = "meta",
) -> Outcome:
    """Builds the layer and runs it; the meta device computes shapes alone, and checks less than a real one.

    PyTorch counts the products of a recurrent layer on the meta device only.
    """
    with torch.device(device):
        layer = build(kind, config, input_shapes)
        with Products() as products:
            output = layer.forward(*map(sample, input_shapes))
    return Outcome(tuple(output.shape[1:]), layer.parameter_count, layer.buffer_count, products.macs)


class Products(TorchDispatchMode):  # type: ignore[misc, no-untyped-call, unused-ignore]  # torch is an optional extra
    """Counts the multiply-accumulates of what runs under it, by PyTorch's own formula for each operation.

    PyTorch's FlopCounterMode has the same formulas, and takes twice the time because it also decomposes operations.
    """

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call, unused-ignore]
        self._operations = 0

    def __torch_dispatch__(self, function: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        output = function(*args, **(kwargs or {}))
        count = flop_counter.flop_registry.get(function._overloadpacket)
        if count is not None:
            self._operations += count(*args, **(kwargs or {}), out_val=output)
        return output

    @property
    def macs(self) -> int:
        """The formulas count each multiply-accumulate as two operations."""
        return int(self._operations) // 2
