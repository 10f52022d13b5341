"""Dense layers and embeddings."""

from __future__ import annotations

from math import prod

from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.translators.activation import activated
from convcalc.importers.keras.values import BrokenLayer, NoCounterpart, Value, channels_first, straight
from convcalc.importers.network import Module


def _dense(request: Request) -> Value:
    """`linear`; on a map whose channels come first, a convolution of size 1, which is the same there."""
    settings, emitter, value = request.settings, request.emitter, request.input
    units, bias = settings.whole("units"), settings.flag("use_bias", True)
    is_map = value.rank in (3, 4) and value.order == channels_first(value.rank)
    tensors = emitter.tensors(kernel=(value.sizes[-1], units), bias=(units,) if bias else None)
    if is_map:
        type_name = f"conv{value.rank - 1}d"
        result = emitter.emit(type_name, [value], name=None, out_channels=units, kernel_size=1, bias=bias,
                              tensors=tensors)  # fmt: skip
    else:
        value = emitter.tokens(value)
        result = emitter.emit("linear", [value], name=None, out_features=units, bias=bias, tensors=tensors)
    return activated(request, result)


def _embedding(request: Request) -> Value:
    settings, emitter = request.settings, request.emitter
    value = emitter.tokens(request.input)
    rows, size = settings.whole("input_dim"), settings.whole("output_dim")
    return emitter.emit(
        "embedding", [value], straight(value.rank + 1), name=None, num_embeddings=rows, embedding_dim=size,
        tensors=emitter.tensors(embeddings=(rows, size)),
    )  # fmt: skip


def _einsum_dense(request: Request) -> Value:
    """`linear` where the last axis is contracted; else the product with a parameter, written out."""
    settings, emitter = request.settings, request.emitter
    value = emitter.tokens(request.input)
    equation = settings.text("equation", "").replace(" ", "")
    read, _, rest = equation.partition(",")
    weights, arrow, given = rest.partition("->")
    if not arrow:
        raise BrokenLayer(f"its equation is not one of two inputs: {equation[:60]}")
    if "..." in equation:
        if (read[:3], given[:3]) != ("...", "...") or len(read) != 4 or len(given) != 4:
            raise NoCounterpart(equation)
        read, given = [f"{'ABCDEFGH'[: value.rank]}{letters[3]}" for letters in (read, given)]
    if len(read) != value.rank + 1 or not given or read[0] != given[0]:
        raise BrokenLayer(f"its equation does not fit what it reads: {equation[:60]}")
    sizes = dict(zip(read[1:], value.shape))
    stated = settings.get("output_shape")
    stated = stated if isinstance(stated, list) else [stated]
    if len(stated) > len(given) - 1:
        raise BrokenLayer("its output_shape has more axes than its equation")
    for letter, size in zip(reversed(given), reversed(stated)):
        if isinstance(size, int):
            sizes.setdefault(letter, size)
    bias_axes = settings.get("bias_axes")
    try:
        kernel = tuple(sizes[letter] for letter in weights)
        bias = tuple(sizes[letter] for letter in given if letter in bias_axes) if isinstance(bias_axes, str) else None
        added = [sizes[letter] if bias_axes and letter in bias_axes else 1 for letter in given[1:]]
    except KeyError as error:
        raise BrokenLayer(f"the size of axis {error} of its equation is not stated") from None
    tensors = emitter.tensors(kernel=kernel, bias=bias)
    if weights == read[-1] + given[-1] and given[:-1] == read[:-1] and (bias is None or bias == (kernel[1],)):
        result = emitter.emit("linear", [value], name=None, out_features=kernel[1], bias=bias is not None,
                              tensors=tensors)  # fmt: skip
        return activated(request, result)
    with emitter.inside(Module(request.layer.name, "EinsumDense")):
        held = emitter.emit("parameter", [], straight(len(kernel)), name="kernel", shape=list(kernel),
                            tensors={"kernel": tensors["kernel"]})  # fmt: skip
        equation = f"{read[1:]},{weights}->{given[1:]}".lower()
        result = emitter.emit("einsum", [value, held], straight(len(given) - 1), equation=equation)
        if bias is not None:
            while len(added) > 1 and added[0] == 1 and prod(added) == prod(added[1:]):
                added = added[1:]
            term = emitter.emit("parameter", [], straight(len(added)), name="bias", shape=added,
                                tensors={"bias": tensors["bias"]})  # fmt: skip
            result = emitter.emit("add", [result, term], result.order)
    return activated(request, result)


TABLE: dict[str, Translator] = {"Dense": _dense, "Embedding": _embedding, "EinsumDense": _einsum_dense}
