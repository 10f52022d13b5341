"""Functions that make one figure of all elements along some axes."""

from __future__ import annotations

from collections.abc import Callable
from math import prod
from typing import Any

from convcalc.importers.network import Operation, Output
from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import Value

# The type by the name of the function.
TYPES = {
    "sum": "sum", "nansum": "sum", "mean": "mean", "nanmean": "mean", "prod": "prod", "amax": "max", "amin": "min",
    "max": "max", "min": "min", "logsumexp": "logsumexp", "norm": "norm", "linalg_vector_norm": "norm",
    "linalg_norm": "norm", "frobenius_norm": "norm", "var": "var", "std": "std",
}  # fmt: skip
ALONG_ONE = ("cumsum", "cumprod", "cummax", "cummin")


def _reduction(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        value = call.input
        if call.node.operator in ("max", "min") and call.has_tensor("other"):
            values, batch = call.aligned([value, call.value("other")])
            call.give({"max": "maximum", "min": "minimum"}[type], values, batch)
            return
        parameters: dict[str, Any] = {}
        if type in ("var", "std"):
            parameters["correction"] = _correction(call)
        elif type == "norm":
            order = call.get("ord", "p", default=2)
            parameters["p"] = 2.0 if order == "fro" else float(order)
        reduce(call, type, value, call.get("dim", "axis"), parameters)

    return handle


def _correction(call: Call) -> int:
    unbiased = call.node.arguments.get("unbiased")
    if unbiased is not None:
        return int(unbiased)
    correction = call.node.arguments.get("correction")
    return 1 if correction is None else int(correction)


def reduce(call: Call, type: str, value: Value, dim: Any, parameters: dict[str, Any], output: int = 0) -> Value:
    """A reduction along axes of the source; the batch among them is an axis of size 1."""
    if dim == []:
        dim = None
    axes = call.axes(value, dim)
    keeps = bool(call.get("keepdim", "keepdims", default=False))
    batch = value.batch
    if value.rank == 0:
        return call.same(value)
    others = [axis for axis in axes if axis != batch]
    if not others:
        return call.alias(value, batch if keeps else None, output)
    own = [value.axis(axis) for axis in others]
    if batch in axes and not keeps:
        batch = None
    elif batch is not None and not keeps:
        batch -= sum(axis < batch for axis in others)
    whole = len(own) == len(value.sample) and not keeps
    if not keeps and whole and call.shape(output) not in ((), (1,)):
        raise ValueError("a reduction of all axes that is no number")
    if whole and len(own) > 1:  # a single number is a vector of one here
        size = prod(value.sample)
        value = call.insert("flatten", [value], (size,), None)
        own = [0]
    parameters |= {"axis": own[0] if len(own) == 1 else own, "keepdim": keeps or whole}
    return call.give(type, [value], batch, parameters, output=output)


def _with_places(type: str) -> Callable[[Call], None]:
    """max and min along an axis give values and places."""

    def handle(call: Call) -> None:
        if (call.get("dim") is None and not call.has_tensor("other")) or len(call.node.outputs) < 2:
            _reduction(type)(call)
            return
        if len(call.node.outputs) > 1 and call.node.outputs[1] is not None and not call.node.outputs[0]:
            raise ValueError("places alone")
        reduce(call, type, call.input, call.get("dim"), {})
        if call.node.outputs[1] is not None:
            _unknown_places(call)

    return handle


def _unknown_places(call: Call) -> None:
    """The places of the extremes, which the language does not have."""
    name = call.node.outputs[1]
    assert name is not None
    first = call.translator.values[call.node.outputs[0] or ""]
    value = call._new_value(1, first.batch, [call.input])
    operation = Operation("arg" + call.node.operator, [call.translator.read(call.input, call.node)],
                          [Output(name, value.sample)], place=call.node.place, known=False)  # fmt: skip
    call.translator.add(operation, call.node.frames)
    call.translator.values[name] = value


def _running(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        value, axis = call.input, call.get("dim", "axis", default=0)
        if value.is_batch(axis):
            value = call.unbatched(value)
        call.give(type, [value], value.batch, {"axis": value.axis(axis)})

    return handle


def _topk(call: Call) -> None:
    value, axis = call.input, call.get("dim", default=-1)
    if value.is_batch(axis):
        value = call.unbatched(value)
    own = value.axis(axis)
    parameters = {"k": call.get("k"), "axis": -1 if own == len(value.sample) - 1 else own}
    parts = [(1, "indices", call.shape(1), value.batch)] if call.node.outputs[1:] != [None] else []
    call.give("topk", [value], value.batch, parameters, parts=parts)


def _var_mean(type: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        if call.node.outputs[0] is not None:
            reduce(call, type, call.input, call.get("dim"), {"correction": _correction(call)})
        if call.node.outputs[1] is not None:
            reduce(call, "mean", call.input, call.get("dim"), {}, output=1)

    return handle


HANDLERS: dict[str, Callable[[Call], None]] = {
    **{name: _reduction(type) for name, type in TYPES.items()},
    **{name: _running(name) for name in ALONG_ONE},
    "max": _with_places("max"),
    "min": _with_places("min"),
    "topk": _topk,
    "var_mean": _var_mean("var"),
    "std_mean": _var_mean("std"),
}
