"""Random graphs, each both as the text of a spec and as the nodes of the boolean probe.

Sizes are never computed by a formula here: the length of a layer's list of sources is its output's size. So a
merge is legal by the probe's own account, and a spec that convcalc refuses is a finding.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.oracles.boolean_probe import (
    Adaptive,
    Axis,
    Cut,
    Interpolate,
    Node,
    Pad,
    Pointwise,
    Shuffle,
    Transposed,
    Unshuffle,
    WholeMap,
    Window,
    pixels_seen,
)

CHANNELS = 4
HIDDEN = "_"  # the names of steps inside a layer start with it
Size = tuple[int, ...]


@dataclass(frozen=True, repr=False)
class Graph:
    """A spec, and the same graph for the probe; it prints as the spec, ready to be saved and run."""

    text: str
    size: Size
    nodes: tuple[Node, ...]

    def __repr__(self) -> str:
        return f"Graph(\n{self.text})"


class Sketch:
    """A graph in the making: `maps` have `CHANNELS` channels, so anything may read them."""

    def __init__(self, size: Size, paddings: Sequence[str] = ()) -> None:
        self.paddings = paddings
        self.borders: tuple[str, ...] = ("constant",)
        self.sizes = {"input": size}
        self.maps = ["input"]
        self.nodes: list[Node] = []
        self._lines = [f"input: {[CHANNELS, *size]}", "layers:"]

    @property
    def rank(self) -> int:
        return len(self.sizes["input"])

    def add(self, kind: str, inputs: Sequence[str], axes: Sequence[Axis] = (), /, **parameters: object) -> str:
        """Append a node; without `axes` it is pointwise. A parameter of None is left out of the spec."""
        name = str(parameters.pop("name", f"n{len(self.nodes) + 1}"))
        axes = tuple(axes) or (Pointwise(),) * self.rank
        self.nodes.append(Node(name, tuple(inputs), axes))
        merged = map(max, zip(*(self.sizes[read] for read in inputs), strict=True))
        self.sizes[name] = tuple(len(axis.sources(n)) for axis, n in zip(axes, merged, strict=True))
        written = {"name": name, "from": inputs[0] if len(inputs) == 1 else list(inputs), **parameters}
        fields = (f"{key}: {json.dumps(value)}" for key, value in written.items() if value is not None)
        self._lines.append(f"  - {kind}: {{{', '.join(fields)}}}")
        return name

    def hidden(self, inputs: Sequence[str], axes: Sequence[Axis]) -> str:
        """Append a node that the probe alone knows: a step of a layer."""
        name = f"{HIDDEN}{len(self.nodes)}"
        self.nodes.append(Node(name, tuple(inputs), tuple(axes)))
        self.sizes[name] = tuple(len(axis.sources(n)) for axis, n in zip(axes, self.sizes[inputs[0]], strict=True))
        return name

    def unprobed(self, kind: str, inputs: str | list[str], **parameters: object) -> str:
        """Append a layer whose output the probe does not know: the next node says what both read."""
        name = f"u{len(self._lines)}"
        fields = ", ".join(f"{key}: {json.dumps(value)}" for key, value in parameters.items())
        self._lines.append(f"  - {kind}: {{name: {name}, from: {json.dumps(inputs)}, {fields}}}")
        return name

    def parameter(self, *shape: int) -> str:
        """Append a learned tensor, which reads nothing: the probe need not know of it."""
        name = f"p{len(self._lines)}"
        self._lines.append(f"  - parameter: {{name: {name}, shape: {list(shape)}}}")
        return name

    def add_beside(self, kind: str, read: str, other: str, *, first: bool) -> str:
        """Append a merge with a tensor of which the probe does not know."""
        inputs = [other, read] if first else [read, other]
        return self.add(kind, [read], **{"from": inputs})

    def graph(self) -> Graph:
        return Graph("\n".join([*self._lines, ""]), self.sizes["input"], tuple(self.nodes))


def per_axis(values: Sequence[Any], default: Any = None) -> Any:
    """A parameter as a spec writes it: a number in 1-D, a list otherwise, nothing where it is the default."""
    if all(value == default for value in values):
        return None
    return values[0] if len(values) == 1 else list(values)


def add_window(sketch: Sketch, kind: str, read: str, windows: Sequence[Window], **parameters: object) -> str:
    """Append a convolution (`kind` is conv) or a pooling (max_pool, avg_pool)."""
    stride = [w.stride for w in windows]
    padding = per_axis([w.before for w in windows], 0)
    if any(w.before != w.after for w in windows):
        padding = [[w.before, w.after] for w in windows]
    written: dict[str, Any] = {
        "out_channels": CHANNELS if kind == "conv" else None,
        "kernel_size": per_axis([w.kernel for w in windows]),
        "stride": per_axis(stride, 1) if kind == "conv" else per_axis(stride),
        "padding": padding,
        "dilation": per_axis([w.dilation for w in windows], 1),
        "ceil_mode": windows[0].ceil or None,
    }
    return sketch.add(f"{kind}{sketch.rank}d", [read], windows, **(written | parameters))


def mix(sketch: Sketch, read: str, channels: int = CHANNELS) -> str:
    """A 1x1 convolution, for layers that change or need a number of channels."""
    return add_window(sketch, "conv", read, [Window(1)] * sketch.rank, out_channels=channels)


def _window(draw: st.DrawFn, length: int, padding: str, *, pooling: bool, ceil: bool = False) -> Window:
    """A window that fits at least once."""
    kernel, stride = draw(st.integers(1, 5)), draw(st.sampled_from((1, 1, 2, 2, 3)))
    dilation = draw(st.sampled_from((1, 1, 1, 2, 3)))
    if pooling and dilation * (kernel - 1) >= length:
        dilation = 1
    span = dilation * (kernel - 1) + 1
    if padding == "same":
        total = max((-(-length // stride) - 1) * stride + span - length, 0)
        before, after = total // 2, total - total // 2
    elif padding == "uneven":
        before = draw(st.integers(0, span - 1))
        after = draw(st.integers(max(0, span - length - before), span - 1))
    elif padding == "over":
        before, after = draw(st.integers(span, span + 2)), draw(st.integers(0, span + 2))
    else:
        least = max(0, -(-(span - length) // 2))
        most = kernel // 2 if pooling else span // 2
        before = after = draw(st.integers(least, most)) if padding == "even" else least
    return Window(kernel, stride, before, after, dilation, ceil)


def _convolution(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    padding = draw(st.sampled_from(sketch.paddings))
    windows = [_window(draw, n, padding, pooling=False) for n in sketch.sizes[read]]
    written = {"padding": "same"} if padding == "same" else {}
    border = draw(st.sampled_from(sketch.borders))
    most = {"constant": math.inf, "reflect": -1, "circular": 0}.get(border, math.inf)
    if any(max(w.before, w.after) > n + most for w, n in zip(windows, sketch.sizes[read], strict=True)):
        border = "replicate"
    if border != "constant":
        windows = [replace(window, border=border) for window in windows]
        written["padding_mode"] = border
    return add_window(sketch, "conv", read, windows, **written)


def _causal(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """A causal convolution, which in 1-D pads before; in 2-D what a mask leaves depends on both axes at a border."""
    if sketch.rank > 1:
        return _convolution(draw, sketch, read)
    kernel, stride, dilation = draw(st.integers(1, 4)), draw(st.integers(1, 2)), draw(st.integers(1, 3))
    window = Window(kernel, stride, dilation * (kernel - 1), 0, dilation)
    return sketch.add(
        "conv1d", [read], [window], out_channels=CHANNELS, kernel_size=kernel, stride=stride, dilation=dilation,
        causal=True,
    )  # fmt: skip


def _blur(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Blur pooling, in some graphs reflected where the map has the cells for it."""
    lengths = sketch.sizes[read]
    kernel, stride = draw(st.integers(2, 4)), draw(st.integers(1, 2))
    mode = draw(st.sampled_from(sketch.borders))
    if min(lengths) <= kernel // 2:
        mode = "replicate" if mode != "constant" else mode
    windows = [Window(kernel, stride, (kernel - 1) // 2, kernel // 2, border=mode)] * sketch.rank
    kind = f"blur_pool{sketch.rank}d"
    return sketch.add(
        kind, [read], windows, kernel_size=kernel, stride=stride,
        padding_mode="zeros" if mode == "constant" else mode,
    )  # fmt: skip


def _pooling(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    padding, ceil = draw(st.sampled_from(("none", "even"))), draw(st.booleans())
    windows = [_window(draw, n, padding, pooling=True, ceil=ceil) for n in sketch.sizes[read]]
    dilated = any(w.dilation > 1 for w in windows)
    return add_window(sketch, "max_pool" if dilated or draw(st.booleans()) else "avg_pool", read, windows)


def _unpooling(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Max pooling and, put back by its indices, the pooled map or one made of it."""
    windows: list[Window] = []
    for length in sketch.sizes[read]:
        kernel = draw(st.integers(1, min(length, 4)))
        stride = draw(st.integers(1, 3 if sketch.rank == 1 else kernel))
        pad = draw(st.integers(0, (kernel - 1) // 2))
        windows.append(Window(kernel, stride, pad, pad))
    pooled = add_window(sketch, "max_pool", read, windows)
    values = mix(sketch, pooled) if draw(st.booleans()) else pooled
    return sketch.add(
        f"max_unpool{sketch.rank}d",
        [values, pooled],
        [Transposed(w.kernel, w.stride, w.before, w.after) for w in windows],
        kernel_size=per_axis([w.kernel for w in windows]),
        stride=per_axis([w.stride for w in windows]),
        padding=per_axis([w.before for w in windows], 0),
        **{"from": [values, f"{pooled}.indices"]},
    )


def _transposed(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    def axis(length: int) -> Transposed:
        stride, dilation = draw(st.integers(1, 3)), draw(st.integers(1, 2))
        kernel = draw(st.integers(1 if sketch.rank == 1 else stride, 4))
        before, after = draw(st.integers(0, 2)), draw(st.integers(0, 2))
        if (length - 1) * stride + dilation * (kernel - 1) < before + after:
            before = after = 0
        extra = draw(st.integers(0, max(stride, dilation) - 1))
        return Transposed(kernel, stride, before, after, dilation, extra)

    axes = [axis(n) for n in sketch.sizes[read]]
    return sketch.add(
        f"conv_transpose{sketch.rank}d",
        [read],
        axes,
        out_channels=CHANNELS,
        kernel_size=per_axis([a.kernel for a in axes]),
        stride=per_axis([a.stride for a in axes], 1),
        padding=[[a.before, a.after] for a in axes],
        dilation=per_axis([a.dilation for a in axes], 1),
        output_padding=per_axis([a.output_padding for a in axes], 0),
    )


def _resize(draw: st.DrawFn, sketch: Sketch, read: str, size: Size | None = None) -> str:
    """Interpolate to a size, or by a factor."""
    smooth = ("linear",) if sketch.rank == 1 else ("bilinear", "bicubic")
    mode = draw(st.sampled_from(("nearest", *smooth)))
    corners = mode != "nearest" and draw(st.booleans())
    kind = {"bilinear": "linear", "bicubic": "cubic"}.get(mode, mode)
    scale = draw(st.integers(2, 3))
    sizes = size or (None,) * sketch.rank
    return sketch.add(
        "upsample",
        [read],
        [Interpolate(kind, n, scale, corners) for n in sizes],
        size=per_axis(sizes),
        scale_factor=None if size else scale,
        mode=mode,
        align_corners=corners or None,
    )


def _adaptive(draw: st.DrawFn, sketch: Sketch, read: str, size: Size | None = None) -> str:
    sizes = size or tuple(draw(st.integers(1, n + 2)) for n in sketch.sizes[read])
    kind = draw(st.sampled_from(("adaptive_avg_pool", "adaptive_max_pool")))
    return sketch.add(f"{kind}{sketch.rank}d", [read], [Adaptive(n) for n in sizes], output_size=per_axis(sizes))


def _crop(draw: st.DrawFn, sketch: Sketch, read: str, size: Size | None = None) -> str:
    lengths = sketch.sizes[read]
    kept = size or tuple(draw(st.integers(max(1, n - 4), n)) for n in lengths)
    starts = [draw(st.integers(0, n - k)) for n, k in zip(lengths, kept, strict=True)]
    cuts = [Cut(start, start + k) for start, k in zip(starts, kept, strict=True)]
    cropping = [[start, n - start - k] for start, n, k in zip(starts, lengths, kept, strict=True)]
    return sketch.add("crop", [read], cuts, cropping=cropping)


def _slice(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    axis = draw(st.integers(0, sketch.rank - 1))
    length = sketch.sizes[read][axis]
    start = draw(st.integers(0, min(3, length - 1)))
    cut = Cut(start, draw(st.integers(start + 1, length)), draw(st.integers(1, 3)))
    axes = [cut if other == axis else Pointwise() for other in range(sketch.rank)]
    return sketch.add("slice", [read], axes, axis=axis + 1, start=start, stop=cut.stop, step=cut.step)


def _pad(draw: st.DrawFn, sketch: Sketch, read: str, size: Size | None = None) -> str:
    # A cell of constant padding is blind, see `graphs`.
    mode = draw(st.sampled_from(("constant", "reflect", "replicate")[sketch.rank - 1 :]))
    lengths = sketch.sizes[read]
    grown = size or tuple(n + draw(st.integers(0, 4)) for n in lengths)
    befores = [draw(st.integers(0, big - n)) for big, n in zip(grown, lengths, strict=True)]
    pads = [Pad(before, big - n - before, mode) for before, big, n in zip(befores, grown, lengths, strict=True)]
    if mode == "reflect" and any(max(p.before, p.after) >= n for p, n in zip(pads, lengths, strict=True)):
        mode, pads = "replicate", [Pad(p.before, p.after, "replicate") for p in pads]
    written = None if mode == "constant" else mode
    return sketch.add("pad", [read], pads, padding=[[p.before, p.after] for p in pads], mode=written)


def _pointwise(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    kind = draw(st.sampled_from(("relu", "batch_norm", "local_response_norm", "instance_norm")))
    if kind == "instance_norm" and max(sketch.sizes[read]) > 1:
        return sketch.add(f"instance_norm{sketch.rank}d", [read], [WholeMap()] * sketch.rank)
    if kind == "batch_norm":
        return sketch.add(f"batch_norm{sketch.rank}d", [read])
    if kind == "local_response_norm":
        return sketch.add(kind, [read], size=3)
    return sketch.add("relu", [read])


def _scale(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Learned factors or summands: of every channel, of every cell, or one of all; or those of layer_scale."""
    if draw(st.booleans()):
        return sketch.add("layer_scale", [read])
    lengths = sketch.sizes[read]
    shapes = [(1,), (CHANNELS, *(1,) * sketch.rank), (CHANNELS, *lengths), lengths]
    learned = sketch.parameter(*draw(st.sampled_from(shapes)))
    return sketch.add_beside(draw(st.sampled_from(("add", "mul", "sub"))), read, learned, first=draw(st.booleans()))


def _residual(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """A branch that keeps the size, off-centre or not, weighed by learned factors and added to its input."""
    windows = []
    for _ in range(sketch.rank):
        kernel = draw(st.integers(1, 4))
        before = draw(st.integers(0, kernel - 1))
        windows.append(Window(kernel, 1, before, kernel - 1 - before))
    branch = _scale(draw, sketch, add_window(sketch, "conv", read, windows))
    return sketch.add("add", draw(st.permutations((read, branch))))


def _shuffle(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Pixel shuffle, or its inverse where the size allows and the draw wants it."""
    factor = draw(st.integers(2, 3))
    if all(n % factor == 0 for n in sketch.sizes[read]) and draw(st.booleans()):
        folded = sketch.add("pixel_unshuffle", [read], [Unshuffle(factor)] * sketch.rank, downscale_factor=factor)
        return mix(sketch, folded)
    widened = mix(sketch, read, CHANNELS * factor**2)
    return sketch.add("pixel_shuffle", [widened], [Shuffle(factor)] * sketch.rank, upscale_factor=factor)


def _gate(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    """Squeeze and excite: a [C, 1, 1] gate, of this map or another, multiplied on."""
    squeezed = draw(st.sampled_from(sketch.maps))
    kind = draw(st.sampled_from(("global_avg_pool", "global_max_pool")))
    pooled = sketch.add(kind, [squeezed], [Adaptive(1)] * sketch.rank)
    gate = sketch.add("sigmoid", [mix(sketch, pooled)])
    return sketch.add("mul", draw(st.permutations((read, gate))))


def _landing(sketch: Sketch, read: str, size: Size) -> list[list[Window]]:
    """For each axis, the windows without padding that turn the map into one of `size`."""
    strides = range(1, 4)
    return [
        [Window(n - (m - 1) * s, s) for s in strides if 1 <= n - (m - 1) * s <= 7]
        for n, m in zip(sketch.sizes[read], size, strict=True)
    ]


def _fit(draw: st.DrawFn, sketch: Sketch, read: str, size: Size) -> str:
    """Bring a map to `size`: as it is, by a convolution that happens to land there, or by resizing."""
    lengths = sketch.sizes[read]
    if lengths == size:
        return read
    ways = [_adaptive, _resize]
    ways += [_crop] * all(n >= m for n, m in zip(lengths, size, strict=True))
    ways += [_pad] * all(n <= m for n, m in zip(lengths, size, strict=True))
    landing = _landing(sketch, read, size)
    if all(landing) and draw(st.booleans()):
        return add_window(sketch, "conv", read, [draw(st.sampled_from(windows)) for windows in landing])
    return draw(st.sampled_from(ways))(draw, sketch, read, size)


def _merge(draw: st.DrawFn, sketch: Sketch, read: str) -> str:
    others = draw(st.lists(st.sampled_from(sketch.maps), min_size=1, max_size=2))
    branches = [read, *(_fit(draw, sketch, other, sketch.sizes[read]) for other in others)]
    kind = draw(st.sampled_from(("add", "add", "mul", "concat", "concat")))
    merged = sketch.add(kind, branches)
    return mix(sketch, merged) if kind == "concat" else merged


Step = Callable[[st.DrawFn, Sketch, str], str]
_STEPS: tuple[Step, ...] = (
    *(_convolution,) * 4, *(_merge,) * 3, _scale, _residual, _pooling, _unpooling, _adaptive, _crop, _slice, _pointwise,
    _gate, _causal, _blur,
)  # fmt: skip
_GROWING: tuple[Step, ...] = (_transposed, _resize, _pad)


@st.composite
def graphs(draw: st.DrawFn, rank: int = 1, over_padding: bool = False) -> Graph:
    """Graphs of about 3 to 15 nodes; `over_padding` also pads convolutions at or over their kernel.

    In 1-D a unit may see no pixel at all. In 2-D it may not: what convcalc reports axis by axis is the whole
    truth only while no unit is blind. (A branch blind along one axis sees nothing, and so contributes nothing
    along the other axis either.) Everything else of 2-D is covered, kernels that differ by axis included.
    """
    shortest, longest, room = (5, 40, 32) if rank == 1 else (5, 14, 11)
    size = tuple(draw(st.integers(shortest, longest)) for _ in range(rank))
    sketch = Sketch(size, ("none", "even", "uneven", "same") + ("over",) * 2 * over_padding)
    if draw(st.integers(1, 4)) == 1:
        sketch.borders = ("constant", "reflect", "replicate", "circular")
    growing = _GROWING if rank == 1 else (*_GROWING, _shuffle)
    for _ in range(draw(st.integers(3, 7))):
        read = draw(st.sampled_from((sketch.maps[-1], *sketch.maps)))
        steps = _STEPS + growing * (max(sketch.sizes[read]) <= room)
        sketch.maps.append(draw(st.sampled_from(steps))(draw, sketch, read))
        if len(sketch.nodes) > 11:
            break
    graph = sketch.graph()
    inputs = tuple(range(rank))
    assume(rank == 1 or all(seen.any(inputs).all() for seen in pixels_seen(graph.nodes, size).values()))
    return graph
