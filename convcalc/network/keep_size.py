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
            written = {key: value for key, value in {**given, **own}.items() if value is not None}
            as_written = layer_type.build(written)  # without the keys that are not written
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
    search = _Search(window, kind, given, kernel, dilation, sizes, wanted)
    return search.values([search.pad(axis) for axis in range(kind.rank)])


class _Search(NamedTuple):
    """The padding of one axis after another, for the values `given` of a type with a new kernel and dilation."""

    window: WindowLayer
    kind: LayerType
    given: Mapping[str, Any]
    kernel: tuple[int, ...]
    dilation: tuple[int, ...]
    sizes: tuple[int, ...]
    wanted: tuple[int, ...]

    def pad(self, axis: int) -> Pad:
        """The padding of an axis. Raises LayerError where there is none."""
        formula = self.window.size_formula()
        values = self.window.axis_values(self.sizes)[axis]
        own: Pad = values["before"], values["after"], values.get("output_padding", 0)
        span = values["dilation"] * (values["kernel"] - 1)
        changed = {**values, "kernel": self.kernel[axis], "dilation": self.dilation[axis]}
        growth = changed["dilation"] * (changed["kernel"] - 1) - span
        stride, is_transposed = changed["stride"], formula is TRANSPOSED_SIZE
        more = range(max(stride, changed["dilation"])) if is_transposed else range(1)
        refused: LayerError | None = None
        for pad in _candidates(own, growth, more, 1 if is_transposed else stride):
            tried = {**changed, "before": pad[0], "after": pad[1]}
            if is_transposed:
                tried["output_padding"] = pad[2]
            if formula(tried) != self.wanted[axis]:
                continue
            try:
                self._check(axis, pad)
                return pad
            except LayerError as error:
                refused = error
        least = -(-max(span - own[0] - own[1], 0) // changed["dilation"]) + 1
        bare = {**changed, "before": 0, "after": 0}
        reason = f"without padding it is {formula.with_numbers(bare)} = {formula(bare)}"
        reason += f"; a kernel_size of {least} or more keeps it"
        raise LayerError(
            "no-padding-keeps-size",
            f"no padding keeps the size {self.wanted[axis]} with kernel_size {per_axis(self.kernel, format_shape)}",
            parameter="kernel_size",
            help=f"{reason if refused is None else refused}; or leave --keep-size out",
        )

    def _check(self, axis: int, pad: Pad) -> None:
        """Raise LayerError where the layer does not take the padding of an axis."""
        pads = [pad if each == axis else (0, 0, 0) for each in range(self.kind.rank)]
        self.kind.build({**self.given, **self.values(pads)})

    def values(self, pads: list[Pad]) -> dict[str, Any]:
        """The values of padding and output_padding, each as short as it can be written."""
        pairs: list[Any] = [before if before == after else [before, after] for before, after, _ in pads]
        is_one = all(pair == pairs[0] for pair in pairs) and isinstance(pairs[0], int)
        padding = {"padding": pairs[0] if is_one else pairs}
        if not _writes_output_padding(self.kind, self.given):
            return padding
        added = [more for _, _, more in pads]
        return {**padding, "output_padding": added[0] if len(set(added)) == 1 else added}


def _candidates(own: Pad, growth: int, ends: range, stride: int) -> Iterator[Pad]:
    """The paddings to try: as much more on both sides as the kernel grew, else with a cell more behind.

    `ends` are the cells that a transposed convolution may add at the end of its output. A stride leaves room: some
    cells may be missing or too many.
    """
    before, after, end = own
    changes = [(growth + added - end, added) for added in (end, *ends)]
    for change, added in changes:
        for half in (change // 2, -(-change // 2)):
            yield max(before + half, 0), max(after + half, 0), added
    for change, added in changes:
        yield max(before + change // 2, 0), max(after + change - change // 2, 0), added
    for change, added in changes:
        for room in range(-2 * stride, 2 * stride + 1):
            total = max(before + after + change + room, 0)
            yield total // 2, total - total // 2, added


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


def _window_of(layer: Layer) -> WindowLayer | None:
    """The window that a layer slides over its maps; None where it has none."""
    layer = of_place(layer)
    if isinstance(layer, ConvRecurrent):
        return layer.of_frame()
    return layer if isinstance(layer, WindowLayer) else None
