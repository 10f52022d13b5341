"""Random layers of products, reductions, arithmetic and rearranging; see `tests.strategies.layers`."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.strategies.layers import (
    ANY_SHAPE,
    COUNTS,
    FLAGS,
    SIZES,
    Case,
    Cases,
    Params,
    Settings,
    Shape,
    axis_of,
    broadcasting,
    mostly,
    on,
    params,
    shapes,
)

LEADING = st.lists(SIZES, max_size=2).map(tuple)
OF_ONES = st.lists(st.sampled_from([1, 1, 2, 3]), min_size=1, max_size=3).map(tuple)
OF_ONE = (
    "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square", "reciprocal", "neg", "abs", "sign",
    "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor", "ceil", "round", "logical_not",
)  # fmt: skip
OF_TWO = (
    "div", "floor_divide", "remainder", "fmod", "atan2", "eq", "ne", "lt", "le", "gt", "ge", "logical_and",
    "logical_or", "masked_fill",
)  # fmt: skip


@st.composite
def _ones(draw: st.DrawFn, shape: Shape) -> Shape:
    """The shape with some sizes 1, or without its first axes."""
    sizes = tuple(1 if draw(st.integers(1, 4)) == 1 else size for size in shape)
    return sizes[draw(st.integers(0, len(sizes))) if draw(st.integers(1, 3)) == 1 else 0 :]


@st.composite
def _matmul(draw: st.DrawFn) -> Case:
    rows, inner, columns = draw(SIZES), draw(SIZES), draw(SIZES)
    leading = draw(LEADING)
    left = (*draw(_ones(leading)), rows, inner)
    right = (*draw(_ones(leading)), draw(mostly(st.just(inner), SIZES)), columns)
    return Case("matmul", {}, (left, draw(mostly(st.just(right), ANY_SHAPE))))


@st.composite
def _attention(draw: st.DrawFn) -> Case:
    queries, keys, features, wide = draw(SIZES), draw(SIZES), draw(SIZES), draw(SIZES)
    heads, groups = draw(st.integers(1, 3)), draw(st.integers(1, 3))
    chosen = draw(params({}, {"causal": FLAGS, "enable_gqa": FLAGS, "dropout": st.just(0.5)}))
    leading = draw(LEADING)
    query = (*leading, heads * groups, queries, features)
    few = heads if chosen.get("enable_gqa") else draw(st.sampled_from([1, heads * groups]))
    key = (*leading, few, keys, draw(mostly(st.just(features), SIZES)))
    value = (*leading, few, draw(mostly(st.just(keys), SIZES)), wide)
    mask = [draw(_ones((heads * groups, queries, keys)))] if draw(FLAGS) else []
    return Case("scaled_dot_product_attention", chosen, (query, key, value, *(each for each in mask if each)))


@st.composite
def _einsum(draw: st.DrawFn) -> Case:
    sizes = {label: draw(st.integers(2, 4)) for label in "abcd"}
    parts = draw(
        st.lists(st.lists(st.sampled_from("abcd"), min_size=1, max_size=3, unique=True), min_size=1, max_size=3)
    )
    known = sorted({label for part in parts for label in part})
    output = draw(st.lists(st.sampled_from(known), min_size=0, max_size=3, unique=True))
    dots = draw(LEADING) if draw(st.integers(1, 3)) == 1 else ()
    before = "..." if dots else ""
    equation = ",".join(before + "".join(part) for part in parts)
    if draw(st.integers(1, 4)) > 1:
        equation += "->" + before + "".join(output)
    inputs = tuple((*dots, *(sizes[label] for label in part)) for part in parts)
    # PyTorch counts no products where every label that it sums over has size 1.
    wrong = st.tuples(*[ANY_SHAPE] * len(parts)).filter(lambda shapes: all(1 not in shape for shape in shapes))
    return Case("einsum", {"equation": equation}, draw(mostly(st.just(inputs), wrong)))


def _axes(shape: Shape) -> st.SearchStrategy[Any]:
    return axis_of(shape) | st.lists(axis_of(shape), min_size=1, max_size=2)


def _reducing(**more: st.SearchStrategy[Any]) -> Settings:
    return ANY_SHAPE, lambda shape: params({}, {"axis": _axes(shape), "keepdim": FLAGS, **more})


def _along() -> Settings:
    return ANY_SHAPE, lambda shape: params({"axis": axis_of(shape)})


def _expansion(shape: Shape) -> st.SearchStrategy[Params]:
    kept = st.tuples(*[st.sampled_from([size, -1] if size > 1 else [1, 3, -1]) for size in shape])
    fitting = st.tuples(LEADING, kept).map(lambda parts: [*parts[0], *parts[1]])
    return params({"shape": mostly(fitting, st.lists(st.integers(-1, 4), min_size=1, max_size=4), one_in=5)})


def _rolling(shape: Shape) -> st.SearchStrategy[Params]:
    number = st.integers(1, 2)
    return number.flatmap(
        lambda count: params(
            {
                "shifts": st.lists(st.integers(-9, 9), min_size=count, max_size=count),
                # Now and then an axis too many.
                "axes": st.lists(axis_of(shape), min_size=count, max_size=count + (count == 2)),
            }
        )
    )


def _splitting(shape: Shape) -> st.SearchStrategy[Params]:
    def pieces(axis: int) -> st.SearchStrategy[Params]:
        size = shape[axis % len(shape)]
        cut = st.integers(1, size).map(lambda first: [first, size - first] if first < size else [first])
        sizes = mostly(cut, st.lists(SIZES, min_size=1, max_size=3), one_in=4)
        return params({"axis": st.just(axis), "sizes": sizes, "index": st.integers(0, 2)})

    return axis_of(shape).flatmap(pieces)


@st.composite
def _stacking(draw: st.DrawFn) -> Case:
    shape = draw(ANY_SHAPE)
    others = draw(st.lists(mostly(st.just(shape), ANY_SHAPE), max_size=2))
    return Case("stack", draw(params({}, {"axis": axis_of((*shape, 1))})), (shape, *others))


@st.composite
def _scattering(draw: st.DrawFn, kind: str) -> Case:
    """A tensor and a part of it, most often of the size that goes into the slice or the place."""
    shape = draw(shapes(2, largest=5))
    chosen = draw(
        _cut(shape) if kind == "slice_scatter" else params({"index": st.integers(-4, 4)}, {"axis": axis_of(shape)})
    )
    axis = chosen.get("axis", 0) % len(shape)
    inside = range(shape[axis])[chosen.get("start") : chosen.get("stop") : chosen.get("step")]
    part = (*shape[:axis], *([len(inside)] if kind == "slice_scatter" else []), *shape[axis + 1 :])
    return Case(kind, chosen, (shape, draw(mostly(st.just(tuple(max(size, 1) for size in part)), ANY_SHAPE))))


def _cut(shape: Shape) -> st.SearchStrategy[Params]:
    bounds = st.integers(-6, 6)
    return params({"axis": axis_of(shape)}, {"start": bounds, "stop": bounds, "step": st.integers(1, 3)})


@st.composite
def _gathering(draw: st.DrawFn) -> Case:
    table = draw(ANY_SHAPE)
    index = tuple(draw(st.integers(1, size)) for size in table)
    return Case("gather", {"axis": draw(axis_of(table))}, (table, draw(mostly(st.just(index), ANY_SHAPE))))


@st.composite
def _selecting(draw: st.DrawFn) -> Case:
    """Places by number, or by those that a second input holds; now and then by both or by neither."""
    shape, numbered = draw(ANY_SHAPE), draw(FLAGS)
    indices = {"indices": draw(INDICES)} if draw(mostly(st.just(numbered), FLAGS)) else {}
    inputs = (shape,) if numbered else (shape, draw(ANY_SHAPE))
    return Case("index_select", {**indices, **draw(params({}, {"axis": axis_of(shape)}))}, inputs)


@st.composite
def _raising(draw: st.DrawFn) -> Case:
    if draw(FLAGS):
        return draw(broadcasting("pow", 2))
    return Case("pow", draw(params({}, {"exponent": st.integers(-2, 3)})), (draw(ANY_SHAPE),))


@st.composite
def _choosing(draw: st.DrawFn, kind: str) -> Case:
    shape = draw(ANY_SHAPE)
    operands = [draw(_ones(shape)) or (1,) for _ in range(2)]
    return Case(kind, {}, tuple(draw(st.permutations([shape, *operands]))))


BOUNDS = st.integers(-2, 2)
INDICES = st.lists(st.integers(-3, 3), min_size=1, max_size=4)
_OF_ONE_INPUT: dict[str, Settings] = {
    **{kind: (ANY_SHAPE, params({})) for kind in OF_ONE},
    "clamp": (ANY_SHAPE, params({}, {"min": BOUNDS, "max": BOUNDS})),
    "scalar": (ANY_SHAPE, params({}, {"multiply": st.just(0.5), "add": st.just(-1)})),
    "nan_to_num": (ANY_SHAPE, params({}, {"nan": st.just(1.0)})),
    **{kind: _reducing() for kind in ("sum", "mean", "max", "min", "prod", "logsumexp")},
    **{kind: _reducing(correction=st.integers(0, 1)) for kind in ("var", "std")},
    "norm": _reducing(p=st.sampled_from([1, 2])),
    **{kind: _along() for kind in ("cumsum", "cumprod", "cummax", "cummin")},
    "normalize": (ANY_SHAPE, lambda shape: params({}, {"axis": axis_of(shape), "p": st.just(1)})),
    "topk": (ANY_SHAPE, lambda shape: params({"k": COUNTS}, {"axis": axis_of(shape)})),
    "transpose": (ANY_SHAPE, lambda shape: params({"axes": st.lists(axis_of(shape), min_size=2, max_size=2)})),
    "expand": (
        mostly(st.lists(st.sampled_from([1, 1, 2, 3]), min_size=1, max_size=3).map(tuple), ANY_SHAPE),
        _expansion,
    ),
    "tile": (shapes(2, largest=4), params({"repeats": st.lists(st.integers(1, 3), min_size=1, max_size=3)})),
    "repeat_interleave": (ANY_SHAPE, lambda shape: params({"repeats": COUNTS, "axis": axis_of(shape)})),
    "roll": (ANY_SHAPE, _rolling),
    "flip": (ANY_SHAPE, lambda shape: params({"axes": st.lists(axis_of(shape), min_size=1, max_size=2)})),
    "select": (ANY_SHAPE, lambda shape: params({"index": st.integers(-4, 4)}, {"axis": axis_of(shape)})),
    "split": (ANY_SHAPE, _splitting),
}
CASES: dict[str, Cases] = {
    **{kind: on(kind, *settings) for kind, settings in _OF_ONE_INPUT.items()},
    **{kind: broadcasting(kind, 2) for kind in OF_TWO},
    "maximum": broadcasting("maximum", 3),
    "minimum": broadcasting("minimum", 3),
    "matmul": _matmul(),
    "scaled_dot_product_attention": _attention(),
    "einsum": _einsum(),
    "stack": _stacking(),
    "gather": _gathering(),
    "slice_scatter": _scattering("slice_scatter"),
    "select_scatter": _scattering("select_scatter"),
    "index_select": _selecting(),
    "pow": _raising(),
    "where": _choosing("where"),
    "lerp": _choosing("lerp"),
}
