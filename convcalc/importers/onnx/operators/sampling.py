"""Padding, interpolation, shuffles and sampling of maps."""

from __future__ import annotations

from math import floor, isfinite
from typing import Any

from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.maps import as_maps
from convcalc.importers.onnx.operators.elementwise import Handler
from convcalc.importers.onnx.operators.normalisation import own_axis, unordered
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value

_MODES = {"constant": "constant", "reflect": "reflect", "edge": "replicate", "wrap": "circular"}
# How one scale is chosen where all axes have the same.
_POLICIES = {"not_larger": min, "not_smaller": max}
_LINEAR = {1: "linear", 2: "bilinear", 3: "trilinear"}


def pad(call: Call) -> list[Value]:
    """Pad; fewer cells than none cut some off."""
    live = unordered(call)
    rank = len(live.shape)
    given = call.integers("pads", []) if "pads" in call.node.attributes else call.sizes(1)
    axes = call.sizes(3) if call.optional(3) is not None else list(range(rank))
    if len(given) != 2 * len(axes):
        raise Unmatched(f"pads {given} on {len(axes)} axes")
    cells = [(0, 0)] * len(live.own)
    for at, axis in enumerate(axes):
        pair = (given[at], given[at + len(axes)])
        if pair == (0, 0):
            continue
        if live.axes[axis % rank] == BATCH:
            raise BatchConflict
        cells[own_axis(live, axis % rank)] = pair
    live = _cropped(call, live, cells)
    cells = [(max(before, 0), max(after, 0)) for before, after in cells]
    return [_padded(call, live, cells)]


def _cropped(call: Call, live: Live, cells: list[tuple[int, int]]) -> Live:
    for axis, (before, after) in enumerate(cells):
        if before < 0 or after < 0:
            stop = live.own[axis] + min(after, 0)
            parameters = {"axis": axis, "start": max(-before, 0) or None, "stop": stop if after < 0 else None}
            node = live.node
            live = call.trace.emit(call.node, "slice", [live], parameters=parameters)
            live.node = node
    return live


def _padded(call: Call, live: Live, cells: list[tuple[int, int]]) -> Live:
    """The map with cells around it; where the channels are padded too, they are an axis of the map for a moment."""
    if not any(map(any, cells)):
        return live
    mode = _MODES.get(call.text("mode", "constant"))
    if mode is None:
        raise Unmatched(f"the mode {call.text('mode', '')}")
    value = call.optional(2)
    number = value.data[0] if isinstance(value, Constant) and value.data else call.number("value", 0)
    parameters: dict[str, Any] = {"mode": mode, "value": number if isfinite(number) else 0}
    node, axes = live.node, live.axes
    is_plain = len(cells) > 1 and not any(cells[0])
    if not is_plain:
        live = call.trace.emit(call.node, "unsqueeze", [live], range(len(cells) + 1), {"axis": 0})
    inner = cells[1:] if is_plain else cells
    even = all(before == after for before, after in inner)
    padding: Any = [before for before, _ in inner] if even else [list(each) for each in inner]
    if even and len(set(padding)) == 1:
        padding = padding[0]
    live = call.trace.emit(call.node, "pad", [live], parameters={"padding": padding, **parameters})
    if not is_plain:
        live = call.trace.emit(call.node, "squeeze", [live], axes, {"axis": 0})
    live.node = node
    return live


def resize(call: Call) -> list[Value]:
    """Resize and Upsample, by factors or to sizes."""
    value = call.value(0)
    rank = len(value.shape)
    live = unordered(call)
    sizes = _sizes(call, rank, value.shape)
    if any(sizes[axis] != value.shape[axis] for axis in range(rank) if live.axes[axis] in (BATCH, 0)):
        raise Unmatched("another size of the channels")
    spatial = len(live.own) - 1
    wanted = [0] * spatial
    for axis in range(rank):
        if live.axes[axis] not in (BATCH, 0):
            wanted[own_axis(live, axis) - 1] = sizes[axis]
    if tuple(wanted) == live.own[1:]:
        return [live]
    result = call.trace.emit(call.node, "upsample", [live], parameters=_interpolation(call, live.own[1:], wanted))
    result.node = live.node
    return [result]


def _sizes(call: Call, rank: int, shape: tuple[int, ...]) -> list[int]:
    """The size of each axis of the output."""
    axes = [axis % rank for axis in call.integers("axes", list(range(rank)))]
    result = list(shape)
    if call.optional(3) is not None:
        wanted = dict(zip(axes, call.sizes(3)))
        policy = _POLICIES.get(call.text("keep_aspect_ratio_policy", "stretch"))
        if policy is not None and wanted:
            scale = policy(size / shape[axis] for axis, size in wanted.items())
            wanted = {axis: floor(shape[axis] * scale + 0.5) for axis in wanted}
        return [wanted.get(axis, size) for axis, size in enumerate(shape)]
    scales = call.constant(2 if call.opset >= 11 else 1)
    numbers = call.node.attributes.get("scales") if scales is None else scales.data
    if not numbers or len(numbers) != len(axes):
        raise Unmatched("sizes that are not known")
    for axis, scale in zip(axes, numbers):
        result[axis] = int(shape[axis] * scale + 1e-6)
    return result


def _interpolation(call: Call, before: tuple[int, ...], after: list[int]) -> dict[str, Any]:
    mode = call.text("mode", "nearest")
    modes = {
        "nearest": "nearest",
        "linear": _LINEAR.get(len(before), "linear"),
        "bilinear": "bilinear",
        "cubic": "bicubic",
    }
    parameters: dict[str, Any] = {"mode": modes.get(mode, "nearest")}
    is_aligned = call.text("coordinate_transformation_mode", "half_pixel") == "align_corners"
    if is_aligned and mode != "nearest":
        parameters["align_corners"] = True
    factors = {new // old if new % old == 0 else 0 for old, new in zip(before, after)}
    factor = factors.pop() if len(factors) == 1 else 0
    return {**parameters, **({"scale_factor": factor} if factor else {"size": after})}


def depth_to_space(call: Call) -> list[Value]:
    """DepthToSpace: both of its orders of channels have the same figures."""
    live, leading = as_maps(call, 2)
    parameters = {"upscale_factor": call.integer("blocksize", 1), **leading}
    return [call.trace.emit(call.node, "pixel_shuffle", [live], parameters=parameters)]


def space_to_depth(call: Call) -> list[Value]:
    """SpaceToDepth."""
    live, leading = as_maps(call, 2)
    parameters = {"downscale_factor": call.integer("blocksize", 1), **leading}
    return [call.trace.emit(call.node, "pixel_unshuffle", [live], parameters=parameters)]


def grid_sample(call: Call) -> list[Value]:
    """GridSample."""
    live, _ = as_maps(call, len(call.value(0).shape) - 2)
    grid = call.live(1)
    if BATCH not in grid.axes and grid.own[0] == 1:
        grid = call.trace.emit(call.node, "squeeze", [grid], (BATCH, *range(len(grid.own) - 1)), {"axis": 0})
    if grid.batch != 0 or live.batch != 0:
        raise BatchConflict
    modes = {"linear": "bilinear", "cubic": "bicubic"}
    mode = call.text("mode", "bilinear")
    parameters = {
        "mode": modes.get(mode, mode), "padding_mode": call.text("padding_mode", "zeros"),
        "align_corners": bool(call.integer("align_corners", 0)),
    }  # fmt: skip
    return [call.trace.emit(call.node, "grid_sample", [live, grid], parameters=parameters)]


def affine_grid(call: Call) -> list[Value]:
    """AffineGrid."""
    live, size = call.live(), call.sizes(1)[2:]
    if live.batch != 0:
        raise BatchConflict
    parameters = {"size": size, "align_corners": bool(call.integer("align_corners", 0))}
    return [call.trace.emit(call.node, "affine_grid", [live], (BATCH, *range(len(size) + 1)), parameters)]


OPERATORS: dict[str, Handler] = {
    "Pad": pad,
    "Resize": resize,
    "Upsample": resize,
    "DepthToSpace": depth_to_space,
    "SpaceToDepth": space_to_depth,
    "GridSample": grid_sample,
    "AffineGrid": affine_grid,
}
