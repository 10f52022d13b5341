"""Matrix products, attention and Einsum."""

from __future__ import annotations

from math import prod
from typing import Any

from convcalc.importers.onnx.alignment import aligned
from convcalc.importers.onnx.calls import Call
from convcalc.importers.onnx.errors import BatchConflict, Unmatched
from convcalc.importers.onnx.operators.convolutions import held
from convcalc.importers.onnx.operators.elementwise import Handler, combine
from convcalc.importers.onnx.values import BATCH, Constant, Live, Value, numbered


def matmul(call: Call) -> list[Value]:
    """MatMul: with fixed weights on the right it is a `linear`."""
    left, right = call.value(0), call.value(1)
    if isinstance(right, Constant) and _is_matrix(right) and (isinstance(left, Live) or right.is_learned):
        return [_linear(call, right, right.shape[-1], None)]
    first, second = call.live(0), call.live(1)
    if len(first.shape) < 2 or len(second.shape) < 2:
        return [_with_vector(call, first, second)]
    return [product(call, first, second)]


def _is_matrix(weight: Constant) -> bool:
    return len(weight.shape) >= 2 and prod(weight.shape[:-2]) == 1 and weight.shape[-2] * weight.shape[-1] > 0


def _linear(call: Call, weight: Constant, features: int, bias: Constant | None) -> Live:
    live = call.live()
    if not live.axes or live.axes[-1] == BATCH:
        raise BatchConflict
    parameters = {"out_features": features, "bias": bias is not None}
    result = call.trace.emit(call.node, "linear", [live], parameters=parameters, tensors=held(weight, bias))
    if len(weight.shape) > len(result.axes):
        raise Unmatched("weights with more axes than what they multiply")
    return result


def product(call: Call, first: Live, second: Live) -> Live:
    """The product of two values, whose batch axes must be the same."""
    trace = call.trace
    rank = max(len(first.shape), len(second.shape))
    batches = {rank - len(each.shape) + each.axes.index(BATCH) for each in (first, second) if BATCH in each.axes}
    if batches & {rank - 1, rank - 2}:
        return _batch_of_rows(call, first, second, rank)
    if len(batches) > 1:
        raise BatchConflict
    batch = batches.pop() if batches else None
    for each in (first, second):
        at = None if batch is None else batch - (rank - len(each.shape))
        if at is not None and at >= 0 and each.axes[at] != BATCH:
            if each.shape[at] != 1:
                raise BatchConflict
            squeezed = trace.emit(
                call.node, "squeeze", [each], numbered(len(each.shape) - 1, None), {"axis": each.axes[at]}
            )
            first, second = (squeezed, second) if each is first else (first, squeezed)
    longest = max((first, second), key=lambda each: len(each.shape))
    result = trace.emit(call.node, "matmul", [first, second], numbered(rank, batch), like=longest)
    merged = first.merged or second.merged
    return trace.live(result.name, result.own, numbered(rank, batch), result.dtype, merged) if merged else result


def _batch_of_rows(call: Call, first: Live, second: Live, rank: int) -> Live:
    """A product whose rows are samples: in the language a matrix of one row."""
    if rank != 2 or first.batch != 0 or BATCH in second.axes or len(second.shape) != 2:
        raise BatchConflict
    trace = call.trace
    row = trace.emit(call.node, "unsqueeze", [first], (0, 1), {"axis": 0})
    found = trace.emit(call.node, "matmul", [row, second], (0, 1))
    return trace.emit(call.node, "squeeze", [found], (BATCH, 0), {"axis": 0})


def _with_vector(call: Call, first: Live, second: Live) -> Live:
    """A product with a vector: with a matrix of one column, or of one row."""
    trace = call.trace
    if len(second.shape) == 1 and len(first.shape) > 1 and BATCH not in second.axes:
        column = trace.emit(call.node, "unsqueeze", [second], (0, 1), {"axis": 1})
        found = product(call, first, column)
        return trace.emit(call.node, "squeeze", [found], found.axes[:-1], {"axis": len(found.own) - 1})
    raise Unmatched("a product with a vector")


def gemm(call: Call) -> list[Value]:
    """Gemm: with fixed weights it is a `linear`, otherwise a `matmul` and perhaps an `add`."""
    weight, bias = call.value(1), call.optional(2)
    is_fixed = isinstance(weight, Constant) and (isinstance(call.value(0), Live) or weight.is_learned)
    if is_fixed and isinstance(weight, Constant) and len(weight.shape) == 2 and not call.integer("transA", 0):
        features = weight.shape[0] if call.integer("transB", 0) else weight.shape[1]
        fixed = bias if isinstance(bias, Constant) and prod(bias.shape) == features else None
        result = _linear(call, weight, features, fixed)
        return [result if bias is None or fixed is not None else combine(call, "add", [result, bias])]
    factors = [call.live(index) for index in range(2)]
    for index, name in enumerate(("transA", "transB")):
        if call.integer(name, 0):
            factors[index] = _turned(call, factors[index])
    result = product(call, *(call.trace.settle(each) for each in factors))
    return [result if bias is None else combine(call, "add", [result, bias])]


def _turned(call: Call, live: Live) -> Live:
    turned = call.trace.live(live.name, live.own, live.axes[::-1], live.dtype)
    turned.node = call.node
    return turned


def einsum(call: Call) -> list[Value]:
    """Einsum, without the letter of the batch axis."""
    equation = call.text("equation", "").replace(" ", "")
    if "..." in equation or not equation:
        raise Unmatched("an equation with an ellipsis")
    inputs, arrow, output = equation.partition("->")
    terms = inputs.split(",")
    reads = [call.live(index) for index in range(len(call.inputs))]
    if len(terms) != len(reads) or any(len(term) != len(each.shape) for term, each in zip(terms, reads)):
        raise Unmatched(f"the equation {equation} for other inputs")
    if not arrow:
        output = "".join(sorted(letter for letter in set(inputs) - {","} if inputs.count(letter) == 1))
    letters = {term[each.batch] for term, each in zip(terms, reads) if each.batch is not None}
    if len(letters) > 1 or any(each.merged for each in reads):
        raise BatchConflict
    letter = letters.pop() if letters else ""
    if letter and letter not in output:
        raise BatchConflict
    for index, (term, each) in enumerate(zip(terms, reads)):
        if letter and each.batch is None and letter in term:
            axis = each.axes[term.index(letter)]
            reads[index] = call.trace.emit(
                call.node, "squeeze", [each], numbered(len(each.own) - 1, None), {"axis": axis}
            )
    plain = equation.replace(letter, "") if letter else equation
    plain = plain if arrow else f"{plain}->{output.replace(letter, '') if letter else output}"
    axes = numbered(len(output), output.index(letter) if letter else None)
    return [call.trace.emit(call.node, "einsum", reads, axes, {"equation": plain})]


def attention(call: Call) -> list[Value]:
    """Attention of opset 23: on heads, or on features that it cuts into heads itself."""
    if len(call.node.outputs) > 1 and any(call.node.outputs[1:]):
        raise Unmatched("attention with states or scores as outputs")
    if call.optional(4) is not None or call.optional(5) is not None:
        raise Unmatched("attention with states as inputs")
    reads = [call.live(index) for index in range(3)]
    heads = [call.integer(name, 0) for name in ("q_num_heads", "kv_num_heads", "kv_num_heads")]
    is_flat = len(reads[0].shape) == 3
    if any(each.batch != 0 for each in reads):
        raise BatchConflict
    if is_flat:
        reads = [_heads(call, each, count) for each, count in zip(reads, heads)]
    queries, keys = reads[0].own[0], reads[1].own[0]
    parameters: dict[str, Any] = {"causal": bool(call.integer("is_causal", 0)), "enable_gqa": queries != keys}
    axes = (BATCH, 0, 1, 2)
    mask = call.optional(3)
    if mask is not None:
        scores = call.trace.live("", (*reads[0].own[:2], reads[1].own[1]), axes)
        reads.append(aligned(call, [scores, mask]).reads[1])
    result = call.trace.emit(call.node, "scaled_dot_product_attention", reads, axes, parameters)
    if not is_flat:
        return [result]
    rows = call.trace.emit(call.node, "transpose", [result], axes, {"axes": [0, 1]})
    return [call.trace.emit(call.node, "flatten", [rows], (BATCH, 0, 1), {"start_axis": 1})]


def _heads(call: Call, live: Live, heads: int) -> Live:
    if heads < 1:
        raise Unmatched("a number of heads that is not given")
    shape = {"axis": 1, "shape": [heads, -1]}
    cut = call.trace.emit(call.node, "unflatten", [live], (BATCH, 0, 1, 2), shape)
    return call.trace.emit(call.node, "transpose", [cut], (BATCH, 0, 1, 2), {"axes": [0, 1]})


OPERATORS: dict[str, Handler] = {
    "MatMul": matmul,
    "Gemm": gemm,
    "Einsum": einsum,
    "Attention": attention,
}
