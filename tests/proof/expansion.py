"""What the spec of a random network means: its layers under their full names, with their shapes and windows.

A second reading of the few rules of the language that these specs use, which shares nothing with convcalc. The sizes of
maps are the lengths of the probe's lists of sources.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Any

from tests.oracles.boolean_probe import (
    Adaptive,
    Axis,
    Interpolate,
    Node,
    Pad,
    Pointwise,
    Shuffle,
    Transposed,
    WholeMap,
    Window,
)

Shape = tuple[int, ...]
Entry = dict[str, Any]
"""An entry as a spec writes it: {type: parameters}."""


class Formula(str):
    """An expression: the text that the spec has, and the same in Python."""

    __slots__ = ("value",)
    value: Callable[[Mapping[str, Any]], int]

    def __new__(cls, text: str, value: Callable[[Mapping[str, Any]], int]) -> Formula:
        formula = super().__new__(cls, text)
        formula.value = value
        return formula


@dataclass(frozen=True)
class Layer:
    """A layer under its full name; `axes` is None where positions have lost their meaning."""

    name: str
    kind: str
    params: Mapping[str, Any]
    inputs: tuple[str, ...]
    axes: tuple[Axis, ...] | None


@dataclass(frozen=True)
class Scope:
    """Where entries stand: what precedes their full names, the names they may read, and the values of formulas."""

    prefix: str = ""
    names: dict[str, str] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class Expansion:
    """The layers of a spec, in the order in which they run."""

    shapes: dict[str, Shape]
    blocks: Mapping[str, Any] = field(default_factory=dict)
    layers: list[Layer] = field(default_factory=list)

    def run(self, entries: Iterable[Entry], scope: Scope, previous: str) -> str:
        """Appends the entries one after the other, and gives the name of the last."""
        for entry in entries:
            previous = self.entry(entry, scope, previous)
        return previous

    def entry(self, entry: Entry, scope: Scope, previous: str) -> str:
        ((kind, written),) = entry.items()
        local, repeat = written["name"], written.get("repeat")
        read = written.get("from", [])
        inputs = [scope.names[name] for name in ([read] if isinstance(read, str) else read)] or [previous]
        for index in range(repeat or 1):
            copy = local if repeat is None else f"{local}.{index}"
            values = scope.values if repeat is None else {**scope.values, "index": index}
            # A container's entries see the names around it; a block's do not.
            inner = Scope(f"{scope.prefix}{copy}.", {} if kind in self.blocks else dict(scope.names), values)
            inputs[0] = self._copy(kind, written, inner, inputs)
            for name in [name for name in inner.names if name not in scope.names]:
                scope.names[f"{copy}.{name}"] = inner.names[name]
        scope.names[local] = inputs[0]
        return inputs[0]

    def _copy(self, kind: str, written: Entry, scope: Scope, inputs: Sequence[str]) -> str:
        """One copy of an entry: a container or a block, whose scope has its name, or a layer."""
        first, name = inputs[0], scope.prefix[:-1]
        if kind == "sequential":
            return self.run(written["layers"], scope, first)
        if kind == "residual":
            branches = [written["layers"], written.get("shortcut", [])]
            return self._layer("add", name, {}, [self.run(branch, scope, first) for branch in branches])
        if kind == "parallel":
            merged = [self.run(branch, scope, first) for branch in written["branches"]]
            return self._layer(written.get("merge", "concat"), name, {}, merged)
        values = {**scope.values, "in_channels": self.shapes[first][0]}
        params = {key: item.value(values) if isinstance(item, Formula) else item for key, item in written.items()}
        if kind in self.blocks:
            block = self.blocks[kind]
            return self.run(block["layers"], Scope(scope.prefix, scope.names, {**block["params"], **params}), first)
        for structure in ("name", "from", "repeat"):
            params.pop(structure, None)
        return self._layer(kind, name, params, [] if kind == "parameter" else inputs)

    def _layer(self, kind: str, name: str, params: Mapping[str, Any], inputs: Sequence[str]) -> str:
        shapes = [self.shapes[read] for read in inputs]
        if not shapes:
            self.shapes[name] = tuple(params["shape"])
            self.layers.append(Layer(name, kind, params, (), None))
            return name
        sizes = tuple(map(max, zip(*(shape[1:] for shape in shapes), strict=True)))
        axes = None if kind in ("flatten", "linear") else axes_of(kind, params, sizes)
        outer = () if axes is None else tuple(len(axis.sources(n)) for axis, n in zip(axes, sizes, strict=True))
        self.shapes[name] = (channels_of(kind, params, shapes), *outer)
        self.layers.append(Layer(name, kind, params, tuple(inputs), axes))
        return name

    def nodes(self) -> list[Node]:
        """The layers that have positions, for the probe; a learned tensor sees nothing."""
        learned = {layer.name for layer in self.layers if not layer.inputs}
        return [
            Node(layer.name, tuple([read for read in layer.inputs if read not in learned]), layer.axes)
            for layer in self.layers
            if layer.axes is not None
        ]


def channels_of(kind: str, params: Mapping[str, Any], shapes: Sequence[Shape]) -> int:
    channels = [shape[0] for shape in shapes]
    if kind == "concat":
        return sum(channels)
    if kind == "flatten":
        return prod(shapes[0])
    if kind == "pixel_shuffle":
        return channels[0] // int(params["upscale_factor"]) ** 2
    return int(params.get("out_channels") or params.get("out_features") or max(channels))


def axes_of(kind: str, params: Mapping[str, Any], sizes: Sequence[int]) -> tuple[Axis, ...]:
    """What the layer reads along each axis of maps of these sizes."""
    rank = len(sizes)
    stem = kind.removesuffix(f"{rank}d")
    if stem in ("conv", "conv_transpose", "max_pool", "avg_pool"):
        return tuple(_window(stem, {key: _along(item, axis) for key, item in params.items()}, size)
                     for axis, size in enumerate(sizes))  # fmt: skip
    if stem in ("adaptive_avg_pool", "adaptive_max_pool"):
        return tuple(Adaptive(_along(params["output_size"], axis)) for axis in range(rank))
    if stem in ("global_avg_pool", "global_max_pool"):
        return (Adaptive(1),) * rank
    if stem in ("instance_norm", "group_norm"):
        return (WholeMap(),) * rank
    if stem == "upsample":
        mode = {"bilinear": "linear", "bicubic": "cubic"}.get(params["mode"], params["mode"])
        corners, scale = params.get("align_corners", False), params.get("scale_factor", 1)
        return tuple(Interpolate(mode, _along(params.get("size"), axis), scale, corners) for axis in range(rank))
    if stem == "pixel_shuffle":
        return (Shuffle(params["upscale_factor"]),) * rank
    if stem == "pad":
        return tuple(Pad(before, after, params["mode"]) for before, after in params["padding"])
    return (Pointwise(),) * rank


def _along(value: Any, axis: int) -> Any:
    return value[axis] if isinstance(value, list) else value


def _window(stem: str, params: Mapping[str, Any], size: int) -> Window | Transposed:
    """One axis of a layer that slides a window, from parameters that are that axis's own."""
    kernel, dilation = params["kernel_size"], params.get("dilation", 1)
    stride = params.get("stride", kernel if "pool" in stem else 1)
    padding = params.get("padding", 0)
    if padding == "valid":
        padding = 0
    if padding == "same":
        total = max((-(-size // stride) - 1) * stride + dilation * (kernel - 1) + 1 - size, 0)
        padding = [total // 2, total - total // 2]
    before, after = padding if isinstance(padding, list) else (padding, padding)
    if stem == "conv_transpose":
        return Transposed(kernel, stride, before, after, dilation, params.get("output_padding", 0))
    return Window(kernel, stride, before, after, dilation, params.get("ceil_mode", False))
