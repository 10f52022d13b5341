"""Layers of darknet with a window: convolutions, pooling, and what changes the size of maps."""

from __future__ import annotations

from math import prod

from convcalc.importers.darknet.layer import Layer
from convcalc.importers.recorder import LARGEST_SIZE

LOWEST = -3.4028234663852886e38  # what max pooling finds in padding


def convolutional(layer: Layer) -> None:
    section = layer.section
    channels, height, width = layer.image()
    filters, size, groups = section.count("filters", 1), section.count("size", 1), section.count("groups", 1)
    strides = layer.strides()
    padding, dilation = _padding(layer, size), section.count("dilation", 1) if size > 1 else 1
    is_blurred, is_normalised = section.integer("antialiasing", 0), _is_normalised(layer)
    if channels % groups or filters % groups:
        raise layer.refusal(f"groups {groups} must divide {channels} input channels and {filters} filters", "groups")
    if "share_index" in section.values:
        _share(layer)
    steps = (1, 1) if is_blurred else strides
    shape = tuple((n + 2 * padding - dilation * (size - 1) - 1) // s + 1 for n, s in zip((height, width), steps))
    if dilation > 1:  # darknet pads each tap so far as it is moved
        shape = tuple(
            (n + 2 * padding * dilation - dilation * (size - 1) - 1) // s + 1 for n, s in zip((height, width), steps)
        )
    tensors = layer.tensors(weight=(filters, channels // groups, size, size), bias=(filters,))
    if is_normalised:
        del tensors["bias"]
    layer.add(
        "conv2d", (filters, *shape), name="conv", tensors=tensors, out_channels=filters, kernel_size=size,
        stride=steps, padding=padding * dilation, dilation=dilation, groups=groups, bias=not is_normalised,
    )  # fmt: skip
    if is_normalised:
        layer.normalise()
    layer.activate("logistic")
    if is_blurred:
        _blur(layer, strides, is_blurred)


def _padding(layer: Layer, size: int) -> int:
    """The padding on each side: half of the kernel where `pad` is set."""
    padding = size // 2 if layer.section.integer("pad", 0) else layer.section.integer("padding", 0)
    if padding < 0:
        raise layer.refusal(f"padding must be a whole number from 0, not {padding}", "padding")
    return padding


def _is_normalised(layer: Layer) -> bool:
    return bool(layer.section.integer("batch_normalize", 0) or layer.section.integer("cbn", 0))


def _share(layer: Layer) -> None:
    """Use the parameters of an earlier convolution, which must be of the same size."""
    owner = layer.earlier(layer.section.integer("share_index", 0), "share_index")
    if owner.section.type not in ("convolutional", "conv"):
        raise layer.refusal("share_index names a layer that is no convolution", "share_index")
    layer.owner = owner.owner


def _blur(layer: Layer, strides: tuple[int, int], kind: int) -> None:
    """The blur of `antialiasing`: a fixed kernel with the stride of the layer, of 2 by 2 cells where it is 2."""
    channels, height, width = layer.shape
    size, padding = (2, 0) if kind == 2 else (3, 1)
    shape = (channels, *((n + 2 * padding - size) // s + 1 for n, s in zip((height, width), strides)))
    if kind == 2:
        layer.add("avg_pool2d", shape, name="blur", kernel_size=2, stride=strides)
    else:
        layer.add("blur_pool2d", shape, name="blur", stride=strides, padding=1, padding_mode="zeros")


def deconvolutional(layer: Layer) -> None:
    section = layer.section
    channels, height, width = layer.image()
    filters, size, stride = section.count("filters", 1), section.count("size", 1), section.count("stride", 1)
    padding, is_normalised = _padding(layer, size), _is_normalised(layer)
    tensors = layer.tensors(weight=(channels, filters, size, size), bias=(filters,))
    if is_normalised:
        del tensors["bias"]
    shape = (filters, *((n - 1) * stride + size - 2 * padding for n in (height, width)))
    layer.add(
        "conv_transpose2d", shape, name="conv", tensors=tensors, out_channels=filters, kernel_size=size,
        stride=stride, padding=padding, bias=not is_normalised,
    )  # fmt: skip
    if is_normalised:
        layer.normalise()
    layer.activate("logistic")


def local(layer: Layer) -> None:
    """A convolution with a kernel of its own at each position; `pad` keeps the size of the map."""
    section = layer.section
    channels, height, width = layer.image()
    filters, size, stride = section.count("filters", 1), section.count("size", 1), section.count("stride", 1)
    total = size - 1 if section.integer("pad", 0) else 0
    rows, columns = ((n + total - size) // stride + 1 for n in (height, width))
    pad = (total // 2, total - total // 2)
    if pad[0] == pad[1]:
        padding: object = pad[0]
    else:
        padding = (pad, pad)
    tensors = layer.tensors(
        weight=(rows * columns, filters, channels * size * size), bias=(filters * rows * columns,)
    )  # fmt: skip
    layer.add(
        "locally_connected2d", (filters, rows, columns), name="conv", tensors=tensors, out_channels=filters,
        kernel_size=size, stride=stride, padding=padding,
    )  # fmt: skip
    layer.activate("logistic")


def maxpool(layer: Layer) -> None:
    depth = layer.section.integer("maxpool_depth", 0)
    if depth:
        _, height, width = layer.image()
        layer.add("maxpool_depth", (layer.section.count("out_channels", 1), height, width), known=False)
        return
    strides, is_blurred = layer.strides(), layer.section.integer("antialiasing", 0)
    _pool(layer, "max_pool2d", strides, is_blurred)
    if is_blurred:
        _blur(layer, strides, is_blurred)


def local_avgpool(layer: Layer) -> None:
    _pool(layer, "avg_pool2d", layer.strides(), 0)


def _pool(layer: Layer, type: str, strides: tuple[int, int], is_blurred: int) -> None:
    """Pooling. Darknet's padding is the total of both sides; the odd cell comes after."""
    section = layer.section
    channels, height, width = layer.image()
    size = section.count("size", section.count("stride", 1))
    total = section.integer("padding", size - 1)
    if total < 0:
        raise layer.refusal(f"padding must be a whole number from 0, not {total}", "padding")
    steps = (1, 1) if is_blurred else strides
    shape = (
        channels,
        *((n + total - size) // s + 1 if n + total >= size else 0 for n, s in zip((height, width), steps)),
    )
    pad = (total // 2, total - total // 2)
    padding = (pad, pad)
    if 2 * pad[1] > size:  # more than the type of the language takes
        padded = (channels, height + total, width + total)
        value = LOWEST if type == "max_pool2d" else 0
        layer.add("pad", padded, padding=padding, value=value)
        padding = ((0, 0), (0, 0))
    others = {"count_include_pad": False} if type == "avg_pool2d" else {}
    layer.add(type, shape, name="pool", kernel_size=size, stride=steps, padding=padding, **others)


def avgpool(layer: Layer) -> None:
    channels, _, _ = layer.image()
    layer.add("global_avg_pool", (channels, 1, 1))


def upsample(layer: Layer) -> None:
    channels, height, width = layer.image()
    stride, scale = layer.section.integer("stride", 2), layer.section.number("scale", 1.0)
    if stride < 0:  # darknet's `downsample`: the sum of each square
        factor = -stride
        shape = (channels, height // factor, width // factor)
        layer.add("avg_pool2d", shape, name="pool", kernel_size=factor, stride=factor)
        scale *= factor * factor
    else:
        shape = (channels, height * stride, width * stride)
        layer.add("upsample", shape, scale_factor=layer.section.count("stride", 2))
    if scale != 1:
        layer.add("scalar", multiply=scale)


def reorg(layer: Layer) -> None:
    """Darknet's first `reorg` lays the input out as larger maps and reads that memory as smaller ones."""
    channels, height, width = layer.image()
    stride = layer.section.count("stride", 1)
    is_reversed, extra = layer.section.integer("reverse", 0), layer.section.integer("extra", 0)
    if extra > 0:
        _append_zeros(layer, extra)
        return
    area = stride * stride
    if is_reversed or channels % area or height % stride or width % stride:
        if stride > LARGEST_SIZE // stride:
            raise layer.refusal(f"stride {stride} is too large", "stride")
        if layer.section.integer("reverse", 0):
            shape = (channels // area, height * stride, width * stride)
        else:
            shape = (channels * area, height // stride, width // stride)
        layer.add("reorg", shape, known=False)
        return
    split = (stride, stride, channels // area, height, width)
    layer.add("reshape", split, shape=list(split))
    layer.add("permute", tuple(split[axis] for axis in (2, 3, 0, 4, 1)), axes=[2, 3, 0, 4, 1])
    joined = (channels * area, height // stride, width // stride)
    layer.add("reshape", joined, shape=list(joined))


def _append_zeros(layer: Layer, count: int) -> None:
    """The map as a vector, with zeros behind it."""
    (size,) = layer.vector()
    value = layer.value
    zeros = layer.add("constant", (count,), inputs=[], shape=(count,))
    layer.add("concat", (size + count,), inputs=[value, zeros])


def reorg3d(layer: Layer) -> None:
    """Squares of cells as channels, or the reverse."""
    channels, height, width = layer.image()
    stride = layer.section.count("stride", 1)
    if layer.section.integer("reverse", 0):
        shape = (channels // (stride * stride), height * stride, width * stride)
        layer.add("pixel_shuffle", shape, known=prod(shape) == prod(layer.shape), upscale_factor=stride)
    else:
        shape = (channels * stride * stride, height // stride, width // stride)
        layer.add("pixel_unshuffle", shape, known=prod(shape) == prod(layer.shape), downscale_factor=stride)


def crop(layer: Layer) -> None:
    """A cut-out of the image, in the middle when the network is used, with values from -1 to 1."""
    channels, height, width = layer.image()
    rows, columns = layer.section.count("crop_height", 1), layer.section.count("crop_width", 1)
    if rows > height or columns > width:
        raise layer.refusal(f"a crop of {rows}x{columns} is larger than the image of {height}x{width}", "crop_height")
    if (rows, columns) != (height, width):
        layer.add("center_crop", (channels, rows, columns), size=(rows, columns))
    if not layer.section.integer("noadjust", 0):
        layer.add("scalar", multiply=2.0, add=-1.0)
