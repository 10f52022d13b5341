"""The padding with which a layer of another kernel or dilation keeps the size of its output."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import TRANSPOSED_SIZE
from convcalc.arith.wording import per_axis
from convcalc.layers.base import Layer, LayerError, LayerType
from convcalc.layers.convolutional_recurrent import ConvRecurrent
from convcalc.layers.leading_axes import of_place
from convcalc.layers.windows import WindowLayer
from convcalc.network.site import Site

KERNEL = ("kernel_size", "dilation")
PADDING = ("padding", "output_padding")

Pad = tuple[int, int, int]  # cells before, cells after, and output_padding of a transposed convolution


class SizeKeeper:
    """Pads layers whose kernel or dilation a call changes.

    `written` has the layers of the network as it is written by full name, where the call also changes params: these may
    change a kernel.
    """

    __slots__ = ("written",)

    def __init__(self, written: Mapping[str, Layer]) -> None:
        self.written = written

    def padding(self, site: Site, layer_type: LayerType, given: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
        """The values of padding and output_padding with which a layer keeps its size; empty where it has it anyway.

        Padding that the call itself gives to the layer stays. Raises LayerError where no padding keeps the size.
        """
        if not {*KERNEL, "padding"} & layer_type.parameters.keys() or site.changes.keys() & PADDING:
            return {}
        own: dict[str, Any] = {key: site.written(key) for key in KERNEL if key in site.changes}
        before = self.written.get(site.full_name)
        if before is not None and before.type is layer_type:
            config = before.config()
            own |= {key: config[key] for key in (*KERNEL, *PADDING) if key in config}
        if not own:
            return {}
        try:
            as_written = layer_type.build({**given, **own})
        except LayerError:
            return {}  # the layer as written does not build, and has no size to keep
        return padding_that_keeps(as_written, given, shape)


def padding_that_keeps(before: Layer, given: Mapping[str, Any], shape: Shape) -> dict[str, Any]:
    """The padding with which a layer of the values `given` has the output size of another layer on the same input.

    Raises LayerError where there is none.
    """
    window = _window_of(before)
    if window is None:
        return {}
    sizes = shape[before.channel_axis + 1 :]
    try:
        wanted = window.positions(sizes)
    except (LayerError, ValueError):
        return {}  # the layer before does not fit its input
    kind = before.type
    kernel, dilation = (
        kind.parameters[key].convert(given[key], kind.rank) if key in given else ((1,) * kind.rank) for key in KERNEL
    )
    if (kernel, dilation) == (window.kernel_size, tuple(window.dilation[: kind.rank])):
        return {}
    if _positions(kind, given, shape) == wanted:
        return {}
    if window.padding == "same":
        return {"padding": "same"}  # as it is written: the call changes the padding as well
    search = _Search(window, kernel, dilation, sizes, wanted, writes_more=_writes_output_padding(kind, given))
    found = [search.pad(axis) for axis in range(kind.rank)]
    values = _values(found)
    if not search.writes_more:
        values.pop("output_padding")
    if _positions(kind, {**given, **values}, shape) != wanted:
        raise _refused(kind, {**given, **values}, wanted)
    return values


class _Search(NamedTuple):
    """The padding of one axis after another, for a new kernel and dilation."""

    window: WindowLayer
    kernel: tuple[int, ...]
    dilation: tuple[int, ...]
    sizes: tuple[int, ...]
    wanted: tuple[int, ...]
    writes_more: bool

    def pad(self, axis: int) -> Pad:
        """The padding of an axis. Raises LayerError where there is none."""
        formula = self.window.size_formula()
        values = self.window.axis_values(self.sizes)[axis]
        own: Pad = values["before"], values["after"], values.get("output_padding", 0)
        span = values["dilation"] * (values["kernel"] - 1)
        changed = {**values, "kernel": self.kernel[axis], "dilation": self.dilation[axis]}
        growth = changed["dilation"] * (changed["kernel"] - 1) - span
        most = max(changed["stride"], changed["dilation"]) if formula is TRANSPOSED_SIZE else 1
        for before, after, more in _candidates(own, growth, most):
            tried = {**changed, "before": before, "after": after}
            if formula is TRANSPOSED_SIZE:
                tried["output_padding"] = more
            if formula(tried) == self.wanted[axis]:
                return before, after, more
        least = -(-max(span - own[0] - own[1], 0) // changed["dilation"]) + 1
        bare = {**changed, "before": 0, "after": 0}
        raise LayerError(
            "no-padding-keeps-size",
            f"no padding keeps the size {self.wanted[axis]} with kernel_size {per_axis(self.kernel, format_shape)}",
            parameter="kernel_size",
            help=f"without padding it is {formula.with_numbers(bare)} = {formula(bare)}; a kernel_size of {least} or"
            " more keeps it, or leave --keep-size out",
        )


def _candidates(own: Pad, growth: int, most: int) -> Iterator[Pad]:
    """The paddings to try: with as much on both sides more as the kernel grew, else with a cell more behind.

    The output of a transposed convolution may also get up to `most` - 1 cells at its end.
    """
    before, after, more = own
    for added in (more, *range(most)):
        change = growth + added - more
        halves = (change // 2,) if change % 2 == 0 else (change // 2, change // 2 + 1)
        for half in halves:
            yield max(before + half, 0), max(after + half, 0), added
    yield max(before + growth // 2, 0), max(after + growth - growth // 2, 0), more


def _values(pads: list[Pad]) -> dict[str, Any]:
    """The values of padding and output_padding, each as short as it can be written."""
    pairs: list[Any] = [before if before == after else [before, after] for before, after, _ in pads]
    added = [more for _, _, more in pads]
    is_one = all(pair == pairs[0] for pair in pairs) and isinstance(pairs[0], int)
    return {
        "padding": pairs[0] if is_one else pairs,
        "output_padding": added[0] if len(set(added)) == 1 else added,
    }


def _writes_output_padding(kind: LayerType, given: Mapping[str, Any]) -> bool:
    """Whether output_padding may be written: a layer that names its output size works it out."""
    named = given.get("output_size") is not None or given.get("like") is not None
    return "output_padding" in kind.parameters and not named


def _positions(kind: LayerType, given: Mapping[str, Any], shape: Shape) -> tuple[int, ...] | None:
    """The output size of a layer; None where it does not build, or does not fit."""
    try:
        layer = kind.build(given)
        window = _window_of(layer)
        return None if window is None else window.positions(shape[layer.channel_axis + 1 :])
    except LayerError:
        return None


def _refused(kind: LayerType, given: Mapping[str, Any], wanted: tuple[int, ...]) -> LayerError:
    """The error of a layer that refuses the padding that would keep its size."""
    try:
        kind.build(given)
        reason = f"{kind.name} does not take padding {given['padding']}"
    except LayerError as error:
        reason = str(error)
    message = f"no padding keeps the size {format_shape(wanted)}: {reason}"
    return LayerError("no-padding-keeps-size", message, parameter="kernel_size", help="leave --keep-size out")


def _window_of(layer: Layer) -> WindowLayer | None:
    """The window that a layer slides over its maps; None where it has none."""
    layer = of_place(layer)
    if isinstance(layer, ConvRecurrent):
        return layer.of_frame()
    return layer if isinstance(layer, WindowLayer) else None
