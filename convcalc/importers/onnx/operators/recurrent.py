"""LSTM, GRU and RNN."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.importers.network import Tensor
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.operators.elementwise import Handler
from convcalc.importers.onnx.trace import tensor_of
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value


def recurrent(type: str, gates: int) -> Handler:
    """The handler of a recurrent operator, whose weights have so many gates."""

    def handle(call: Call) -> list[Value]:
        live = _sequence(call)
        hidden, directions = _size(call, gates)
        if _is_more(call):
            return _unknown(call, live, directions, hidden)
        backwards = call.text("direction", "forward") == "reverse"
        parameters: dict[str, Any] = {
            "hidden_size": hidden,
            "bias": call.optional(3) is not None,
            "bidirectional": directions == 2,
        }
        if type == "rnn" and [each.lower() for each in call.node.attributes.get("activations") or []][:1] == ["relu"]:
            parameters["nonlinearity"] = "relu"
        if backwards:
            live = call.trace.emit(call.node, "flip", [live], parameters={"axes": 0})
        outputs = call.node.outputs
        parts = [part for part, name in zip(("", "h", "c"), [*outputs, "", "", ""]) if name]
        result = call.trace.emit(call.node, type, [live], live.axes, parameters, tensors=_tensors(call))
        operation = call.trace.operations[-1]
        layout = call.integer("layout", 0)
        values: list[Value] = []
        for number, part in enumerate(("", "h", "c")[: len(outputs)]):
            if part not in parts:
                values.append(result)  # nothing reads it
            elif not part:
                values.append(_steps(call, result, directions, hidden, layout, backwards))
            else:
                own = (directions, hidden)
                operation.outputs.append(
                    operation.output._replace(name=f"{operation.output.name}.{number}", shape=own, part=part)
                )
                values.append(
                    call.trace.live(operation.outputs[-1].name, own, (BATCH, 0, 1) if layout else (0, BATCH, 1))
                )
        return values

    return handle


def _sequence(call: Call) -> Live:
    """The input: steps, the batch, features."""
    live = call.live()
    if len(live.shape) != 3 or live.batch != (0 if call.integer("layout", 0) else 1):
        raise BatchConflict
    return live


def _size(call: Call, gates: int) -> tuple[int, int]:
    """The size of the state and the number of directions, from the weights."""
    weight, recurrence = call.constant(1), call.constant(2)
    if weight is None or recurrence is None or len(recurrence.shape) != 3 or len(weight.shape) != 3:
        raise Unmatched("weights that are not known")
    directions, rows, hidden = recurrence.shape
    if rows != gates * hidden or directions not in (1, 2):
        raise Unmatched("weights of other gates")
    return hidden, directions


def _is_more(call: Call) -> bool:
    """Whether it has peepholes, or starts from a state that is given: the language has neither."""
    states = (call.optional(5), call.optional(6))
    is_given = any(isinstance(each, Live) or (each is not None and not _is_zero(each)) for each in states)
    return is_given or call.optional(7) is not None


def _unknown(call: Call, live: Live, directions: int, hidden: int) -> list[Value]:
    """An operator with the tensors and the shapes of a recurrent layer."""
    layout = call.integer("layout", 0)
    steps = live.own[0]
    states = ((directions, hidden), (BATCH, 0, 1) if layout else (0, BATCH, 1))
    shapes = [((steps, directions, hidden), (BATCH, 0, 1, 2) if layout else (0, 1, BATCH, 2)), states, states]
    reads = [live, *(call.live(index) for index in (5, 6) if isinstance(call.optional(index), Live))]
    tensors = [tensor_of(each) for each in call.inputs if isinstance(each, Constant) and each.is_learned]
    return list(call.trace.emit_unknown(call.node, reads, shapes[: len(call.node.outputs)], tensors))


def _is_zero(state: Constant) -> bool:
    # An exporter stores the zeros that it makes under a name of its own, and their numbers may be left out.
    return state.data is None or not any(state.data)


def _tensors(call: Call) -> dict[str, Tensor | None]:
    values = {name: call.constant(index) for index, name in ((1, "weight_ih"), (2, "weight_hh"), (3, "bias"))}
    return {
        name: None if value is None or not prod(value.shape) else tensor_of(value) for name, value in values.items()
    }


def _steps(call: Call, result: Live, directions: int, hidden: int, layout: int, backwards: bool) -> Live:
    """The states of all steps: in ONNX the directions are an axis of their own."""
    if backwards:
        result = call.trace.emit(call.node, "flip", [result], parameters={"axes": 0})
    axes = (BATCH, 0, 1, 2) if layout else (0, 1, BATCH, 2)
    if directions == 1:
        return call.trace.emit(call.node, "unsqueeze", [result], axes, {"axis": 1})
    return call.trace.emit(call.node, "unflatten", [result], axes, {"axis": 1, "shape": [directions, hidden]})


OPERATORS: dict[str, Handler] = {
    "LSTM": recurrent("lstm", 4),
    "GRU": recurrent("gru", 3),
    "RNN": recurrent("rnn", 1),
}
