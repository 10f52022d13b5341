"""Matrix products and attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import Value

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def _product(call: Call, left: Value, right: Value) -> None:
    """The matrix product of two tensors, vectors among them."""
    if left.rank == 1 or right.rank == 1:
        _with_vector(call, left, right)
        return
    values, batch = call.aligned([left, right], kept=2)
    call.give("matmul", values, batch)


def _with_vector(call: Call, left: Value, right: Value) -> None:
    """A product with a vector: einsum, for matmul of the language takes matrices."""
    left, right = call.unbatched(left), call.unbatched(right)
    first = LETTERS[: left.rank]
    second = first[-1] if right.rank == 1 else LETTERS[left.rank : left.rank + right.rank - 2] + first[-1] + "Z"
    out = first[:-1] + second.replace(first[-1], "")
    if not out:  # a single number is a vector of one
        right = call.insert("unsqueeze", [right], (*right.shape, 1), None, axis=1)
        second, out = second + "Z", "Z"
    call.give("einsum", [left, right], None, {"equation": f"{first},{second}->{out}"})


def _matmul(call: Call) -> None:
    _product(call, call.input, call.value("other", "mat2", "vec", "tensor2", "vec2"))


def _with_sum(first: str, second: str) -> Callable[[Call], None]:
    """`input + first @ second`, each with a factor of its own."""

    def handle(call: Call) -> None:
        left, right = call.value(first), call.value(second)
        values, batch = call.aligned([left, right], kept=2)
        shape = (*left.shape[:-1], right.shape[-1])
        product = call.insert("matmul", values, shape, batch)
        alpha, beta = call.get("alpha", default=1), call.node.arguments.get("beta", 1)
        if alpha != 1:
            product = call.insert("scalar", [product], shape, product.batch, multiply=float(alpha))
        if beta == 0:
            call.same(product)
            return
        summand = call.input
        if beta not in (1, None):
            summand = call.insert("scalar", [summand], summand.shape, summand.batch, multiply=float(beta))
        values, batch = call.aligned([summand, product])
        call.give("add", values, batch)

    return handle


def _einsum(call: Call) -> None:
    values = call.values("tensors", "operands")
    equation = str(call.get("equation")).replace(" ", "")
    left, arrow, right = equation.partition("->")
    terms = left.split(",")
    if not arrow or "." in equation or len(terms) != len(values):
        _einsum_unbatched(call, equation, values)
        return
    letters = {term[value.batch] for term, value in zip(terms, values) if value.batch is not None}
    letter = next(iter(letters)) if len(letters) == 1 else None
    one = letter is not None and letter in right and all(
        letter not in term or value.shape[term.index(letter)] == 1 for term, value in zip(terms, values)
    )  # fmt: skip
    if letter is None or not one:
        _einsum_unbatched(call, equation, values)
        return
    values = [
        value if letter not in term or value.batch is not None
        else call.translator.batched(value, term.index(letter), call.node) for term, value in zip(terms, values)
    ]  # fmt: skip
    if any(term == letter for term in terms) or right == letter:
        _einsum_unbatched(call, equation, values)
        return
    shorter = ",".join(term.replace(letter, "") for term in terms) + "->" + right.replace(letter, "")
    call.give("einsum", values, right.index(letter), {"equation": shorter})


def _einsum_unbatched(call: Call, equation: str, values: list[Value]) -> None:
    if "->" not in equation:
        letters = equation.replace(",", "")
        equation += "->" + "".join(sorted(letter for letter in set(letters) if letters.count(letter) == 1))
    whole = [call.unbatched(value) for value in values]
    call.give("einsum", whole, None, {"equation": equation})


def _bilinear(call: Call) -> None:
    """y = x1 · W · x2 + b for each output."""
    first, second, weight = call.value("input1"), call.value("input2"), call.value("weight")
    if first.rank != 2 or first.batch != 0 or second.batch != 0:
        raise ValueError("a bilinear layer on maps")
    product = call.insert("einsum", [first, weight, second], call.shape(), 0, equation="i,oij,j->o")
    if call.has_tensor("bias"):
        call.give("add", [product, call.value("bias")], 0)
    else:
        call.same(product)


def _attention(call: Call) -> None:
    values = [call.value("query"), call.value("key"), call.value("value")]
    has_mask = call.has_tensor("attn_mask")
    if has_mask:
        values.append(call.value("attn_mask", "attn_bias"))
    shapes = [value.shape for value in values]
    values, batch = call.aligned(values, kept=2)
    if batch is not None and batch >= len(shapes[0]) - 2:
        raise ValueError("the batch is an axis of the tokens")
    parameters: dict[str, Any] = {
        "causal": bool(call.get("is_causal", default=False)),
        "enable_gqa": bool(call.get("enable_gqa", default=False)),
    }
    call.give("scaled_dot_product_attention", values, batch, parameters)


def _outer(call: Call) -> None:
    left, right = call.unbatched(call.input), call.unbatched(call.value("vec2", "other"))
    call.give("einsum", [left, right], None, {"equation": "a,b->ab"})


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(("matmul", "mm", "bmm", "mv", "dot", "vdot", "__matmul__", "linalg_matmul"), _matmul),
    "addmm": _with_sum("mat1", "mat2"),
    "baddbmm": _with_sum("batch1", "batch2"),
    "einsum": _einsum,
    "bilinear": _bilinear,
    "outer": _outer,
    "ger": _outer,
    **dict.fromkeys(
        ("scaled_dot_product_attention", "_scaled_dot_product_flash_attention_for_cpu",
         "_scaled_dot_product_efficient_attention"),
        _attention,
    ),
}  # fmt: skip
