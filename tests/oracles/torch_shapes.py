"""Layers that merge tensors or change their shape, and own no parameters."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from functools import reduce
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_registry import (
    LayerCall,
    Register,
    Shape,
    TorchLayer,
    batched_axis,
    per_axis,
    torch_class,
)
from tests.oracles.torch_windows import crop_cells, explicit_pairs, pad_cells

builds = Register()

_ELEMENTWISE = {"add": operator.add, "sub": operator.sub, "mul": operator.mul}


@builds(*_ELEMENTWISE)
def elementwise(call: LayerCall) -> TorchLayer:
    function = _ELEMENTWISE[call.kind]
    dimensions = max(map(len, call.input_shapes))

    def aligned(tensor: torch.Tensor) -> torch.Tensor:
        """Ones after the batch, so that shapes broadcast as if there were none."""
        return tensor.reshape(len(tensor), *(1,) * (dimensions + 1 - tensor.dim()), *tensor.shape[1:])

    return TorchLayer(lambda *tensors: reduce(function, map(aligned, tensors)))


@builds("concat")
def concat(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.take("axis", 0), len(call.shape))
    return TorchLayer(lambda *tensors: torch.cat(tensors, axis))


@builds("flatten")
def flatten(call: LayerCall) -> TorchLayer:
    start = batched_axis(call.take("start_axis", 0), len(call.shape))
    end = batched_axis(call.take("end_axis", -1), len(call.shape))
    return TorchLayer(lambda tensor: torch.flatten(tensor, start, end))


@builds("unflatten")
def unflatten(call: LayerCall) -> TorchLayer:
    axis, shape = batched_axis(call.require("axis"), len(call.shape)), call.require("shape")
    return TorchLayer(lambda tensor: torch.unflatten(tensor, axis, shape))


@builds("reshape")
def reshape(call: LayerCall) -> TorchLayer:
    shape = call.require("shape")
    return TorchLayer(lambda tensor: tensor.reshape(len(tensor), *shape))


@builds("permute")
def permute(call: LayerCall) -> TorchLayer:
    axes = [batched_axis(axis, len(call.shape)) for axis in call.require("axes")]
    return TorchLayer(lambda tensor: tensor.permute(0, *axes))


@builds("squeeze")
def squeeze(call: LayerCall) -> TorchLayer:
    """One axis, or all of them; never the batch."""
    axis = call.take("axis", None)
    chosen = range(len(call.shape)) if axis is None else [axis]
    axes = tuple(batched_axis(one, len(call.shape)) for one in chosen)
    return TorchLayer(lambda tensor: tensor.squeeze(axes))


@builds("unsqueeze")
def unsqueeze(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.require("axis"), len(call.shape) + 1)
    return TorchLayer(lambda tensor: tensor.unsqueeze(axis))


@builds("slice")
def slice_(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.take("axis", 0), len(call.shape))
    cut = slice(call.take("start", None), call.take("stop", None), call.take("step", None))
    return TorchLayer(lambda tensor: tensor[(slice(None),) * axis + (cut,)])


@builds("chunk")
def chunk(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.take("axis", 0), len(call.shape))
    chunks, index = call.require("chunks"), call.require("index")
    return TorchLayer(lambda tensor: torch.chunk(tensor, chunks, axis)[index])


@builds("pad")
def pad(call: LayerCall) -> TorchLayer:
    size, axes = call.take("size", None), call.take("axes", None)
    if axes is not None:
        return _pad_axes(call, axes)
    if size is None:
        pairs = explicit_pairs(call.require("padding"), len(call.shape) - 1, least=None)
    else:
        pairs = _halves(want - have for have, want in zip(call.shape[1:], _spatial(call, size), strict=True))
    mode, value = call.take("mode", "constant"), call.take("value", 0.0)
    return TorchLayer(lambda image, *_like: pad_cells(image, pairs, mode, value))


def _pad_axes(call: LayerCall, axes: list[int]) -> TorchLayer:
    """Any axes, by moving them to the end and back."""
    moved = [batched_axis(axis, len(call.shape)) for axis in axes]
    pairs = explicit_pairs(call.require("padding"), len(axes), least=None)
    mode, value = call.take("mode", "constant"), call.take("value", 0.0)
    ends = list(range(-len(axes), 0))

    def padded(tensor: torch.Tensor) -> torch.Tensor:
        tensor = tensor.movedim(moved, ends)
        before = tensor.shape[: -len(axes)]
        # With all other axes as one, as modes other than constant want it.
        result = pad_cells(tensor.reshape(1, -1, *tensor.shape[-len(axes) :]), pairs, mode, value)
        return result.reshape(*before, *result.shape[2:]).movedim(ends, moved)

    return TorchLayer(padded)


@builds("slice_scatter")
def slice_scatter(call: LayerCall) -> TorchLayer:
    axis = batched_axis(call.require("axis"), len(call.shape))
    start, stop, step = call.take("start", None), call.take("stop", None), call.take("step", 1)
    return TorchLayer(lambda tensor, part: torch.slice_scatter(tensor, part, axis, start, stop, step))


@builds("select_scatter")
def select_scatter(call: LayerCall) -> TorchLayer:
    axis, index = batched_axis(call.take("axis", 0), len(call.shape)), call.require("index")
    return TorchLayer(lambda tensor, part: torch.select_scatter(tensor, part, axis, index))


@builds("crop")
def crop(call: LayerCall) -> TorchLayer:
    pairs = explicit_pairs(call.require("cropping"), len(call.shape) - 1)
    return TorchLayer(lambda image: crop_cells(image, pairs))


@builds("center_crop")
def center_crop(call: LayerCall) -> TorchLayer:
    size = _spatial(call, call.require("size"))
    pairs = _halves(have - want for have, want in zip(call.shape[1:], size, strict=True))
    return TorchLayer(lambda image, *_like: crop_cells(image, pairs))


@builds("upsample")
def upsample(call: LayerCall) -> TorchLayer:
    size, factor = call.take("size", None), call.take("scale_factor", None)
    settings: dict[str, Any] = {
        "mode": call.take("mode", "nearest"),
        "align_corners": call.take("align_corners", None),
    }
    if size is not None:
        settings["size"] = _spatial(call, size)
    if factor is not None:
        settings["scale_factor"] = factor
    return TorchLayer(lambda image, *_like: torch.nn.functional.interpolate(image, **settings))


def _halves(cells: Iterable[int]) -> list[tuple[int, int]]:
    """For each axis the cells before and after; the odd one after."""
    return [(count // 2, count - count // 2) for count in cells]


def _spatial(call: LayerCall, value: Any) -> Shape:
    return per_axis(value, len(call.shape) - 1)


@builds("pixel_shuffle", "pixel_unshuffle")
def pixel_shuffle(call: LayerCall) -> TorchLayer:
    """On channels, height and width; PyTorch takes further axes before them as batches."""
    if len(call.shape) != 3:
        raise ValueError(f"{call.kind} reads channels, height and width, not {call.shape}")
    factor = "upscale_factor" if call.kind == "pixel_shuffle" else "downscale_factor"
    return TorchLayer.of(torch_class(call.kind)(call.positive(factor)))


@builds("channel_shuffle")
def channel_shuffle(call: LayerCall) -> TorchLayer:
    return TorchLayer.of(torch.nn.ChannelShuffle(call.positive("groups")))
