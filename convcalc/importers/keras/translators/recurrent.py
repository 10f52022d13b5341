"""Recurrent layers, on sequences and on maps."""

from __future__ import annotations

from typing import Any, NamedTuple

from convcalc.importers.keras.calls import BrokenConfig
from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.model import Layer, layer_of
from convcalc.importers.keras.request import Request, Translator
from convcalc.importers.keras.settings import Settings, one
from convcalc.importers.keras.translators.merge import merged
from convcalc.importers.keras.values import BrokenLayer, NoCounterpart, Value, straight
from convcalc.importers.network import Module, Tensor

# The class -> the type and the number of its gates.
GATES = {"LSTM": ("lstm", 4), "GRU": ("gru", 3), "SimpleRNN": ("rnn", 1)}
ALIASES = {"CuDNNLSTM": "LSTM", "CuDNNGRU": "GRU"}
MERGES = {"sum": "add", "mul": "mul", "ave": "add"}


class Cell(NamedTuple):
    """A recurrent layer, or one direction of it: its type, parameters and tensors."""

    type: str
    units: int
    parameters: dict[str, Any]
    shapes: dict[str, tuple[int, ...] | None]


def _cell(kind: str, settings: Settings, features: int) -> Cell:
    kind = ALIASES.get(kind, kind)
    if kind not in GATES:
        raise NoCounterpart(kind)
    type_name, gates = GATES[kind]
    units, use_bias = settings.whole("units"), settings.flag("use_bias", True)
    twice = kind == "GRU" and settings.flag("reset_after", True)  # as many biases for the state
    bias = (2, gates * units) if twice else (gates * units,)
    parameters: dict[str, Any] = {"hidden_size": units, "bias": (True if twice else "one") if use_bias else False}
    if kind == "SimpleRNN" and settings.get("activation") == "relu":
        parameters["nonlinearity"] = "relu"
    shapes: dict[str, tuple[int, ...] | None] = {
        "kernel": (features, gates * units),
        "recurrent_kernel": (units, gates * units),
        "bias": bias if use_bias else None,
    }
    return Cell(type_name, units, parameters, shapes)


def _recurrent(request: Request) -> Value | list[Value]:
    emitter, settings = request.emitter, request.settings
    value = emitter.tokens(request.input)
    cell = _cell(request.layer.kind, settings, value.shape[-1])
    tensors = emitter.tensors(**cell.shapes)
    if len(request.inputs) > 1:  # it starts from a state that another layer gives
        return _from_state(request, value, cell, tensors)
    result = emitter.emit(cell.type, [value], name=None, tensors=tensors, **cell.parameters)
    return _given(request, result, cell)


def _given(request: Request, result: Value, cell: Cell) -> list[Value]:
    """The sequence or the last state, and the states where they are returned."""
    emitter, settings = request.emitter, request.settings
    states = ["h", "c"] if cell.type == "lstm" else ["h"]
    returned = states if settings.flag("return_state", False) else []
    whole = settings.flag("return_sequences", False)
    shape = (*result.shape[:-2], 1, cell.units)
    found = {
        part: emitter.emit("flatten", [emitter.part(result, part, shape)], (0,))
        for part in states
        if part in returned or (part == "h" and not whole)
    }
    return [result if whole else found["h"], *(found[part] for part in returned)]


def _from_state(request: Request, value: Value, cell: Cell, tensors: dict[str, Tensor]) -> list[Value]:
    """A layer of the language starts from zeros: this one is known by what it holds and gives."""
    emitter, settings = request.emitter, request.settings
    whole = settings.flag("return_sequences", False)
    result = emitter.unknown(
        request.layer.kind, [value, *request.inputs[1:]], (value.shape[0], cell.units) if whole else (cell.units,),
        tensors,
    )  # fmt: skip
    if not settings.flag("return_state", False):
        return [result]
    last = emitter.emit("select", [result], (0,), axis=0, index=-1) if whole else result
    return [result, last, last] if cell.type == "lstm" else [result, last]


def _inner(request: Request, key: str) -> Layer:
    try:
        return layer_of(request.settings.get(key), f"the {key} of {request.layer.name}")
    except BrokenConfig as error:
        raise BrokenLayer(str(error)) from None


def _bidirectional(request: Request) -> Value | list[Value]:
    emitter = request.emitter
    inner = _inner(request, "layer")
    settings = Settings(inner.config)
    value = emitter.tokens(request.input)
    if len(request.inputs) > 1 or settings.flag("return_state", False):
        raise NoCounterpart("Bidirectional")
    if request.settings.has("backward_layer"):
        backward = _inner(request, "backward_layer")
        if (backward.kind, backward.config.get("units")) != (inner.kind, inner.config.get("units")):
            raise NoCounterpart("Bidirectional")
    cell = _cell(inner.kind, settings, value.shape[-1])
    tensors = {
        f"{way}_{name}": emitter.tensor(f"{way}_{name}", *shape)
        for way in ("forward", "backward")
        for name, shape in cell.shapes.items()
        if shape is not None
    }
    mode = request.settings.values.get("merge_mode", "concat")
    whole = settings.flag("return_sequences", False)
    result = emitter.emit(cell.type, [value], name=None, tensors=tensors, bidirectional=True, **cell.parameters)
    if not whole:
        state = emitter.part(result, "h", (2, cell.units))
        if mode == "concat":
            return emitter.emit("flatten", [state], (0,))
        halves = [emitter.emit("select", [state], (0,), axis=0, index=index) for index in (0, 1)]
    elif mode == "concat":
        return result
    else:
        halves = [emitter.emit("chunk", [result], axis=1, chunks=2, index=index) for index in (0, 1)]
    return _joined(emitter, halves, mode)


def _joined(emitter: Emitter, halves: list[Value], mode: Any) -> Value | list[Value]:
    if mode is None:
        return halves
    if mode not in MERGES:
        raise BrokenLayer(f"its merge_mode is {str(mode)[:60]}")
    result = merged(emitter, MERGES[mode], halves, name="")
    return emitter.emit("scalar", [result], multiply=0.5) if mode == "ave" else result


def _rnn(request: Request) -> Value | list[Value]:
    """Cells that are written apart from the layer that runs them: one, or several on top of each other."""
    emitter, settings = request.emitter, request.settings
    cell = settings.get("cell")
    outer = _inner(request, "cell")
    stacked = outer.config.get("cells") if outer.kind == "StackedRNNCells" else [cell]
    if len(request.inputs) > 1 or settings.flag("return_state", False) or not isinstance(stacked, list) or not stacked:
        raise NoCounterpart("RNN")
    value = emitter.tokens(request.input)
    last: tuple[Value, Cell] | None = None
    with emitter.inside(Module(request.layer.name, "RNN")):
        for number, each in enumerate(stacked):
            inner = layer_of(each, f"cell {number} of {request.layer.name}")
            kind = inner.kind.removesuffix("Cell")
            built = _cell(kind, Settings(inner.config), value.shape[-1])
            before, emitter.name = emitter.name, f"cell{number}"
            value = emitter.emit(built.type, [value], name=None, tensors=emitter.tensors(**built.shapes),
                                 **built.parameters)  # fmt: skip
            emitter.name, last = before, (value, built)
        assert last is not None
        return _given(request, *last)


def conv_lstm(rank: int) -> Translator:
    def translate(request: Request) -> Value:
        emitter, settings = request.emitter, request.settings
        if len(request.inputs) > 1 or settings.flag("return_state", False):
            raise NoCounterpart(request.layer.kind)
        value = request.input
        last = settings.format == "channels_last"
        value = emitter.arranged(value, (0, *range(2, rank + 2), 1) if last else straight(rank + 2))
        filters, kernel = settings.whole("filters"), settings.sizes("kernel_size", rank)
        use_bias, whole = settings.flag("use_bias", True), settings.flag("return_sequences", False)
        padding = settings.text("padding", "valid")
        tensors = emitter.tensors(
            kernel=(*kernel, value.shape[1], 4 * filters),
            recurrent_kernel=(*kernel, filters, 4 * filters),
            bias=(4 * filters,) if use_bias else None,
        )
        order = value.order if whole else tuple(axis - 1 for axis in value.order[1:])
        return emitter.emit(
            f"conv_lstm{rank}d", [value], order, name=None, hidden_channels=filters, kernel_size=one(kernel),
            stride=one(settings.sizes("strides", rank, 1)), dilation=one(settings.sizes("dilation_rate", rank, 1)),
            padding="same" if padding == "same" else 0, bias=use_bias, return_sequences=whole, tensors=tensors,
        )  # fmt: skip

    return translate


TABLE: dict[str, Translator] = {
    **dict.fromkeys((*GATES, *ALIASES), _recurrent),
    **{f"ConvLSTM{rank}D": conv_lstm(rank) for rank in (1, 2, 3)},
    "Bidirectional": _bidirectional,
    "RNN": _rnn,
}
