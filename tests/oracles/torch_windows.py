"""Layers that slide a window: convolutions, transposed ones, and pooling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import (
    LayerCall,
    OracleGapError,
    Register,
    Shape,
    TorchLayer,
    per_axis,
    ranks,
    torch_class,
)

builds = Register()

Pairs = list[tuple[int, int]]


def pad_cells(tensor: torch.Tensor, pairs: Pairs, mode: str = "constant", value: float = 0.0) -> torch.Tensor:
    """Pads the trailing axes; `torch.nn.functional.pad` counts them from the last."""
    flat = list(chain.from_iterable(reversed(pairs)))
    if mode == "circular":
        for size, pair in zip(tensor.shape[-len(pairs) :], pairs, strict=True):
            if min(pair) < 0 and max(pair) > size + min(pair):
                raise ValueError("more cells than are left: PyTorch copies memory that it has not written")
    return torch.nn.functional.pad(tensor, flat, mode, value if mode == "constant" else None)


def explicit_pairs(padding: Any, rank: int, least: int | None = 0) -> Pairs:
    """[before, after] for each axis, from a number, a list of numbers or a list of pairs."""
    if isinstance(padding, str):
        raise ValueError(f"padding {padding!r}")
    if isinstance(padding, Sequence) and all(isinstance(pair, Sequence) for pair in padding):
        pairs = [(before, after) for before, after in padding]
    else:
        pairs = [(number, number) for number in per_axis(padding, rank)]
    if len(pairs) != rank or (least is not None and min(chain.from_iterable(pairs)) < least):
        raise ValueError(f"padding {padding} on {rank} axes")
    return pairs


def _same_pair(size: int, kernel: int, stride: int, dilation: int) -> tuple[int, int]:
    """TensorFlow's SAME: ceil(size / stride) positions, the odd cell after."""
    positions = -(-size // stride)
    total = max((positions - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
    return total // 2, total - total // 2


def symmetric(pairs: Pairs) -> Shape | None:
    """One number for each axis where PyTorch's own padding argument can say it."""
    return tuple(before for before, _ in pairs) if all(before == after for before, after in pairs) else None


@dataclass(frozen=True)
class Window:
    """The window of a layer, one number for each spatial axis."""

    kernel: Shape
    stride: Shape
    dilation: Shape

    @classmethod
    def take(cls, call: LayerCall, stride: Shape | int | None = 1) -> Window:
        """Takes the window's parameters; a `stride` of None means that of the kernel, as in pooling.

        All are at least 1: the meta device lets others through, and the kernels divide by them.
        """
        call.check_rank()
        kernel = call.per_axis("kernel_size")
        window = cls(kernel, call.per_axis("stride", stride or kernel), call.per_axis("dilation", 1))
        if min(chain(window.kernel, window.stride, window.dilation)) < 1:
            raise ValueError(f"{call.kind}: {window}")
        return window

    def padding(self, call: LayerCall) -> Pairs:
        """[before, after] for each axis, from any spelling that a spec allows."""
        padding = call.take("padding", 0)
        if padding == "valid":
            padding = 0
        if padding == "same":
            return [
                _same_pair(*axis) for axis in zip(call.shape[1:], self.kernel, self.stride, self.dilation, strict=True)
            ]
        return explicit_pairs(padding, call.rank)


def _convolution_module(call: LayerCall, window: Window, padding: Shape | None, **more: Any) -> Any:
    """Any convolution of torch.nn; `padding` where its own argument can say it."""
    call.only("sharing", "full")
    call.only("connection_table", None)
    bias = call.take("bias", True)
    if bias == "per_position":
        raise OracleGapError("PyTorch has no bias for each position")
    return torch_class(call.kind)(
        call.shape[0],
        call.positive("out_channels"),
        window.kernel,
        stride=window.stride,
        padding=padding or 0,
        dilation=window.dilation,
        groups=call.take("groups", 1),
        bias=bias is not False,
        **more,
    )


@builds(*ranks("conv"))
def convolution(call: LayerCall) -> TorchLayer:
    """What its own padding cannot say, PyTorch pads beforehand, as its modules do for every mode but zeros."""
    window = Window.take(call)
    causal, mode = call.take("causal", False), call.take("padding_mode", "zeros")
    pairs = _causal_padding(call, window) if causal and call.rank == 1 else window.padding(call)
    native = symmetric(pairs) if mode == "zeros" else None
    rebuild = _reparametrisation(call)
    module = _convolution_module(call, window, native)
    if causal and call.rank > 1:
        module.weight.data *= mask(window.kernel, strict=causal == "strict")
    filled = "constant" if mode == "zeros" else mode
    return rebuild(module, None if native else lambda image: module(pad_cells(image, pairs, filled)))


def _causal_padding(call: LayerCall, window: Window) -> Pairs:
    if any(chain.from_iterable(window.padding(call))) and not isinstance(call.given("padding"), str):
        raise ValueError("a causal convolution in one dimension has padding of its own")
    return [(window.dilation[0] * (window.kernel[0] - 1), 0)]


def mask(kernel: Shape, *, strict: bool) -> torch.Tensor:
    """One for the taps that PixelCNN's masks keep: those before the middle one, and but for mask A the middle one."""
    order = torch.arange(math.prod(kernel)).reshape(kernel)
    middle = order[tuple(size // 2 for size in kernel)]
    kept = order < middle if strict else order <= middle
    if not kept.any():
        raise ValueError("no tap is left")
    return kept.float()


Rebuild = Callable[..., TorchLayer]


def _reparametrisation(call: LayerCall) -> Rebuild:
    """Takes the parameters that say how weights are made, and gives what makes them so."""
    names = ("weight_norm", "spectral_norm", "fixed_weights")
    axis = call.given("weight_norm")
    settings = {"dim": axis["axis"]} if isinstance(axis, dict) else {}
    ways = [name for name in names if call.take(name, False)]
    call.take("weight_standardization", False)
    if len(ways) > 1:
        raise ValueError("two ways to make the weights")

    def rebuild(module: Any, forward: Callable[..., torch.Tensor] | None = None) -> TorchLayer:
        if ways and ways[0] != "fixed_weights":
            getattr(torch.nn.utils.parametrizations, ways[0])(module, **(settings if ways[0] == "weight_norm" else {}))
        layer = TorchLayer.of(module, forward)
        if ways != ["fixed_weights"]:
            return layer
        learned = tuple(tensor for tensor in layer.parameters if tensor is not module.weight)
        return TorchLayer(layer.forward, learned, (*layer.buffers, module.weight))

    return rebuild


@builds("linear")
def linear(call: LayerCall) -> TorchLayer:
    rebuild = _reparametrisation(call)
    return rebuild(torch.nn.Linear(call.shape[-1], call.positive("out_features"), bias=call.take("bias", True)))


@builds(*ranks("conv_transpose"))
def transposed_convolution(call: LayerCall) -> TorchLayer:
    window = Window.take(call)
    pairs = window.padding(call)
    native = symmetric(pairs)
    rebuild = _reparametrisation(call)
    size, added = call.take("output_size", None), call.per_axis("output_padding", 0)
    if size is not None and any(added):
        raise ValueError("output_size and output_padding")
    module = _convolution_module(call, window, native, output_padding=added)
    if size is None:
        return rebuild(module, None if native else lambda image: crop_cells(module(image), pairs))
    # The module without padding makes the output as large as it is before its ends are cut off.
    whole = [wanted + sum(pair) for wanted, pair in zip(per_axis(size, call.rank), pairs, strict=True)]
    if native:
        return rebuild(module, lambda image: module(image, output_size=per_axis(size, call.rank)))
    return rebuild(module, lambda image: crop_cells(module(image, output_size=whole), pairs))


def crop_cells(tensor: torch.Tensor, pairs: Pairs) -> torch.Tensor:
    """Takes cells off the trailing axes: what padding means to a transposed convolution."""
    first = tensor.dim() - len(pairs)
    for axis, (before, after) in enumerate(pairs, start=first):
        tensor = tensor.narrow(axis, before, tensor.shape[axis] - before - after)
    return tensor


@builds(*ranks("max_pool"), *ranks("avg_pool"))
def pooling(call: LayerCall) -> TorchLayer:
    window = Window.take(call, stride=None)
    pairs = window.padding(call)
    native = symmetric(pairs)
    pool_class = torch_class(call.kind)
    settings = call.arguments(pool_class)
    if call.kind.startswith("max"):
        settings["dilation"] = window.dilation
    elif set(window.dilation) != {1}:
        raise OracleGapError("PyTorch's average pooling has no dilation")
    pool = pool_class(window.kernel, stride=window.stride, padding=native or 0, **settings)
    if native is not None:
        return TorchLayer.of(pool)
    if settings.get("ceil_mode"):
        raise OracleGapError("a window of ceil_mode may not start in padding after, which padding beforehand hides")
    return TorchLayer.of(pool, lambda image: pool(pad_cells(image, pairs)))


@builds(*ranks("max_unpool"))
def unpooling(call: LayerCall) -> TorchLayer:
    """The usual size, or one that is given; places are all 0 here."""
    call.check_rank()
    sizes = call.take("output_size", None)
    kernel = call.per_axis("kernel_size")
    stride, padding = call.per_axis("stride", kernel), call.per_axis("padding", 0)
    if min(*kernel, *stride) < 1 or min(padding) < 0:
        raise ValueError(f"{call.kind}: {kernel}, {stride}, {padding}")
    module = torch_class(call.kind)(kernel, stride, padding)
    wanted = None if sizes is None else per_axis(sizes, call.rank)

    def forward(image: torch.Tensor, places: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = module(image, places.long(), wanted)
        return output

    return TorchLayer(forward)


@builds(*ranks("adaptive_avg_pool"), *ranks("adaptive_max_pool"))
def adaptive_pooling(call: LayerCall) -> TorchLayer:
    call.check_rank()
    return TorchLayer.of(torch_class(call.kind)(call.per_axis("output_size")))


@builds("global_avg_pool", "global_max_pool")
def global_pooling(call: LayerCall) -> TorchLayer:
    if len(call.shape) < 2:
        raise ValueError(f"{call.kind} has no positions to pool in {call.shape}")
    axes = tuple(range(2, len(call.shape) + 1))
    reduce = torch.mean if call.kind == "global_avg_pool" else torch.amax
    return TorchLayer(lambda image: reduce(image, axes, keepdim=True))
