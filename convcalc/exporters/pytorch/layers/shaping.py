"""Axes moved, joined, cut and repeated."""

from __future__ import annotations

from typing import Any

from convcalc.exporters.python.code import Argument, Call, Code, batched, given
from convcalc.exporters.pytorch.layers.convolution import flat_pads
from convcalc.exporters.pytorch.layers.register import Placed, Register
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("flatten")
def flatten(placed: Placed) -> Code:
    start, end = placed.layer.start_axis, placed.layer.end_axis
    if start == 0 and end in (-1, placed.rank - 1):
        return Code(module=Call("nn.Flatten"), function="torch.flatten({0}, 1)")
    values = {"start": batched(start, placed.rank), "end": batched(end, placed.rank)}
    call = Call("nn.Flatten", (Argument(values["start"]), Argument(values["end"])))
    if values["end"] == -1:
        return Code(module=call, function="{0}.flatten({start})", values={"start": values["start"]})
    return Code(module=call, function="{0}.flatten({start}, {end})", values=values)


@rules("unflatten")
def unflatten(placed: Placed) -> Code:
    axis = batched(placed.layer.axis, placed.rank)
    first = axis - 1 if axis > 0 else placed.rank + axis
    count = len(placed.output) - placed.rank + 1
    sizes = tuple(placed.output[first : first + count])
    call = Call("nn.Unflatten", (Argument(axis), Argument(sizes)))
    return Code(module=call, function="{0}.unflatten({axis}, {sizes})", values={"axis": axis, "sizes": sizes})


@rules("reshape")
def reshape(placed: Placed) -> Code:
    names = [f"size{number}" for number in range(len(placed.output))]
    return Code("", function=f"{{0}}.reshape(-1, {', '.join(f'{{{name}}}' for name in names)})",
                values=dict(zip(names, placed.output)))  # fmt: skip


@rules("permute")
def permute(placed: Placed) -> Code:
    axes = [axis % placed.rank + 1 for axis in placed.layer.axes]
    return Code("", function=f"{{0}}.permute(0, {', '.join(map(str, axes))})")


@rules("transpose")
def transpose(placed: Placed) -> Code:
    one, other = (batched(axis, placed.rank) for axis in placed.layer.axes)
    return Code("", function=f"{{0}}.transpose({one}, {other})")


@rules("squeeze")
def squeeze(placed: Placed) -> Code:
    axis = placed.layer.axis
    axes = range(placed.rank) if axis is None else [axis]
    gone = [batched(each, placed.rank) for each in axes if placed.shape[each] == 1]
    if len(gone) == 1:
        return Code("", function=f"{{0}}.squeeze({gone[0]})")
    return Code("", function=f"{{0}}.squeeze({tuple(gone)})" if gone else "torch.clone({0})")


@rules("unsqueeze")
def unsqueeze(placed: Placed) -> Code:
    return Code("", function=f"{{0}}.unsqueeze({batched(placed.layer.axis, placed.rank)})")


@rules("roll")
def roll(placed: Placed) -> Code:
    axes = tuple(batched(axis, placed.rank) for axis in placed.layer.axes)
    return Code("", function="torch.roll({0}, {shifts}, {axes})", values={"shifts": placed.layer.shifts, "axes": axes})


@rules("flip")
def flip(placed: Placed) -> Code:
    axes = tuple(batched(axis, placed.rank) for axis in placed.layer.axes)
    return Code("", function="torch.flip({0}, {axes})", values={"axes": axes})


@rules("expand")
def expand(placed: Placed) -> Code:
    if len(placed.output) != placed.rank:
        raise Unsupported("it adds axes")
    sizes = ", ".join(str(size) for size in placed.output)
    return Code("", function=f"{{0}}.expand(-1, {sizes})")


@rules("tile")
def tile(placed: Placed) -> Code:
    repeats = placed.layer.repeats
    repeats = (repeats,) if isinstance(repeats, int) else tuple(repeats)
    if len(repeats) > placed.rank:
        raise Unsupported("it adds axes")
    whole = (1,) * (placed.rank + 1 - len(repeats)) + repeats
    return Code("", function="{0}.repeat({repeats})", values={"repeats": whole})


@rules("repeat_interleave")
def repeat_interleave(placed: Placed) -> Code:
    values = {"repeats": placed.layer.repeats, "axis": batched(placed.layer.axis, placed.rank)}
    return Code("", function="{0}.repeat_interleave({repeats}, dim={axis})", values=values)


def cut(rank: int, axis: int, start: Any, stop: Any, step: int) -> str:
    """The template of a slice along one axis."""
    bounds = f"{'' if start is None else start}:{'' if stop is None else stop}{f':{step}' if step != 1 else ''}"
    if axis < 0:
        return "{0}[" + ", ".join(["...", bounds, *[":"] * (-1 - axis)]) + "]"
    return "{0}[" + ", ".join([":"] * axis + [bounds]) + "]"


@rules("slice")
def slice_(placed: Placed) -> Code:
    layer = placed.layer
    return Code("", function=cut(placed.rank, batched(layer.axis, placed.rank), layer.start, layer.stop, layer.step))


@rules("chunk")
def chunk(placed: Placed) -> Code:
    layer, axis = placed.layer, batched(placed.layer.axis, placed.rank)
    values = {"chunks": layer.chunks, "axis": axis, "index": layer.index}
    return Code("", function="{0}.chunk({chunks}, dim={axis})[{index}]", values=values)


@rules("split")
def split(placed: Placed) -> Code:
    layer, sizes = placed.layer, placed.layer.sizes
    sizes = sizes if isinstance(sizes, int) else list(sizes)
    values = {"sizes": sizes, "axis": batched(layer.axis, placed.rank), "index": layer.index}
    return Code("", function="{0}.split({sizes}, dim={axis})[{index}]", values=values)


@rules("select")
def select(placed: Placed) -> Code:
    values = {"axis": batched(placed.layer.axis, placed.rank), "index": placed.layer.index}
    return Code("", function="{0}.select({axis}, {index})", values=values)


@rules("index_select")
def index_select(placed: Placed) -> Code:
    axis = batched(placed.layer.axis, placed.rank)
    before = "" if axis < 0 else ":, " * axis
    if axis < 0:
        before = ":, " * (placed.rank + 1 + axis)
    if len(placed.inputs) == 2:
        return Code("", function=f"{{0}}[{before}{{1}}[0].long()]")
    return Code("", function=f"{{0}}[{before}{{indices}}]", values={"indices": list(placed.layer.indices)})


@rules("gather")
def gather(placed: Placed) -> Code:
    values = {"axis": batched(placed.layer.axis, placed.rank)}
    return Code("", function="torch.gather({0}, {axis}, {1}.long())", values=values)


def _sides(before: int, after: int) -> str:
    return f"{before or ''}:{f'-{after}' if after else ''}"


def cropped(pairs: list[tuple[int, int]]) -> str:
    """The template of a map without cells at the ends of its axes."""
    return "{0}[..., " + ", ".join(_sides(*pair) for pair in pairs) + "]"


@rules("crop", "center_crop")
def crop(placed: Placed) -> Code:
    if placed.type == "crop":
        return Code("", function=cropped(list(placed.layer.cells_cut(placed.rank - 1))))
    size = tuple(placed.output[1:])
    return Code("", function="center_crop({0}, {size})", values={"size": size}, helpers=("center_crop",))


@rules("pad")
def pad(placed: Placed) -> Code:
    layer = placed.layer
    added = layer.cells_added(placed.shape)
    first = min(added, default=0)
    pads = tuple(added.get(axis, (0, 0)) for axis in range(first, placed.rank))
    values: dict[str, Any] = {"pads": flat_pads(pads)}
    if layer.mode != "constant":
        return Code("", function="F.pad({0}, {pads}, mode={mode})", values={**values, "mode": layer.mode})
    if layer.value:
        return Code("", function="F.pad({0}, {pads}, value={value})", values={**values, "value": layer.value})
    return Code("", function="F.pad({0}, {pads})", values=values)


@rules("slice_scatter")
def slice_scatter(placed: Placed) -> Code:
    layer = placed.layer
    axis = batched(layer.axis, placed.rank)
    bounds = "".join(f", {key}={getattr(layer, key)}" for key in ("start", "stop") if getattr(layer, key) is not None)
    bounds = bounds.replace("stop=", "end=") + (f", step={layer.step}" if layer.step != 1 else "")
    return Code("", function=f"torch.slice_scatter({{0}}, {{1}}, dim={axis}{bounds})")


@rules("select_scatter")
def select_scatter(placed: Placed) -> Code:
    axis = batched(placed.layer.axis, placed.rank)
    return Code("", function=f"torch.select_scatter({{0}}, {{1}}, {axis}, {placed.layer.index})")


@rules("pixel_shuffle", "pixel_unshuffle", "channel_shuffle")
def shuffle(placed: Placed) -> Code:
    name, key = {
        "pixel_shuffle": ("PixelShuffle", "upscale_factor"),
        "pixel_unshuffle": ("PixelUnshuffle", "downscale_factor"),
        "channel_shuffle": ("ChannelShuffle", "groups"),
    }[placed.type]
    value = getattr(placed.layer, key)
    function = f"F.{placed.type}({{0}}, {{factor}})"
    return Code(module=Call(f"nn.{name}", (given(value, key),)), function=function, values={"factor": value})
