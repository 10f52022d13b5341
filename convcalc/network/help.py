"""The help of messages about the layers of a network.

Only a spec with a problem loads this module.
"""

from __future__ import annotations

from convcalc import layers
from convcalc.arith.shape import Shape
from convcalc.language.corrections import plain, value_help
from convcalc.language.spec import Entry
from convcalc.layers.base import LEADING_AXES, Layer, LayerError
from convcalc.manual import foreign
from convcalc.network.rows import written_names
from convcalc.network.site import Site
from convcalc.text.source import Expression, Value

# The numbers of channels that an image has.
_IMAGE_CHANNELS = (1, 3, 4)
_LEAST_SIDE = 5  # a smaller axis may be channels, too


def help_for_value(site: Site, error: LayerError, raw: Value) -> str:
    """The help for a value that a parameter does not accept. `raw` is the value, or the part of it that is wrong."""
    type, key = site.entry.type, error.parameter or ""
    kind = layers.find(type) if isinstance(type, str) else None
    parameter = None if kind is None else kind.parameters.get(key)
    if kind is None or parameter is None:
        return ""
    advice = foreign.value_advice(key, str(plain(raw)), kind.parameters)
    if advice:
        return advice
    value = site.plain(raw, site.mark(key)) if isinstance(raw, Expression) else raw
    names = {*site.scope.values, *site.columns}
    return value_help("" if error.path else key, raw, value, names, parameter.schema(kind.rank))


def with_hint(site: Site, layer: Layer, inputs: tuple[Shape, ...], error: LayerError) -> LayerError:
    """The error of a layer on its inputs, with a help that corrects the input of the network where that is the cause.

    The layer may read another tensor of the same number of axes: activations leave the shape of the input as it is.
    """
    help = ""
    for name, shape in site.construction.graph.inputs.items():
        if error.rule == "wrong-rank" and inputs and len(inputs[0]) == len(shape):
            help = help or _batch_help(name, shape, layer)
        if error.rule in ("kernel-larger-than-input", "groups-do-not-divide") and _is_channels_last(shape):
            help = f"shapes are channels first: write `{name}: {[shape[-1], *shape[:-1]]}`"
    if not help:
        return error
    return LayerError(error.rule, str(error), parameter=error.parameter, path=error.path, help=help, mark=error.mark)


def _batch_help(name: str, shape: Shape, layer: Layer) -> str:
    """The help for an input with an axis too many; empty where it has as many as the layer reads, or fewer."""
    rank = layer.type.rank
    if len(shape) != (rank + 2 if rank else 3):
        return ""
    rest = shape[1:]
    if _is_channels_last(rest):
        rest = (rest[-1], *rest[:-1])
    help = f"a shape has no batch axis: write `{name}: {list(rest)}`"
    if rank == 1:
        help += f"; or read an image with {layer.type.name[:-2]}2d"
    if not layer.type.layer_class.takes_leading_axes or shape[0] == 1:
        return help
    return f"{help}; or, where the first axis holds frames, windows or views, write `{LEADING_AXES}: 1` into the entry"


def _is_channels_last(shape: Shape) -> bool:
    """Whether a shape looks like that of an image with its channels last."""
    return len(shape) > 2 and shape[-1] in _IMAGE_CHANNELS and min(shape[:-1]) >= _LEAST_SIDE


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
