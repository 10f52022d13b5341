"""Random layers, legal and illegal, for tests that ask another implementation whether it agrees.

Values are drawn from small ranges, in which windows outgrow inputs and groups fail to divide often enough;
a few draws are nonsense outright. Which cases are legal is for the oracle to say.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

from hypothesis import strategies as st

Shape = tuple[int, ...]
Params = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One layer: its type, its parameters as a spec writes them, and the shapes that it reads."""

    kind: str
    params: Mapping[str, Any]
    input_shapes: tuple[Shape, ...]


def render(case: Case) -> str:
    """The case as a spec; JSON is YAML too."""
    params = dict(case.params)
    if len(case.input_shapes) == 1:
        source = json.dumps(case.input_shapes[0])
    else:
        inputs = {f"in{number}": shape for number, shape in enumerate(case.input_shapes)}
        source = json.dumps(inputs)
        params["from"] = list(inputs)
    entry = f"{case.kind}: {json.dumps(params)}" if params else case.kind
    return f"input: {source}\nlayers:\n  - {entry}\n"


def mostly(usual: st.SearchStrategy[Any], odd: st.SearchStrategy[Any], one_in: int = 16) -> st.SearchStrategy[Any]:
    """`odd` in one draw of sixteen: seldom, lest a layer with many parameters never be legal."""
    return st.integers(1, one_in).flatmap(lambda draw: odd if draw == one_in else usual)


def params(required: Mapping[str, Any], optional: Mapping[str, Any] | None = None) -> st.SearchStrategy[Params]:
    """A mapping of parameters, each of the optional ones there or not."""
    return st.fixed_dictionaries(dict(required), optional=dict(optional or {}))


def shapes(axes: int, smallest: int = 1, largest: int = 7) -> st.SearchStrategy[Shape]:
    return st.tuples(*[st.integers(smallest, largest)] * axes)


def per_axis(values: st.SearchStrategy[Any], axes: int) -> st.SearchStrategy[Any]:
    """One value for all axes, or a list with one for each."""
    return st.one_of(values, st.lists(values, min_size=axes, max_size=axes))


FLAGS = st.booleans()
SELDOM = st.sampled_from([True, False, False, False])
COUNTS = mostly(st.integers(1, 6), st.sampled_from([0, -1]))
WINDOWS = mostly(st.integers(1, 4), st.sampled_from([0, -2]))
STRIDES = mostly(st.integers(1, 3), st.sampled_from([0, -1]))
PADS = mostly(st.integers(0, 2), st.just(-1))


def paddings(axes: int, cells: st.SearchStrategy[int] = PADS) -> st.SearchStrategy[Any]:
    """A number, a number for each axis, or a pair for each axis."""
    pairs = st.lists(st.lists(cells, min_size=2, max_size=2), min_size=axes, max_size=axes)
    return st.one_of(per_axis(cells, axes), pairs)


def axis_of(shape: Shape) -> st.SearchStrategy[int]:
    """An axis of the shape counted from either end; now and then one beyond."""
    count = len(shape)
    return mostly(st.integers(-count, count - 1), st.sampled_from([count, -count - 1]), one_in=6)


Cases = st.SearchStrategy[Case]
ByShape = Callable[[Shape], st.SearchStrategy[Params]]
Settings = tuple[st.SearchStrategy[Shape], st.SearchStrategy[Params] | ByShape]


def on(kind: str, inputs: st.SearchStrategy[Shape], settings: st.SearchStrategy[Params] | ByShape) -> Cases:
    """Cases of one input; the parameters may depend on its shape."""

    def cases(shape: Shape) -> Cases:
        drawn = settings(shape) if callable(settings) else settings
        return drawn.map(lambda chosen: Case(kind, chosen, (shape,)))

    return inputs.flatmap(cases)


def image(axes: int) -> st.SearchStrategy[Shape]:
    """Channels and positions; now and then with an axis too many or too few."""
    usual = shapes(axes + 1, largest=8 if axes < 3 else 6)
    return mostly(usual, st.sampled_from([axes, axes + 2]).flatmap(shapes), one_in=8)


ANY_SHAPE = st.integers(1, 4).flatmap(shapes)
SIZES = st.integers(1, 5)
EVEN = mostly(st.sampled_from([2, 4, 6, 12]), SIZES)


# Ways to make the weights: two of them at once are refused, and so each comes seldom.
WAYS = dict.fromkeys(["spectral_norm", "fixed_weights"], SELDOM) | {
    "weight_norm": mostly(SELDOM, st.sampled_from([0, 1, None]).map(lambda axis: {"axis": axis}), one_in=4)
}


def _convolution(axes: int, transposed: bool) -> ByShape:
    def settings(shape: Shape) -> st.SearchStrategy[Params]:
        optional = {
            "stride": per_axis(STRIDES, axes),
            "dilation": per_axis(mostly(st.integers(1, 2), st.just(0)), axes),
            "padding": paddings(axes),
            # One group for each channel (depthwise) hardly comes by chance.
            "groups": st.sampled_from([1, 1, 2, 3, shape[0], 0]),
            "bias": FLAGS,
            **WAYS,
            "weight_norm": mostly(
                SELDOM, st.sampled_from([*range(axes + 2), None]).map(lambda axis: {"axis": axis}), one_in=4
            ),
            "weight_standardization": FLAGS,
        }
        if transposed:
            optional["output_padding"] = per_axis(mostly(st.just(0), st.integers(0, 2), one_in=3), axes)
            optional["output_size"] = per_axis(st.integers(1, 12), axes)
        else:
            optional["padding"] |= st.sampled_from(["same", "valid"])
            optional["padding_mode"] = mostly(
                st.sampled_from(["zeros", "reflect", "replicate", "circular"]), st.just(0)
            )
            optional["causal"] = st.sampled_from([False, False, True, "strict"] if axes > 1 else [False, True])
        return params({"out_channels": COUNTS, "kernel_size": per_axis(WINDOWS, axes)}, optional)

    return settings


def _pooling(kind: str, axes: int) -> st.SearchStrategy[Params]:
    optional = {"stride": per_axis(STRIDES, axes), "padding": per_axis(PADS, axes), "ceil_mode": FLAGS}
    if kind == "max_pool":
        optional["dilation"] = per_axis(mostly(st.integers(1, 2), st.just(0)), axes)
    else:
        optional["count_include_pad"] = FLAGS
    return params({"kernel_size": per_axis(WINDOWS, axes)}, optional)


def _window_cases() -> dict[str, Settings]:
    cases: dict[str, Settings] = {}
    for axes in (1, 2, 3):
        cases[f"conv{axes}d"] = image(axes), _convolution(axes, transposed=False)
        cases[f"conv_transpose{axes}d"] = image(axes), _convolution(axes, transposed=True)
        for kind in ("max_pool", "avg_pool"):
            cases[f"{kind}{axes}d"] = image(axes), _pooling(kind, axes)
            cases[f"adaptive_{kind}{axes}d"] = image(axes), params({"output_size": per_axis(COUNTS, axes)})
    for kind in ("global_avg_pool", "global_max_pool"):
        cases[kind] = st.integers(2, 4).flatmap(shapes), params({})
    return cases


def _trailing(shape: Shape) -> st.SearchStrategy[Params]:
    endings = st.sampled_from([list(shape[start:]) for start in range(len(shape))])
    wrong = st.lists(st.integers(1, 7), min_size=1, max_size=len(shape) + 1)
    return params({}, {"normalized_shape": mostly(endings, wrong, one_in=4), "affine": FLAGS})


def _norm_cases() -> dict[str, Settings]:
    cases: dict[str, Settings] = {
        "linear": (ANY_SHAPE, params({"out_features": COUNTS}, {"bias": FLAGS, **WAYS})),
        "group_norm": (ANY_SHAPE, params({"num_groups": COUNTS}, {"affine": FLAGS})),
        "layer_norm": (ANY_SHAPE, _trailing),
        "rms_norm": (ANY_SHAPE, _trailing),
        "layer_norm2d": (image(2), params({}, {"affine": FLAGS})),
        "local_response_norm": (ANY_SHAPE, params({"size": COUNTS})),
    }
    switches = params({}, {"affine": FLAGS, "bias": FLAGS, "track_running_stats": FLAGS})
    for axes in (1, 2, 3):
        fixed = {"as_buffers": FLAGS, "fixed_statistics": FLAGS}
        cases[f"batch_norm{axes}d"] = image(axes), st.builds(dict, switches, **fixed)
        cases[f"instance_norm{axes}d"] = image(axes), switches
    return cases


_PLAIN_ACTIVATIONS = (
    "hardsigmoid hardswish log_sigmoid mish relu relu6 selu sigmoid silu softsign tanh tanhshrink identity"
)
_TUNED_ACTIVATIONS = {
    "celu": ["alpha"],
    "elu": ["alpha"],
    "hardshrink": ["lambd"],
    "softshrink": ["lambd"],
    "leaky_relu": ["negative_slope"],
    "softplus": ["beta", "threshold"],
}
_AXIS_ACTIVATIONS = ("log_softmax", "softmax", "softmin")


def _activation_cases() -> dict[str, Settings]:
    factor = st.sampled_from([0.1, 1, 2.5])
    probability = params({}, {"p": mostly(st.sampled_from([0, 0.5, 1]), st.sampled_from([-0.1, 2]), one_in=4)})
    cases: dict[str, Settings] = {
        "gelu": (
            ANY_SHAPE,
            params({}, {"approximate": mostly(st.sampled_from(["none", "tanh"]), st.just("relu"), one_in=4)}),
        ),
        "glu": (ANY_SHAPE, lambda shape: params({"axis": axis_of(shape)})),
        "hardtanh": (ANY_SHAPE, params({}, {"min_val": st.just(-2), "max_val": factor})),
        "prelu": (
            ANY_SHAPE,
            lambda shape: params({}, {"num_parameters": st.sampled_from([1, shape[0]]) | COUNTS}),
        ),
        "rrelu": (ANY_SHAPE, params({}, {"lower": st.just(0.05), "upper": factor})),
        "softmax2d": (image(2), params({})),
        "threshold": (ANY_SHAPE, params({"threshold": factor, "value": factor})),
    }
    for kind in _PLAIN_ACTIVATIONS.split():
        cases[kind] = ANY_SHAPE, params({})
    for kind, names in _TUNED_ACTIVATIONS.items():
        cases[kind] = ANY_SHAPE, params({}, dict.fromkeys(names, factor))
    for kind in _AXIS_ACTIVATIONS:
        cases[kind] = ANY_SHAPE, lambda shape: params({"axis": axis_of(shape)})
    for kind in ("dropout", "alpha_dropout"):
        cases[kind] = ANY_SHAPE, probability
    for axes in (1, 2, 3):
        cases[f"dropout{axes}d"] = shapes(axes + 1), probability
    return cases


def _divisions(size: int) -> st.SearchStrategy[list[int]]:
    """Shapes of `size` elements, one of them perhaps left to be inferred, and shapes of other sizes."""
    divisors = [number for number in range(1, size + 1) if size % number == 0]
    pairs = st.sampled_from(divisors).map(lambda part: [part, size // part])
    inferred = st.sampled_from(divisors).map(lambda part: [-1, part])
    wrong = st.lists(st.integers(-1, 7), min_size=1, max_size=3)
    return mostly(st.one_of(st.just([size]), st.just([-1]), pairs, inferred), wrong, one_in=4)


def _resizing(shape: Shape) -> st.SearchStrategy[Params]:
    axes = len(shape) - 1
    fitting = {1: ["linear"], 2: ["bilinear", "bicubic"], 3: ["trilinear"]}.get(axes, [])
    modes = ["nearest", "area", *fitting]
    mode = mostly(st.sampled_from(modes), st.sampled_from(["linear", "bilinear", "bicubic", "trilinear", "cubic"]))
    corners = {"align_corners": FLAGS}
    size = {"mode": mode, "size": per_axis(COUNTS, axes)}
    factor = {"mode": mode, "scale_factor": per_axis(st.sampled_from([0.5, 1, 1.5, 2, 3]), axes)}
    return mostly(params(size, corners) | params(factor, corners), st.just({}) | params(size | factor))


def _padding(shape: Shape) -> st.SearchStrategy[Params]:
    modes = mostly(st.sampled_from(["reflect", "constant", "replicate", "circular"]), st.just("mirror"))
    rank = len(shape)
    around = params({"mode": modes, "padding": paddings(rank - 1, mostly(st.integers(0, 4), st.integers(-3, -1), 4))})
    return around | mostly(st.lists(axis_of(shape), min_size=1, max_size=3, unique=True), st.just([0, 0])).flatmap(
        lambda axes: params({"axes": st.just(axes), "padding": paddings(len(axes), st.integers(-3, 4))})
    )


def _permutation(shape: Shape) -> st.SearchStrategy[Params]:
    wrong = st.lists(axis_of(shape), max_size=len(shape) + 1)
    return params({"axes": mostly(st.permutations(range(len(shape))), wrong, one_in=4)})


def _slicing(shape: Shape) -> st.SearchStrategy[Params]:
    bounds = st.integers(-8, 8)
    step = mostly(st.integers(1, 3), st.sampled_from([0, -1]), one_in=6)
    return params({"axis": axis_of(shape)}, {"start": bounds, "stop": bounds, "step": step})


def _shape_cases() -> dict[str, Settings]:
    images = st.integers(2, 4).flatmap(shapes)
    factor = mostly(st.integers(1, 3), st.sampled_from([0, -2]), one_in=6)
    chunks = {"chunks": mostly(st.integers(1, 4), st.just(0)), "index": st.integers(0, 3)}
    # No shape of ones alone, which a squeeze would leave without any axis.
    squeezable = st.tuples(st.integers(2, 4), *[st.integers(1, 2)] * 2)
    return {
        "chunk": (ANY_SHAPE, lambda shape: params(chunks, {"axis": axis_of(shape)})),
        "flatten": (
            ANY_SHAPE,
            lambda shape: params({}, dict.fromkeys(["start_axis", "end_axis"], axis_of(shape))),
        ),
        "pad": (images, _padding),
        "permute": (ANY_SHAPE, _permutation),
        "reshape": (ANY_SHAPE, lambda shape: params({"shape": _divisions(prod(shape))})),
        "slice": (ANY_SHAPE, _slicing),
        "squeeze": (squeezable, lambda shape: params({}, {"axis": axis_of(shape)})),
        "unflatten": (ANY_SHAPE, _unflattening),
        "unsqueeze": (ANY_SHAPE, lambda shape: params({"axis": axis_of((*shape, 1))})),
        "upsample": (images, _resizing),
        "pixel_shuffle": (
            st.tuples(st.sampled_from([4, 8, 9]), SIZES, SIZES),
            params({"upscale_factor": factor}),
        ),
        "pixel_unshuffle": (st.tuples(SIZES, EVEN, EVEN), params({"downscale_factor": factor})),
        "channel_shuffle": (images, params({"groups": COUNTS})),
    }


def _unflattening(shape: Shape) -> st.SearchStrategy[Params]:
    return axis_of(shape).flatmap(
        lambda axis: params({"axis": st.just(axis), "shape": _divisions(shape[axis % len(shape)])})
    )


def broadcasting(kind: str, most: int) -> Cases:
    def partner(shape: Shape) -> st.SearchStrategy[Shape]:
        gate = st.tuples(*[st.sampled_from([size, size, 1]) for size in shape])
        return mostly(gate.flatmap(lambda full: st.sampled_from([full, full[-1:]])), ANY_SHAPE, one_in=4)

    def cases(shape: Shape) -> Cases:
        partners = st.lists(partner(shape), min_size=1, max_size=most - 1)
        return partners.flatmap(lambda others: st.permutations([shape, *others])).map(
            lambda inputs: Case(kind, {}, tuple(inputs))
        )

    return ANY_SHAPE.flatmap(cases)


@st.composite
def _concatenation(draw: st.DrawFn) -> Case:
    shape, others = draw(ANY_SHAPE), draw(st.lists(st.integers(1, 5), min_size=1, max_size=2))
    chosen = draw(params({}, {"axis": axis_of(shape)}))
    axis = chosen.get("axis", 0) % len(shape)
    partners = [
        draw(mostly(st.just((*shape[:axis], size, *shape[axis + 1 :])), ANY_SHAPE, one_in=8)) for size in others
    ]
    return Case("concat", chosen, (shape, *partners))


TOKENS = shapes(2)
SEQUENCES = st.one_of(TOKENS, shapes(3, largest=4))


def _token_cases() -> dict[str, Settings]:
    images = st.tuples(SIZES, SIZES, EVEN)
    heads = {"num_heads": mostly(st.integers(1, 3), st.just(0)), "window_size": per_axis(WINDOWS, 2)}
    biases = {"qkv_bias": FLAGS, "proj_bias": FLAGS}
    shifted = {**biases, "shift_size": per_axis(mostly(st.integers(0, 2), st.just(-1)), 2)}
    cases: dict[str, Settings] = {
        "class_token": (mostly(TOKENS, ANY_SHAPE), params({})),
        "positional_embedding": (ANY_SHAPE, params({})),
        "layer_scale": (ANY_SHAPE, lambda shape: params({}, {"axis": axis_of(shape), "init_value": st.just(0.1)})),
        "window_attention": (mostly(images, ANY_SHAPE), params(heads, shifted)),
        "window_attention_v2": (mostly(images, ANY_SHAPE), params(heads, shifted)),
        "grid_attention": (mostly(st.tuples(EVEN, EVEN, EVEN), ANY_SHAPE), params(heads, biases)),
    }
    recurrent: Params = {
        "num_layers": mostly(st.integers(1, 3), st.just(0)),
        "bias": st.sampled_from([True, False, "one"]),
        "bidirectional": FLAGS,
    }
    extras: dict[str, dict[str, Any]] = {
        "gru": {},
        "lstm": {"proj_size": st.integers(0, 3)},
        "rnn": {"nonlinearity": st.just("relu")},
    }
    for kind, extra in extras.items():
        cases[kind] = mostly(SEQUENCES, ANY_SHAPE), params({"hidden_size": COUNTS}, {**recurrent, **extra})
    return cases


@st.composite
def _attention(draw: st.DrawFn) -> Case:
    """Self-attention, or a query with keys, and values of their own."""
    before = draw(st.lists(SIZES, max_size=1).map(tuple))
    query = (*before, *draw(mostly(st.tuples(SIZES, EVEN), ANY_SHAPE)))
    tokens = st.shared(SIZES)
    others = draw(st.lists(mostly(st.tuples(tokens, SIZES).map(lambda pair: (*before, *pair)), TOKENS), max_size=2))
    heads = mostly(st.integers(1, 3), st.sampled_from([0, 5]))
    plain: dict[str, Any] = dict.fromkeys(["bias", "add_bias_kv", "add_zero_attn"], FLAGS)
    widths: dict[str, Any] = {
        "bias": FLAGS, "qkv_bias": FLAGS, "proj_bias": FLAGS, "head_dim": SIZES, "value_dim": SIZES,
        "num_kv_heads": st.integers(1, 3), "causal": FLAGS,
    }  # fmt: skip
    settings = params({"num_heads": heads}, draw(st.sampled_from([plain, widths])))
    return Case("multihead_attention", draw(settings), (query, *others))


def _unpooling(axes: int) -> Cases:
    """Values with as many places, seldom more or fewer; the size is the usual one, or one near it."""
    settings = params(
        {"kernel_size": per_axis(WINDOWS, axes)},
        {"stride": per_axis(STRIDES, axes), "padding": per_axis(PADS, axes), "output_size": per_axis(COUNTS, axes)},
    )

    def cases(shape: Shape) -> Cases:
        places = mostly(st.just(shape), image(axes))
        return st.tuples(settings, places).map(lambda drawn: Case(f"max_unpool{axes}d", drawn[0], (shape, drawn[1])))

    return image(axes).flatmap(cases)


DISTRIBUTED = (
    *(f"{kind}{axes}d" for axes in (1, 2, 3) for kind in
      ("conv", "conv_transpose", "max_pool", "avg_pool", "adaptive_avg_pool", "batch_norm", "instance_norm",
       "dropout")),
    "global_avg_pool", "group_norm", "layer_norm2d", "local_response_norm", "pixel_shuffle", "pixel_unshuffle",
    "channel_shuffle", "upsample", "max_unpool2d", "prelu", "softmax2d", "pad", "conv_lstm1d", "conv_gru2d",
    "dynamic_conv1d", "dynamic_conv2d", "grid_sample",
)  # fmt: skip


def distributed(cases: Cases) -> Cases:
    """The same layers, each applied to the places of one or two axes more."""

    def at_each_place(drawn: tuple[Case, list[int]]) -> Case:
        case, leading = drawn
        shapes = tuple((*leading, *shape) for shape in case.input_shapes)
        return Case(case.kind, {**case.params, "leading_axes": len(leading)}, shapes)

    return st.tuples(cases, st.lists(st.integers(1, 3), min_size=1, max_size=2)).map(at_each_place)


def _all_cases() -> dict[str, Cases]:
    one_input = _window_cases() | _norm_cases() | _activation_cases() | _shape_cases() | _token_cases()
    return {kind: on(kind, *settings) for kind, settings in one_input.items()} | {
        "add": broadcasting("add", 3),
        "sub": broadcasting("sub", 2),
        "mul": broadcasting("mul", 3),
        "concat": _concatenation(),
        "multihead_attention": _attention(),
        **{f"max_unpool{axes}d": _unpooling(axes) for axes in (1, 2, 3)},
    }


CASES: dict[str, Cases] = _all_cases()
