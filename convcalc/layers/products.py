"""Products of inputs: matrices, attention whose projections are layers of their own, and sums by subscripts."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape, elements, format_shape
from convcalc.arith.window import BROADCAST, Window, repeated, sliding, whole
from convcalc.layers.base import Flow, Layer, LayerError, LayerType, Link
from convcalc.layers.broadcasting import common_shape, disagreement, stretched
from convcalc.layers.parameters import Boolean, Custom, Number, Parameter


class MatrixProduct(Layer):
    """The matrix product of two inputs; axes before the last two count matrices, and are broadcast.

    Example:
        input: {query: [8, 197, 64], key: [8, 64, 197]}
        layers:
          - matmul: {from: [query, key]}

    Shape:
        [..., n, k] and [..., k, m] to [..., n, m]

    Formulas:
        macs                matrices · rows · inner · columns

    Errors:
        wrong-rank          an input has one axis only
        shapes-do-not-agree  the inner sizes differ, or the axes before them do not broadcast

    Source:
        PyTorch's matmul.
    """

    arity = (2, 2)

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        left, right = inputs
        for shape in inputs:
            if len(shape) < 2:
                raise LayerError(
                    "wrong-rank",
                    f"matmul reads matrices, [..., rows, columns], not an input of {format_shape(shape)}",
                    parameter="from",
                    help="unsqueeze a vector first: its axis becomes a row or a column",
                )
        if left[-1] != right[-2]:
            raise disagreement(self, inputs, "the last size of the first must be the last but one of the second")
        leading = common_shape(self, (left[:-2], right[:-2])) if left[2:] or right[2:] else ()
        return (*leading, left[-2], right[-1])

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"products": Formula("matrices * rows * inner * columns")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {
            "in_units": sum(map(elements, inputs)),
            "out_units": elements(output),
            "matrices": elements(output[:-2]),
            "rows": output[-2],
            "inner": inputs[0][-1],
            "columns": output[-1],
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        left, right = inputs
        rows = (*stretched(left[:-2], output[:-2]), Link(len(left) - 2), None)
        columns = (*stretched(right[:-2], output[:-2]), None, Link(len(right) - 1))
        return rows, columns


class ScaledDotProductAttention(Layer):
    """Every query gathers the values of all keys, weighted by how they match. The projections are other layers.

    A fourth input is a mask that is added to the scores, [..., queries, keys].

    Example:
        input: {query: [12, 197, 64], key: [12, 197, 64], value: [12, 197, 64]}
        layers:
          - scaled_dot_product_attention: {from: [query, key, value]}

    Shape:
        [..., L, E], [..., S, E] and [..., S, V] to [..., L, V]; the axes before, such as that of the heads, are
        broadcast

    Formulas:
        scores              heads · queries · keys · features
        weighted values     heads · queries · keys · value_features; a causal mask saves none of them

    Errors:
        wrong-rank          an input has one axis only
        shapes-do-not-agree  features of queries and keys, numbers of keys and values, or the axes before them differ
        heads-do-not-divide  enable_gqa, and the heads of the keys do not divide those of the queries

    Source:
        PyTorch's scaled_dot_product_attention; Vaswani et al. 2017.
    """

    arity = (3, 4)
    causal = Boolean(False, help="whether a query sees the keys up to its own place only (PyTorch's is_causal)")
    enable_gqa = Boolean(False, help="whether several heads of queries share one head of keys and values")
    dropout = Number(0.0, minimum=0, maximum=1, help="how likely a weight is left out in training")

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        for shape in inputs[:3]:
            if len(shape) < 2:
                raise LayerError(
                    "wrong-rank",
                    f"{self.type.name} reads [..., tokens, features], not an input of {format_shape(shape)}",
                    parameter="from",
                )
        query, key, value = inputs[:3]
        if query[-1] != key[-1]:
            raise disagreement(self, (query, key), "queries and keys have the same number of features")
        if key[-2] != value[-2]:
            raise disagreement(self, (key, value), "each key has one value")
        leading = common_shape(self, [self._heads(query, shape) for shape in (query, key, value)])
        output = (*leading, query[-2], value[-1])
        if inputs[3:]:
            scores = (*leading, query[-2], key[-2])
            if common_shape(self, (scores, inputs[3])) != scores:
                raise disagreement(self, (scores, inputs[3]), "the mask broadcasts to the scores, [..., queries, keys]")
        return output

    def _heads(self, query: Shape, shape: Shape) -> Shape:
        """The axes before the tokens, as many heads as the queries have where heads are shared."""
        if not self.enable_gqa:
            return shape[:-2]
        if len(query) < 3 or len(shape) < 3 or query[-3] % shape[-3]:
            raise LayerError(
                "heads-do-not-divide",
                f"enable_gqa cannot share out {format_shape(shape)} among the heads of {format_shape(query)}",
                parameter="enable_gqa",
                help="write [..., heads, tokens, features], and heads of keys that divide those of queries",
            )
        return (*shape[:-3], query[-3])

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {
            "scores": Formula("heads * queries * keys * features"),
            "weighted values": Formula("heads * queries * keys * value_features"),
        }

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        return {
            "in_units": sum(map(elements, inputs)),
            "out_units": elements(output),
            "heads": elements(output[:-2]),
            "queries": output[-2],
            "keys": inputs[1][-2],
            "features": inputs[0][-1],
            "value_features": output[-1],
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        query, key, value, *mask = inputs
        leading = output[:-2]
        seen = sliding(key[-2], 1, 1, key[-2] - 1) if self.causal else whole(key[-2])
        flows: list[Flow] = [(*stretched(query[:-2], leading), Link(len(query) - 2), None)]
        for shape in (key, value):
            heads = stretched(shape[:-2], leading)
            if self.enable_gqa and shape[-3] < query[-3]:
                heads[-1] = Link(len(shape) - 3, repeated(query[-3] // shape[-3]))
            flows.append((*heads, Link(len(shape) - 2, seen), None))
        for shape in mask:
            flows.append((*stretched(shape[:-1], output[:-1]), None))
        return tuple(flows)


class Subscripts(NamedTuple):
    """An equation of einsum: the labels of each operand and of the output; `...` is one label, ELLIPSIS."""

    operands: tuple[str, ...]
    output: str


ELLIPSIS = "."


def _subscripts(parameter: Parameter[Any], value: Any, rank: int) -> str:
    """The equation as it is written, once it is known to be one."""
    if not isinstance(value, str) or parse_equation(value) is None:
        raise parameter.refuse(value, expected="an equation such as 'hid,hjd->hij'")
    return value


def parse_equation(text: str) -> Subscripts | None:
    """The labels of an equation; None for a text that is none.

    >>> parse_equation("hid, hjd -> hij")
    Subscripts(operands=('hid', 'hjd'), output='hij')
    >>> parse_equation("...ij,jk")
    Subscripts(operands=('.ij', 'jk'), output='.ik')
    """
    operands, arrow, output = text.replace(" ", "").replace("...", ELLIPSIS).partition("->")
    parts = tuple(operands.split(","))
    letters = "".join(parts)
    if not arrow:  # each label that is written once, in alphabetical order, behind the ellipsis
        once = sorted(label for label in set(letters) if letters.count(label) == 1 and label != ELLIPSIS)
        output = (ELLIPSIS if ELLIPSIS in letters else "") + "".join(once)
    is_known = all(label in letters for label in output) and len(set(output)) == len(output)
    is_plain = all(part and part.count(ELLIPSIS) <= 1 for part in parts)
    is_labels = all(label == ELLIPSIS or (label.isascii() and label.isalpha()) for label in letters)
    return Subscripts(parts, output) if is_known and is_plain and is_labels else None


class Einsum(Layer):
    """Products of the inputs, summed over every label that the output leaves out.

    Several inputs are multiplied from the left to the right, two at a time, as PyTorch does without an optimizer. A
    product in which nothing is summed is element-wise and costs no multiply-accumulates.

    Example:
        input: {query: [8, 197, 64], key: [8, 197, 64]}
        layers:
          - einsum: {equation: 'hid,hjd->hij', from: [query, key]}

    Shape:
        a size for each label of the output; `...` is for the axes that have no label, which are broadcast

    Formulas:
        macs                pair_products: for each product of two, the sizes of all its labels multiplied

    Errors:
        wrong-equation      as many parts as inputs, as many labels as axes
        shapes-do-not-agree  a label has two sizes
        empty-shape         no axis would be left

    Source:
        PyTorch's einsum, whose batch is not written here.
    """

    arity = (1, None)
    equation = Custom[str](
        convert=_subscripts,
        schema=lambda rank: {"type": "string", "pattern": "^[A-Za-z., ]+(->[A-Za-z. ]*)?$"},
        help="a letter for each axis of each input, and those of the output behind ->",
    )

    def _labelled(self, inputs: tuple[Shape, ...]) -> tuple[list[list[str]], list[str]]:
        """The labels of each operand and of the output, one an axis; those of `...` are numbers from the end."""
        parsed = parse_equation(self.equation)
        assert parsed is not None
        if len(parsed.operands) != len(inputs):
            raise LayerError(
                "wrong-equation",
                f"the equation has {len(parsed.operands)} operands for {len(inputs)} inputs",
                parameter="equation",
            )
        operands, most = [], 0
        for labels, shape in zip(parsed.operands, inputs):
            unlabelled = len(shape) - len(labels.replace(ELLIPSIS, ""))
            if unlabelled < 0 or (unlabelled and ELLIPSIS not in labels):
                raise LayerError(
                    "wrong-equation",
                    f"`{labels.replace(ELLIPSIS, '...')}` has not one label for each axis of {format_shape(shape)}",
                    parameter="equation",
                    help="the batch has no label; ... is for axes without one",
                )
            most = max(most, unlabelled)
            operands.append(_spread(labels, unlabelled))
        return operands, _spread(parsed.output, most)

    def _sizes(self, inputs: tuple[Shape, ...], operands: list[list[str]]) -> dict[str, int]:
        sizes: dict[str, int] = {}
        for labels, shape in zip(operands, inputs):
            for label, size in zip(labels, shape):
                known = sizes.setdefault(label, size)
                if size not in (known, 1) and known != 1:
                    raise disagreement(self, inputs, f"the label {label} has the sizes {known} and {size}")
                sizes[label] = max(known, size)
        return sizes

    def output_shape(self, inputs: tuple[Shape, ...]) -> Shape:
        operands, output = self._labelled(inputs)
        sizes = self._sizes(inputs, operands)
        if not output:
            raise LayerError(
                "empty-shape", "einsum leaves no axis", parameter="equation", help="keep one label behind the ->"
            )
        return tuple([sizes[label] for label in output])

    def multiply_accumulates(self) -> dict[str, Formula]:
        return {"products": Formula("pair_products")}

    def values(self, inputs: tuple[Shape, ...], output: Shape) -> dict[str, int]:
        operands, kept = self._labelled(inputs)
        return {
            "in_units": sum(map(elements, inputs)),
            "out_units": elements(output),
            "pair_products": _pair_products(operands, kept, self._sizes(inputs, operands)),
        }

    def flow(self, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        operands, kept = self._labelled(inputs)
        return tuple(
            tuple(_read(labels, shape, label, size) for label, size in zip(kept, output))
            for labels, shape in zip(operands, inputs)
        )


def _spread(labels: str, count: int) -> list[str]:
    """One label an axis: `count` numbers, counted from the end, in place of the ellipsis."""
    found: list[str] = []
    for label in labels:
        found += [str(number) for number in range(count, 0, -1)] if label == ELLIPSIS else [label]
    return found


def _read(labels: list[str], shape: Shape, label: str, size: int) -> Link | None:
    """What an output axis reads of one operand."""
    if label not in labels:
        return None
    axis = labels.index(label)
    window: Window | None = BROADCAST if shape[axis] < size else None
    return Link(axis, window)


def _pair_products(operands: list[list[str]], output: list[str], sizes: dict[str, int]) -> int:
    """Multiply-accumulates of the products from left to right; none for one in which no label of both is summed."""
    total = 0
    left = set(operands[0])
    for number, part in enumerate(operands[1:], 1):
        right = set(part)
        later = set(output).union(*operands[number + 1 :])
        if (left & right) - later:  # a label of one of them alone is summed before the product
            total += prod(sizes[label] for label in (left & right) | ((left | right) & later))
        left = (left | right) & later
    return total


TYPES = {
    "matmul": LayerType("matmul", MatrixProduct),
    "scaled_dot_product_attention": LayerType("scaled_dot_product_attention", ScaledDotProductAttention),
    "einsum": LayerType("einsum", Einsum),
}
