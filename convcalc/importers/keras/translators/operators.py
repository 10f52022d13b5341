"""Functions that are called on tensors and so become layers: keras.ops of Keras 3, tf functions of Keras 2."""

from __future__ import annotations

from typing import Any

from convcalc import layers
from convcalc.importers.keras.request import Request, Translator, values_in
from convcalc.importers.keras.translators.activation import FUNCTIONS, Named, apply
from convcalc.importers.keras.translators.arithmetic import BINARY
from convcalc.importers.keras.translators.merge import aligned, concatenated, merged
from convcalc.importers.keras.translators.pooling import mode_of
from convcalc.importers.keras.translators.reshaping import permuted, reshaped
from convcalc.importers.keras.translators.slicing import get_item
from convcalc.importers.keras.values import NoCounterpart, Value, straight

# Of the functions of one tensor: those whose name here is another.
UNARY = {"Absolute": "abs", "Negative": "neg", "Rsqrt": "rsqrt", "Relu": "relu", "Exponential": "exp"}
REDUCTIONS = {
    "Mean": "mean", "Sum": "sum", "Max": "max", "Amax": "max", "Min": "min", "Amin": "min", "Prod": "prod",
    "Var": "var", "Std": "std", "Logsumexp": "logsumexp",
}  # fmt: skip
NOTHING = ("Cast", "StopGradient", "Identity", "Copy", "ConvertToTensor")


def setting(request: Request, *names: str) -> Any:
    """A setting of an operator: a keyword of the call, or part of its configuration."""
    for name in names:
        for held in (request.kwargs, request.settings.values):
            if held.get(name) is not None and not values_in(held[name]):
                return held[name]
    return None


def _unary(type_name: str) -> Translator:
    def translate(request: Request) -> Value:
        parameters: dict[str, Any] = {}
        if type_name == "gelu" and setting(request, "approximate"):
            parameters["approximate"] = "tanh"
        slope = setting(request, "negative_slope", "alpha")
        if type_name == "leaky_relu" and isinstance(slope, (int, float)):
            parameters["negative_slope"] = slope
        return request.emitter.emit(type_name, [request.input], name=None, **parameters)

    return translate


def _over_axis(name: str) -> Translator:
    def translate(request: Request) -> Value:
        axis = setting(request, "axis")
        if axis in (None, -1):
            return apply(request.emitter, request.input, Named(name), None)
        return request.emitter.emit(name, [request.input], name=None, axis=request.input.axis(axis))

    return translate


def _reduction(type_name: str) -> Translator:
    def translate(request: Request) -> Value:
        value, axes = request.input, setting(request, "axis")
        if axes is None:
            raise NoCounterpart(type_name)  # over the batch too
        ours = sorted(value.axis(axis) for axis in (axes if isinstance(axes, list) else [axes]))
        keep = bool(setting(request, "keepdims"))
        if keep:
            order = value.order
        else:
            kept = [axis for axis in value.order if axis not in ours]
            place = {axis: number for number, axis in enumerate(sorted(kept))}
            order = tuple(place[axis] for axis in kept)
        axis = ours[0] if len(ours) == 1 else ours
        return request.emitter.emit(type_name, [value], order, name=None, axis=axis, keepdim=keep)

    return translate


def _reshape(request: Request) -> Value:
    target = setting(request, "newshape", "shape")
    target = target if target is not None else next((each for each in request.args[1:] if isinstance(each, list)), None)
    if not isinstance(target, list) or len(target) < 2:
        raise NoCounterpart("Reshape")
    return reshaped(request.emitter, request.input, [-1 if size is None else size for size in target[1:]])


def _transpose(request: Request) -> Value:
    axes = setting(request, "axes", "perm")
    if not isinstance(axes, list) or not axes or axes[0] != 0:
        raise NoCounterpart("Transpose")
    return permuted(request.emitter, request.input, axes[1:])


def _swapaxes(request: Request) -> Value:
    rank = request.input.rank + 1
    one, other = (setting(request, name) for name in ("axis1", "axis2"))
    if not isinstance(one, int) or not isinstance(other, int) or 0 in (one % rank, other % rank):
        raise NoCounterpart("Swapaxes")
    axes = list(range(rank))
    axes[one], axes[other] = axes[other], axes[one]
    return permuted(request.emitter, request.input, axes[1:])


def _concatenate(request: Request) -> Value:
    axis = setting(request, "axis")
    return concatenated(request.emitter, request.inputs, -1 if axis is None else axis)


def _stack(request: Request) -> Value:
    values = [request.emitter.tokens(value) for value in request.inputs]
    rank, axis = values[0].rank + 2, setting(request, "axis") or 0
    if not isinstance(axis, int) or axis % rank == 0:
        raise NoCounterpart("Stack")
    return request.emitter.emit("stack", values, straight(rank - 1), name=None, axis=axis % rank - 1)


def _expand_dims(request: Request) -> Value:
    value, axis = request.emitter.tokens(request.input), setting(request, "axis")
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    rank = value.rank + 2
    if not isinstance(axis, int) or axis % rank == 0:
        raise NoCounterpart("ExpandDims")
    return request.emitter.emit("unsqueeze", [value], straight(rank - 1), name=None, axis=axis % rank - 1)


def _squeeze(request: Request) -> Value:
    value, axes = request.input, setting(request, "axis", "squeeze_dims")
    if axes is None:
        axes = [number for number, size in enumerate(value.sizes, 1) if size == 1]
    ours = sorted({value.axis(axis) for axis in (axes if isinstance(axes, list) else [axes])}, reverse=True)
    for number, axis in enumerate(ours):
        order = tuple(each - (each > axis) for each in value.order if each != axis)
        value = request.emitter.emit("squeeze", [value], order, name=None if number == 0 else "", axis=axis)
    return value


def _matmul(request: Request) -> Value:
    values = request.inputs
    if len(values) != 2 or any(setting(request, f"transpose_{side}") for side in "ab"):
        raise NoCounterpart("Matmul")
    values = [request.emitter.tokens(value) for value in values]
    return request.emitter.emit("matmul", values, name=None)


def _einsum(request: Request) -> Value:
    """The letter of the batch, first in every part, is left out."""
    equation = setting(request, "subscripts", "equation")
    parts = equation.replace(" ", "").replace("->", ",").split(",") if isinstance(equation, str) else [""]
    values = request.inputs
    if "->" not in str(equation) or len({part[:1] for part in parts}) > 1 or len(parts) != len(values) + 1:
        raise NoCounterpart("Einsum")
    values = [request.emitter.tokens(value) for value in values]
    equation = f"{','.join(part[1:] for part in parts[:-1])}->{parts[-1][1:]}"
    return request.emitter.emit("einsum", values, straight(len(parts[-1]) - 1), name=None, equation=equation)


def _split(request: Request) -> list[Value]:
    sections, axis = setting(request, "indices_or_sections", "num_or_size_splits"), setting(request, "axis")
    value = request.input
    ours = value.axis(-1 if axis is None else axis)
    size = value.shape[ours]
    if isinstance(sections, int) and sections > 0:
        return [request.emitter.emit("chunk", [value], name=None, axis=ours, chunks=sections, index=index)
                for index in range(min(sections, size))]  # fmt: skip
    if not isinstance(sections, list) or request.layer.kind != "Split" or not all(type(s) is int for s in sections):
        raise NoCounterpart("Split")
    ends = [*sections, size]
    sizes = [end - start for start, end in zip([0, *sections], ends)]
    return [request.emitter.emit("split", [value], name=None, axis=ours, sizes=sizes, index=index)
            for index in range(len(sizes))]  # fmt: skip


def _pad(request: Request) -> Value:
    widths, value = setting(request, "pad_width", "paddings"), request.input
    if not isinstance(widths, list) or len(widths) != value.rank + 1 or setting(request, "mode") not in (
        None, "constant", "CONSTANT",
    ):  # fmt: skip
        raise NoCounterpart("Pad")
    ours: list[Any] = [0] * value.rank
    for width, axis in zip(widths[1:], value.order):
        ours[axis] = width
    if any(ours[0]):  # the first axis is a channel of ours, and a row of channels_first
        axes = [axis for axis, width in enumerate(ours) if any(width)]
        padding = [ours[axis] for axis in axes]
        return request.emitter.emit("pad", [value], name=None, axes=axes, padding=padding)
    return request.emitter.emit("pad", [value], name=None, padding=ours[1:])


def _clip(request: Request) -> Value:
    low, high = setting(request, "x_min", "clip_value_min"), setting(request, "x_max", "clip_value_max")
    if (low, high) == (0, 6):
        return request.emitter.emit("relu6", [request.input], name=None)
    return request.emitter.emit("clamp", [request.input], name=None, min=low, max=high)


def _resize(request: Request) -> Value:
    size = setting(request, "size")
    mode = setting(request, "interpolation", "method") or "bilinear"
    value = request.emitter.map(request.input, request.settings.format)
    return request.emitter.emit("upsample", [value], name=None, size=size, mode=mode_of(str(mode), 2))


def _normalize(request: Request) -> Value:
    axis = setting(request, "axis")
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    ours = request.input.axis(-1 if axis is None else axis)
    return request.emitter.emit("normalize", [request.input], name=None, axis=ours)


def _flip(request: Request) -> Value:
    value, axis = request.input, setting(request, "axis")
    if not isinstance(axis, int):
        raise NoCounterpart("Flip")
    return request.emitter.emit("flip", [value], name=None, axes=value.axis(axis))


def _where(request: Request) -> Value:
    if len(request.inputs) != 3:
        raise NoCounterpart("Where")
    return merged(request.emitter, "where", aligned(request.emitter, request.inputs))


def _same(request: Request) -> Value:
    return request.input


def find(kind: str) -> Translator | None:
    """The translation of an operator."""
    if kind in TABLE:
        return TABLE[kind]
    if kind in REDUCTIONS:
        return _reduction(REDUCTIONS[kind])
    name = UNARY.get(kind, _snake(kind))
    name = FUNCTIONS[name][0] if name in FUNCTIONS else name
    layer_type = layers.find(name)
    is_function = layer_type is not None and layer_type.layer_class.__module__.rpartition(".")[2] in (
        "activation", "arithmetic",
    )  # fmt: skip
    return _unary(name) if is_function and layer_type is not None and layer_type.layer_class.arity == (1, 1) else None


def _snake(kind: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind).lstrip("_")


TABLE: dict[str, Translator] = {
    **BINARY, **dict.fromkeys(NOTHING, _same), "Reshape": _reshape, "Transpose": _transpose, "Swapaxes": _swapaxes,
    "Concatenate": _concatenate, "Stack": _stack, "ExpandDims": _expand_dims, "Squeeze": _squeeze,
    "Matmul": _matmul, "Einsum": _einsum, "Split": _split, "GetItem": get_item, "Pad": _pad, "Clip": _clip,
    "Resize": _resize, "Normalize": _normalize, "Where": _where, "Flip": _flip, "Softmax": _over_axis("softmax"),
    "LogSoftmax": _over_axis("log_softmax"), "Glu": _over_axis("glu"),
}  # fmt: skip
