"""The help of messages about the layers of a network.

Only a spec with a problem loads this module.
"""

from __future__ import annotations

from math import isqrt

from convcalc import layers
from convcalc.arith.shape import Shape
from convcalc.language.corrections import IMAGE_CHANNELS, channels_first, value_help
from convcalc.language.spec import MERGES, Entry
from convcalc.layers.base import LEADING_AXES, Layer, LayerError
from convcalc.manual import foreign
from convcalc.network.fitting import CROP
from convcalc.network.rows import written_names
from convcalc.network.site import Site
from convcalc.network.values import shape_names
from convcalc.text.source import Expression, Value, as_plain


def help_for_value(site: Site, error: LayerError, raw: Value) -> str:
    """The help for a value that a parameter does not accept. `raw` is the value, or the part of it that is wrong."""
    type, key = site.entry.type, error.parameter or ""
    kind = layers.find(type) if isinstance(type, str) else None
    parameter = None if kind is None else kind.parameters.get(key)
    if kind is None or parameter is None:
        return ""
    advice = foreign.value_advice(key, str(as_plain(raw)), kind.parameters)
    if advice:
        return advice
    value = site.plain(raw, site.mark(key)) if isinstance(raw, Expression) else raw
    names = {*site.scope.values, *site.columns, *(shape_names(site.shape) if site.shape else ())}
    return value_help("" if error.path else key, raw, value, names, parameter.schema(kind.rank))


def with_hint(site: Site, layer: Layer, inputs: tuple[Shape, ...], error: LayerError) -> LayerError:
    """The error of a layer on its inputs, with a help that corrects the cause where it is elsewhere.

    The layer may read another tensor of the same number of axes: activations leave the shape of the input as it is.
    """
    help = ""
    for name, shape in site.construction.graph.inputs.items():
        if error.rule == "wrong-rank" and inputs and len(inputs[0]) == len(shape):
            help = help or _rank_help(name, shape, layer)
        if error.rule in ("kernel-larger-than-input", "groups-do-not-divide") and channels_first(shape) != list(shape):
            help = f"shapes are channels first: write `{name}: {channels_first(shape)}`"
    if error.rule == "shapes-do-not-agree" and site.entry.type == "residual" and not site.has("shortcut"):
        help = _shortcut_help(*inputs)
    elif error.rule == "shapes-do-not-agree" and layer.type.name in MERGES and _differ_in_size(inputs):
        help = error.help + CROP
    if not help:
        return error
    return LayerError(error.rule, str(error), parameter=error.parameter, path=error.path, help=help, mark=error.mark)


def _differ_in_size(inputs: tuple[Shape, ...]) -> bool:
    """Whether maps of equal rank differ in the axes after the channels."""
    return len({len(shape) for shape in inputs}) == 1 < len({shape[1:] for shape in inputs})


def _rank_help(name: str, shape: Shape, layer: Layer) -> str:
    """The help for an input with one axis too many, or for an image as a vector; empty for any other."""
    rank = layer.type.rank
    if len(shape) == 1 and rank == 2:
        return _image_help(name, shape[0])
    if len(shape) != (rank + 2 if rank else 3):
        return ""
    help = f"a shape has no batch axis: write `{name}: {channels_first(shape[1:])}`"
    if rank == 1:
        help = f"{layer.type.name[:-2]}2d reads images [C, H, W]; {help}"
    if not layer.type.layer_class.takes_leading_axes or shape[0] == 1:
        return help
    return f"{help}; or, where the first axis holds frames, windows or views, write `{LEADING_AXES}: 1` into the entry"


def _image_help(name: str, size: int) -> str:
    """The help for a vector of the pixels of a square image."""
    for channels in IMAGE_CHANNELS:
        side = isqrt(size // channels)
        if side > 1 and channels * side**2 == size:
            return f"write the shape of the image: `{name}: {[channels, side, side]}`"
    return ""


def _shortcut_help(body: Shape, skip: Shape) -> str:
    """The help for a residual container whose body changes the channels: the usual shortcut."""
    if not 1 < len(body) == len(skip) < 5 or body[0] == skip[0]:
        return ""
    stride = -(-skip[1] // body[1])
    if any(-(-old // stride) != new for old, new in zip(skip[1:], body[1:])):
        return ""
    keys = f"out_channels: {body[0]}, kernel_size: 1" + (f", stride: {stride}" if stride > 1 else "")
    return f"give it a shortcut of the same shape: `shortcut: [conv{len(body) - 1}d: {{{keys}}}]`"


def name_of_rows(entries: list[Entry], reference: str) -> str:
    """The help for a reference to a name in a column `name`, which the name of the entry itself hides; else empty."""
    for entry in entries:
        if entry.has("name") and reference in written_names(entry.get("rows")):
            name = entry.get("name")
            return f"the key `name: {name}` of its entry hides the column `name` of the rows: remove the key"
        help = "".join(name_of_rows(inner, reference) for inner in entry.lists)
        if help:
            return help
    return ""
