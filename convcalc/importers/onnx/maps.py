"""Values as maps: a batch axis, the channels, and then spatial axes."""

from __future__ import annotations

from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.values import BATCH, Live

Leading = dict[str, int]


def as_maps(call: Call, spatial: int, index: int = 0) -> tuple[Live, Leading]:
    """An input as maps of so many spatial axes, and the parameter for axes before the channels."""
    value = call.value(index)
    if spatial < 0 or len(value.shape) != spatial + 2:
        raise Unmatched(f"its input has {len(value.shape)} axes")
    live = call.trace.read(call.node, value)
    if live.axes[0] == BATCH:
        return live, {}
    if BATCH in live.axes:
        raise BatchConflict
    if live.own[0] == 1 and live.merged is None:
        axes = (BATCH, *range(spatial + 1))
        if call.trace.batch == 1:
            return call.trace.emit(call.node, "squeeze", [live], axes, {"axis": 0}), {}
    return live, {"leading_axes": 1}


def pairs(pads: list[int]) -> list[int] | list[tuple[int, int]]:
    """The padding of each axis: a number where it is the same before and after.

    >>> pairs([1, 2, 1, 2]), pairs([0, 0, 1, 1])
    ([1, 2], [(0, 1), (0, 1)])
    """
    half = len(pads) // 2
    before, after = pads[:half], pads[half:]
    return before if before == after else list(zip(before, after))


def per_axis(call: Call, name: str, spatial: int, default: int = 1) -> list[int]:
    """An attribute that has a number for each spatial axis."""
    found = call.integers(name, [default] * spatial)
    if len(found) != spatial:
        raise Unmatched(f"{name} has {len(found)} numbers for {spatial} axes")
    return found


def padding_of(
    call: Call, sizes: tuple[int, ...], kernel: list[int], stride: list[int], dilation: list[int]
) -> list[int]:
    """The cells around a map: those before each axis, then those after each."""
    spatial = len(sizes)
    mode = call.text("auto_pad", "NOTSET")
    if mode == "VALID":
        return [0] * (2 * spatial)
    if mode in ("SAME_UPPER", "SAME_LOWER"):
        before, after = [], []
        for size, cells, step, spread in zip(sizes, kernel, stride, dilation):
            total = max(0, (-(-size // step) - 1) * step + (cells - 1) * spread + 1 - size)
            small, large = total // 2, total - total // 2
            before.append(small if mode == "SAME_UPPER" else large)
            after.append(large if mode == "SAME_UPPER" else small)
        return before + after
    pads = call.integers("pads", [0] * (2 * spatial))
    if len(pads) != 2 * spatial or any(pad < 0 for pad in pads):
        raise Unmatched(f"pads {pads} on {spatial} axes")
    return pads
