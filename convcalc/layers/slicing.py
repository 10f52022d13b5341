"""Slicing and padding: part of an input, or more than it."""

from __future__ import annotations

from convcalc.arith.formula import ceil_div
from convcalc.arith.shape import Shape, format_shape
from convcalc.arith.window import Window, offset, placed
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, axis_from, links
from convcalc.layers.parameters import (
    Choice,
    Integer,
    Integers,
    LikeEntry,
    Number,
    OrNull,
    Padding,
    Pads,
    PerAxis,
)
from convcalc.layers.spatial import SpatialAxes, exactly_one, like_sizes, spatial_sizes
from convcalc.layers.windows import BORDERS, check_border, per_channel


def check_index(index: int, shape: Shape, axis: int) -> None:
    """Raise LayerError when an axis has no place of this number."""
    if not -shape[axis] <= index < shape[axis]:
        raise LayerError(
            "wrong-index",
            f"there is no place {index} among the {shape[axis]} of axis {axis} of the {{input}}",
            parameter="index",
            help=f"places are counted from 0 to {shape[axis] - 1}",
        )


class Cut(Layer):
    """A layer that keeps some places of one axis: `places` says which."""

    axis: Integer

    def places(self, size: int) -> range:
        """The positions that are kept of an axis of this size. Raises LayerError when there is none."""
        raise NotImplementedError

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        axis = axis_from(self.axis, len(shape))
        places = self.places(shape[axis])
        count = (places[-1] - places[0]) // places.step + 1  # len() ends at the machine's word
        return (*shape[:axis], count, *shape[axis + 1 :])

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        axis = self.axis % len(output)
        places = self.places(inputs[0][axis])
        window = offset(places.start, places.step)
        return (tuple(links(len(output), through={axis: window})),)


class Slice(Cut):
    """The places of one axis from `start` up to, without, `stop`, as Python slices a list.

    Example:
        input: [64, 56, 56]
        layers:
          - slice: {axis: 0, start: 0, stop: 32}

    Shape:
        the size along `axis` becomes ceil((stop - start) / step); negative numbers count from the end

    Errors:
        empty-output        there is no place between start and stop
        wrong-axis          the input has no such axis

    Source:
        Python's slices, which PyTorch's tensors follow.
    """

    axis = Integer(minimum=None, help="the axis to cut")
    start = OrNull(Integer(minimum=None, help="first place that is kept; the beginning when null"))
    stop = OrNull(Integer(minimum=None, help="first place that is not; the end when null"))
    step = Integer(1, help="distance between places that are kept")

    def places(self, size: int) -> range:
        return sliced(size, self.axis, self.start, self.stop, self.step)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "it keeps all places" if not self.start and self.stop is None and self.step == 1 else ""


def sliced(size: int, axis: int, start: int | None, stop: int | None, step: int) -> range:
    """The places of a slice of an axis. Raises LayerError where there are none."""
    places = range(size)[start:stop:step]
    if not places:
        raise LayerError(
            "empty-output",
            f"nothing of axis {axis} of the {{input}} is kept",
            parameter="start" if stop is None else "stop",
            help=f"start {places.start}, stop {places.stop} of {size}; negative numbers count from the end",
        )
    return places


class Chunk(Cut):
    """One of the pieces into which an axis is cut.

    Example:
        input: [64, 56, 56]
        layers:
          - chunk: {chunks: 2, index: 0}

    Shape:
        the size along `axis` becomes ceil(size / chunks), less for the last piece

    Errors:
        wrong-index         there is no such piece: small axes give fewer than `chunks`
        wrong-axis          the input has no such axis

    Source:
        PyTorch's chunk.
    """

    chunks = Integer(help="how many pieces")
    index = Integer(minimum=0, help="which of them, from 0")
    axis = Integer(0, minimum=None, help="the axis to cut")

    def places(self, size: int) -> range:
        piece = ceil_div(size, self.chunks)
        places = range(size)[self.index * piece : (self.index + 1) * piece]
        if not places:
            raise LayerError(
                "wrong-index",
                f"there is no chunk {self.index}: {self.chunks} chunks of size {size} make {ceil_div(size, piece)}",
                parameter="index",
                help="indices are counted from 0; each chunk has ceil(size / chunks), as PyTorch cuts it",
            )
        return places

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "one chunk is the whole" if self.chunks == 1 else ""


class Crop(Layer):
    """Cells cut off at both ends of each axis after the channels.

    Example:
        input: [64, 56, 56]
        layers:
          - crop: {cropping: 2}

    Shape:
        [C, H, W] to [C, H - before - after, W - before - after]

    Errors:
        empty-output        nothing is left
        wrong-rank          the input is a vector

    Source:
        Keras's Cropping2D.
    """

    takes_leading_axes = True
    cropping = SpatialAxes(Padding(words=(), help="cells to cut: a number, one per axis, or [before, after] pairs"))

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        sizes = spatial_sizes(self, inputs[0])
        result = [size - sum(cut) for size, cut in zip(sizes, self.cells_cut(len(sizes)))]
        if min(result) < 1:
            raise LayerError(
                "empty-output",
                "cropping leaves nothing of the {input}",
                parameter="cropping",
                help=f"the output would be {format_shape(result)}",
            )
        return (inputs[0][0], *result)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (per_channel(offset(before) for before, _ in self.cells_cut(len(output) - 1)),)

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        return "cropping is 0" if output == inputs[0] else ""

    def cells_cut(self, rank: int) -> Pads:
        """The cells that are cut before and after on each axis after the channels."""
        cuts: Pads = Crop.cropping.settle(self.cropping, rank)
        return cuts


class CenterCrop(Layer):
    """The middle of a map.

    Example:
        input: [64, 56, 56]
        layers:
          - center_crop: {size: 48}

    Shape:
        [C, H, W] to [C, size, size]; the odd cell is cut after

    Errors:
        crop-larger-than-input  the map is smaller
        missing-parameter       neither size nor like is given
        wrong-rank              the input is a vector, or `like` has other axes

    Source:
        torchvision's CenterCrop, without its padding; the crops of Ronneberger et al. 2015, "U-Net".
    """

    takes_leading_axes = True
    size = SpatialAxes(PerAxis(None, help="cells to keep: a number or one per axis"))
    like = LikeEntry(None, help="an entry whose spatial size is taken instead")

    def check(self) -> None:
        exactly_one(self, "size", "like")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        sizes = spatial_sizes(self, inputs[0])
        wanted: tuple[int, ...]
        if self.like is not None:
            wanted = like_sizes(self, self.like, sizes)
        else:
            wanted = CenterCrop.size.settle(self.size, len(sizes))
        if any(kept > size for kept, size in zip(wanted, sizes)):
            raise LayerError(
                "crop-larger-than-input",
                f"the {{input}} is smaller than {format_shape(wanted)}",
                parameter="size" if self.like is None else "like",
                help="`pad` makes a map larger",
            )
        return (inputs[0][0], *wanted)

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        return (per_channel(offset((size - kept) // 2) for size, kept in zip(inputs[0][1:], output[1:])),)


class Pad(Layer):
    """Cells put around each channel: a constant, or what the map itself gives. A negative number cuts cells off.

    With `axes` it pads these axes instead of those after the channels.

    Example:
        input: [3, 224, 224]
        layers:
          - pad: {padding: 3, mode: reflect}

    Shape:
        [C, H, W] to [C, H + before + after, W + before + after]

    Errors:
        padding-too-large   reflect needs less padding than the map has cells, circular no more
        empty-output        negative padding leaves nothing, or less than circular padding repeats
        contradicting-parameters  like and axes are both given
        missing-parameter   neither padding nor like is given
        wrong-axis          the input has no such axis, or `axes` has one twice
        wrong-rank          the input is a vector and `axes` is not given, or the mode cannot pad as many axes

    Source:
        PyTorch's pad and its padding layers.
    """

    takes_leading_axes = True
    padding = SpatialAxes(
        Padding(None, words=(), minimum=None, help="cells around: a number, one per axis, or [before, after] pairs")
    )
    like = LikeEntry(None, help="an entry whose spatial size is reached instead; the odd cell after")
    axes = OrNull(Integers(minimum=None, help="which axes are padded; those after the channels when null"))
    mode = Choice(("constant", "reflect", "replicate", "circular"), "constant", help="what the new cells hold")
    value = Number(0, help="the constant")

    def check(self) -> None:
        exactly_one(self, "padding", "like")
        if self.like is not None and self.axes is not None:
            raise LayerError("contradicting-parameters", "like and axes exclude each other", parameter="axes")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        shape = inputs[0]
        pads = self.cells_added(shape)
        # PyTorch 2.13, torch.nn.functional.pad: "Supported combinations for non-constant padding".
        if self.mode != "constant" and len(pads) > 3:
            raise LayerError("wrong-rank", f"mode {self.mode} pads up to 3 axes", parameter="mode")
        parameter = "padding" if self.like is None else "like"
        check_border(self.mode, tuple([shape[axis] for axis in pads]), tuple(pads.values()), parameter)
        for axis, pad in pads.items():
            self._check_what_is_left(axis, shape[axis], pad)
        return tuple([size + sum(pads.get(axis, ())) for axis, size in enumerate(shape)])

    def _check_what_is_left(self, axis: int, size: int, pad: tuple[int, int]) -> None:
        """Raise LayerError where negative padding cuts off too much."""
        kept = size + sum(min(cells, 0) for cells in pad)
        # A constant needs no other cells. What reflect and replicate put on one side may be cut off from the other one.
        least = {"constant": 0, "circular": max(*pad, 1)}.get(self.mode, kept)
        if kept < least or size + sum(pad) < 1:
            raise LayerError(
                "empty-output",
                f"padding {list(pad)} cuts {size - kept} of the {size} places of axis {axis} of the {{input}}",
                parameter="padding",
            )

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        shape = inputs[0]
        windows = {axis: self._window(pad, shape[axis], output[axis]) for axis, pad in self.cells_added(shape).items()}
        return (tuple(links(len(output), through=windows)),)

    def _window(self, pad: tuple[int, int], size: int, output_size: int) -> Window:
        before, _ = pad
        if self.mode == "circular" and min(pad) < 0 < max(pad):  # what is cut off does not come in at the other end
            kept = range(size)[max(-before, 0) : size + min(pad[1], 0)]
            return placed(output_size, lambda place: kept[(place - max(before, 0)) % len(kept)])
        return offset(-before, 1, BORDERS[self.mode])

    def idle_reason(self, inputs: tuple[Shape, ...], output: Shape) -> str:
        # With `like` another entry gives the size, and may be larger in another variant.
        idle = self.like is None and not any(map(any, self.cells_added(inputs[0]).values()))
        return "padding is 0" if idle else ""

    def cells_added(self, shape: Shape) -> dict[int, tuple[int, int]]:
        """By axis, the cells before and after."""
        if self.axes is not None:
            axes = [axis_from(axis, len(shape), "axes") for axis in self.axes]
            if len(set(axes)) < len(axes):
                raise LayerError("wrong-axis", "axes has an axis twice", parameter="axes")
            return dict(zip(axes, Pad.padding.settle(self.padding, len(axes))))
        sizes = spatial_sizes(self, shape)
        pads = Pad.padding.settle(self.padding, len(sizes)) if self.like is None else self._up_to(self.like, sizes)
        return dict(enumerate(pads, 1))

    def _up_to(self, like: tuple[int, ...], sizes: tuple[int, ...]) -> Pads:
        """The padding that makes a map as large as `like`."""
        missing = [wanted - size for wanted, size in zip(like_sizes(self, like, sizes), sizes)]
        if min(missing) < 0:
            raise LayerError(
                "padding-too-large",
                f"the {{input}} is larger than the {format_shape(like)} of `like`",
                parameter="like",
                help="`center_crop` makes a map smaller",
            )
        return tuple([(cells // 2, cells - cells // 2) for cells in missing])


TYPES = {
    "slice": LayerType("slice", Slice),
    "chunk": LayerType("chunk", Chunk),
    "crop": LayerType("crop", Crop),
    "center_crop": LayerType("center_crop", CenterCrop),
    "pad": LayerType("pad", Pad),
}
