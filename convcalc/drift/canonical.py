"""The canonical form of a layer: equal for two layers that compute the same function, however they are written.

A window is compared by the positions that it reads, so that `padding: same` equals `padding: 1` where it is 1. Layers
that change nothing, or only the shape, have no form: a network computes the same without them. A dropout has none
either, because it does nothing outside of training.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, NamedTuple

from convcalc.analysis.facts import Facts
from convcalc.arith.shape import Shape
from convcalc.layers.base import Dropped, Flow, Layer, Link, Unordered
from convcalc.layers.convolution import Convolution
from convcalc.layers.rearranging import Transpose
from convcalc.layers.reshaping import Flatten, Identity, Permute, Reshape, Squeeze, Unflatten, Unsqueeze
from convcalc.layers.selecting import Select
from convcalc.layers.slicing import Cut

# They keep the order of the elements.
RESHAPES = (Flatten, Identity, Reshape, Squeeze, Unflatten, Unsqueeze)
# The order of what they read does not matter.
COMMUTATIVE = frozenset(["add", "mul", "maximum", "minimum", "logical_and", "logical_or", "eq", "ne"])
# Settings of the training, which no output depends on.
OF_TRAINING = frozenset(["momentum", "init", "padding_idx"])
# What the windows of a layer tell: they are compared instead.
OF_WINDOWS = frozenset(["kernel_size", "stride", "padding", "dilation", "ceil_mode", "output_size", "output_padding",
                        "like", "causal", "scale_factor", "size"])  # fmt: skip
POOLINGS = ("avg_pool", "max_pool")
AVERAGES = ("avg_pool", "adaptive_avg_pool", "global_avg_pool", "mean")
MAXIMA = ("max_pool", "adaptive_max_pool", "global_max_pool", "max")
RECURRENT = "num_layers"
# The number of channels, where a setting repeats it.
CHANNELS = "channels"
DROPOUTS = frozenset(["dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout",
                      "drop_path"])  # fmt: skip

# Of each input, what each axis of the output reads.
Windows = tuple[tuple[tuple[Any, ...], ...], ...]


class Form(NamedTuple):
    """The kind of a layer, its settings, and the windows through which it reads."""

    kind: str
    settings: tuple[tuple[str, Hashable], ...] = ()
    windows: Windows | None = None

    @property
    def outline(self) -> Form:
        """The form without the numbers that no shape and no count depends on, such as eps."""
        return self._replace(settings=tuple(each for each in self.settings if not isinstance(each[1], float)))


def form_of(layer: Layer, facts: Facts) -> Form | None:
    """The canonical form of a layer on the shapes that it reads; None for one that changes nothing but the shape."""
    inputs, output = facts.input_shapes, facts.output_shape
    if isinstance(layer, RESHAPES) or layer.type.name in DROPOUTS or (inputs and layer.idle_reason(inputs, output)):
        return None
    if layer.is_custom:
        return Form("custom", (("params", facts.params), ("output", output)))
    whole = _whole_reduction(layer, facts)
    if whole is not None:
        return whole
    if isinstance(layer, (Permute, Transpose)):
        return _permutation(layer, len(output))
    if isinstance(layer, (Cut, Select)) and len(inputs) == 1:
        return _taken(layer, inputs[0])
    windows = None if RECURRENT in layer.parameters else _windows(facts.flow, output)
    settings = _settings(layer, inputs, output, OF_TRAINING if windows is None else OF_TRAINING | OF_WINDOWS)
    kind = _kind(layer)
    if kind.rstrip("0123456789d") in POOLINGS and windows is not None and _is_identity(windows):
        return None
    return _alias(Form(kind, tuple(settings.items()), windows))


def _kind(layer: Layer) -> str:
    if isinstance(layer, Convolution):
        return f"conv{layer.type.rank}d"
    return layer.type.name.removeprefix("adaptive_")


def _alias(form: Form) -> Form:
    """One form for an operation that has several names."""
    bounds = dict(form.settings)
    if form.kind in ("hardtanh", "clamp"):
        least, most = (bounds.get("min_val"), bounds.get("max_val")) if form.kind == "hardtanh" else (
            bounds.get("min"), bounds.get("max"))  # fmt: skip
        if least == 0 and most in (6, None):
            return Form("relu6" if most == 6 else "relu")
        return Form("clamp", (("max", most), ("min", least)))
    return form


def _permutation(layer: Layer, rank: int) -> Form:
    """The order of the axes: a transpose gives two of them, a permute all."""
    axes = [axis % rank for axis in layer.config()["axes"]]
    if isinstance(layer, Transpose):
        order = list(range(rank))
        order[axes[0]], order[axes[1]] = axes[1], axes[0]
        axes = order
    return Form("permute", (("axes", tuple(axes)),))


def _taken(layer: Cut | Select, shape: Shape) -> Form:
    """The form of taking places along an axis: a slice, a part, an index."""
    axis = layer.config()["axis"] % len(shape)
    index = layer.config().get("index", 0) % shape[axis] if isinstance(layer, Select) else 0
    places = range(index, index + 1) if isinstance(layer, Select) else layer.places(shape[axis])
    return Form("slice", (("axis", axis), ("places", (places[0], places[-1], places.step if len(places) > 1 else 1))))


def _settings(layer: Layer, inputs: tuple[Shape, ...], output: Shape, left_out: frozenset[str]) -> dict[str, Hashable]:
    """The settings of a layer that its function depends on. Those that follow from the input are words."""
    found: dict[str, Hashable] = {}
    rank = len(output)
    channels = inputs[0][layer.channel_axis] if inputs and len(inputs[0]) > layer.channel_axis else None
    for name, value in layer.config().items():
        if name in left_out or value is None:
            continue
        if (name == "groups" and value == channels and value != 1) or (name == "num_parameters" and value == channels):
            value = CHANNELS
        elif name == "normalized_shape":
            value = len(value) if isinstance(value, (tuple, list)) else 1
        elif name == "axis" and isinstance(value, int) and rank:
            value %= rank
        elif name in ("align_corners", "leading_axes", "count_include_pad") and not value:
            continue
        found[name] = freeze(value)
    if found.get("groups") == CHANNELS and channels and layer.config()["out_channels"] % channels == 0:
        found["out_channels"] = f"{layer.config()['out_channels'] // channels} * {CHANNELS}"
    if "normalized_shape" not in found and "normalized_shape" in layer.config():
        found["normalized_shape"] = 1
    if "count_include_pad" in found and not layer.config().get("ceil_mode") and not _pads(layer):
        del found["count_include_pad"]
    return dict(sorted(found.items()))


def _pads(layer: Layer) -> bool:
    padding = layer.config().get("padding")
    return isinstance(padding, str) or any(any(pair) if isinstance(pair, tuple) else pair for pair in padding or ())


def _whole_reduction(layer: Layer, facts: Facts) -> Form | None:
    """The form of a mean or a maximum over whole axes: a pooling of everything is one too."""
    name = layer.type.name.rstrip("0123456789d") if layer.type.rank else layer.type.name
    operation = "mean" if name in AVERAGES else "max" if name in MAXIMA else ""
    if not operation:
        return None
    shape = facts.input_shapes[0]
    if name in ("mean", "max"):
        axes = layer.config()["axis"]
        axes = range(len(shape)) if axes is None else [axes] if isinstance(axes, int) else axes
        return Form(operation, (("axes", tuple(sorted(axis % len(shape) for axis in axes))),))
    first = layer.channel_axis + 1
    if any(size != 1 for size in facts.output_shape[first:]) or _pads(layer):
        return None
    if not all(_reads_all(layer, size, axis) for axis, size in enumerate(shape[first:])):
        return None
    return Form(operation, (("axes", tuple(range(first, len(shape)))),))


def _reads_all(layer: Layer, size: int, axis: int) -> bool:
    kernel = layer.config().get("kernel_size")
    return kernel is None or kernel[axis] == size


def _windows(flow: tuple[Flow, ...], output: Shape) -> Windows | None:
    """The windows of each input, axis by axis; None where they are not all that the layer reads."""
    found: list[tuple[tuple[Any, ...], ...]] = []
    for of_input in flow:
        if of_input is None or any(isinstance(part, (Unordered, Dropped)) for part in of_input):
            return None
        links = [(axis, part) for axis, part in enumerate(of_input) if isinstance(part, Link)]
        if not links:
            return None
        found.append(tuple(_window(link, output[axis]) for axis, link in links))
    return tuple(found) or None


def _is_identity(windows: Windows) -> bool:
    return all(len(part) == 2 for of_input in windows for part in of_input)


def _window(link: Link, size: int) -> tuple[Any, ...]:
    """What an output axis of that size reads of an input axis."""
    window = link.window
    if window is None or window.is_identity:
        return (link.axis, link.start)
    if size == 1:  # the stride does not matter
        return (link.axis, link.start, 0, window.taps[:1], window.border)
    return (link.axis, link.start, window.shift, window.taps, window.border)


def freeze(value: Any) -> Hashable:
    """A value of a setting with tuples instead of lists and mappings."""
    if isinstance(value, (list, tuple)):
        return tuple(map(freeze, value))
    if isinstance(value, dict):
        return tuple(sorted((key, freeze(item)) for key, item in value.items()))
    return value if isinstance(value, Hashable) else repr(value)
