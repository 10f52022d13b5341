"""Recurrent layers, and the single steps that cells make."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.network import Tensor
from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import FIXED, LEARNED, Value


def _layers(type: str, nonlinearity: str = "tanh") -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        weights = call.values("params", "_flat_weights")
        if any(weight.tensor is None or weight.origin != LEARNED for weight in weights):
            raise ValueError("weights that are computed")
        tensors = {_last(weight.tensor): weight.tensor for weight in weights if weight.tensor is not None}
        bias, both, count = call.get("has_biases"), call.get("bidirectional"), call.get("num_layers")
        if call.node.operator.startswith("_"):
            raise ValueError("packed sequences")
        _check_start(call)
        gates = {"lstm": 4, "gru": 3, "rnn": 1}[type]
        hidden = weights[0].shape[0] // gates
        out = call.shape()[-1] // (2 if both else 1)
        parameters: dict[str, Any] = {
            "hidden_size": hidden, "num_layers": count, "bias": bool(bias), "bidirectional": bool(both),
            "dropout": float(call.get("dropout", default=0.0)),
        }  # fmt: skip
        if type == "lstm" and out != hidden:
            parameters["proj_size"] = out
        if type == "rnn":
            parameters["nonlinearity"] = nonlinearity
        _give(call, type, parameters, tensors)

    return handle


def _last(tensor: Tensor | None) -> str:
    return tensor.name.rpartition(".")[2] if tensor is not None else ""


def _check_start(call: Call) -> None:
    """The language starts recurrent layers from zeros."""
    states = call.get("hx", default=[])
    refs = states if isinstance(states, list) else [states]
    if any(call.translator.values[ref.name].origin != FIXED for ref in refs):
        raise ValueError("a state that is computed")


def _give(call: Call, type: str, parameters: dict[str, Any], tensors: dict[str, Tensor]) -> None:
    value = call.input
    steps = 1 if call.get("batch_first") and value.rank == 3 else 0
    names = ["h", "c"] if type == "lstm" else ["h"]
    if value.rank == 2 or value.batch == 1 - steps:
        state_batch = 1 if value.rank == 3 else None
        parts = [(number + 1, name, call.shape(number + 1), state_batch) for number, name in enumerate(names)]
        call.give(type, [value], value.batch, parameters, tensors=tensors, parts=parts)
        return
    if any(call.node.outputs[1:]) and not _states_are_unread(call):
        raise ValueError("states of a merged batch")
    value = call.unbatched(value)
    if steps == 1:
        call.give(type, [value], None, parameters, tensors=tensors)
        return
    length, batch, features = value.shape
    turned = call.insert("transpose", [value], (batch, length, features), None, axes=[0, 1])
    out = call.shape()
    result = call.translator.insert_layer(call.node, type, [turned], (out[1], out[0], out[2]), parameters, tensors)
    call.give("transpose", [result], None, {"axes": [0, 1]})


def _states_are_unread(call: Call) -> bool:
    return not any(name in call.translator.read_later for name in call.node.outputs[1:] if name is not None)


def _product(call: Call, value: Value, weight: str, bias: str, size: int) -> Value:
    """One of the two products of a cell, as a linear layer."""
    matrix = call.value(weight)
    if matrix.tensor is None or matrix.origin != LEARNED:
        raise ValueError("weights that are computed")
    tensors = {"weight": matrix.tensor}
    if call.has_tensor(bias):
        vector = call.value(bias)
        if vector.tensor is None:
            raise ValueError("a bias that is computed")
        tensors["bias"] = vector.tensor
    parameters = {"out_features": size, "bias": "bias" in tensors}
    return call.translator.insert_layer(
        call.node, "linear", [value], (*value.shape[:-1], size), parameters, tensors, value.batch
    )


def _lstm_cell(call: Call) -> None:
    value = call.input
    state, cell = call.values("hx")
    hidden = state.shape[-1]
    both, batch = call.aligned(
        [_product(call, value, "w_ih", "b_ih", 4 * hidden), _product(call, state, "w_hh", "b_hh", 4 * hidden)]
    )
    wide, shape = (*value.shape[:-1], 4 * hidden), (*value.shape[:-1], hidden)
    gates = call.insert("add", both, wide, batch)
    axis = len(gates.sample) - 1

    def gate(index: int, function: str) -> Value:
        piece = call.insert("chunk", [gates], shape, batch, chunks=4, index=index, axis=axis)
        return call.insert(function, [piece], shape, batch)

    def join(type: str, left: Value, right: Value) -> Value:
        values, place = call.aligned([left, right])
        return call.insert(type, values, shape, place)

    kept = join("mul", gate(1, "sigmoid"), cell)
    new = join("mul", gate(0, "sigmoid"), gate(2, "tanh"))
    result = join("add", kept, new)
    if call.node.outputs[1] is not None:
        call.same(result, 1)
    bounded = call.insert("tanh", [result], shape, result.batch)
    values, place = call.aligned([gate(3, "sigmoid"), bounded])
    call.give("mul", values, place)


def _simple_cell(function: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        value, state = call.input, call.value("hx")
        hidden = state.shape[-1]
        values, batch = call.aligned(
            [_product(call, value, "w_ih", "b_ih", hidden), _product(call, state, "w_hh", "b_hh", hidden)]
        )
        total = call.insert("add", values, call.shape(), batch)
        call.give(function, [total], batch)

    return handle


def _gru_cell(call: Call) -> None:
    value, state = call.input, call.value("hx")
    hidden, shape = state.shape[-1], call.shape()
    (read, kept), batch = call.aligned(
        [_product(call, value, "w_ih", "b_ih", 3 * hidden), _product(call, state, "w_hh", "b_hh", 3 * hidden)]
    )
    axis = len(read.sample) - 1

    def piece(of: Value, index: int) -> Value:
        return call.insert("chunk", [of], shape, batch, chunks=3, index=index, axis=axis)

    def join(type: str, left: Value, right: Value) -> Value:
        values, place = call.aligned([left, right])
        return call.insert(type, values, shape, place)

    reset, update = (
        call.insert("sigmoid", [join("add", piece(read, index), piece(kept, index))], shape, batch) for index in (0, 1)
    )
    new = join("add", piece(read, 2), join("mul", reset, piece(kept, 2)))
    new = call.insert("tanh", [new], shape, batch)
    change = join("mul", update, join("sub", state, new))
    values, place = call.aligned([new, change])
    call.give("add", values, place)


HANDLERS: dict[str, Callable[[Call], None]] = {
    "lstm": _layers("lstm"),
    "gru": _layers("gru"),
    "rnn_tanh": _layers("rnn"),
    "rnn_relu": _layers("rnn", "relu"),
    "lstm_cell": _lstm_cell,
    "gru_cell": _gru_cell,
    "rnn_tanh_cell": _simple_cell("tanh"),
    "rnn_relu_cell": _simple_cell("relu"),
}
