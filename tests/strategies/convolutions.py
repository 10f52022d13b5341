"""Random layers whose kernels are fixed, given or moved, and states that are maps; see `tests.strategies.layers`."""

from __future__ import annotations

from math import prod
from typing import Any

from hypothesis import strategies as st

from tests.strategies.layers import (
    ANY_SHAPE,
    COUNTS,
    FLAGS,
    PADS,
    SIZES,
    STRIDES,
    WINDOWS,
    Case,
    Cases,
    Params,
    Settings,
    Shape,
    axis_of,
    image,
    mostly,
    on,
    paddings,
    params,
    per_axis,
    shapes,
)

MODES = mostly(st.sampled_from(["zeros", "reflect", "replicate", "circular"]), st.just("mirror"))


def _blurring(axes: int) -> Settings:
    optional = {
        "kernel_size": per_axis(st.integers(1, 5), axes),
        "stride": per_axis(STRIDES, axes),
        "padding": paddings(axes),
        "padding_mode": MODES,
    }
    return image(axes), params({}, optional)


def _slid(size: int, kernel: int, stride: int, dilation: int, padding: int) -> int:
    return max((size + 2 * padding - dilation * (kernel - 1) - 1) // max(stride, 1) + 1, 1)


@st.composite
def _window(draw: st.DrawFn, shape: Shape) -> tuple[Params, Shape, Shape]:
    """A window with numbers for each axis, its kernel, and the positions that it makes of the map."""
    axes = len(shape) - 1
    kernel, stride = draw(st.tuples(*[st.integers(1, 3)] * axes)), draw(st.tuples(*[st.integers(1, 2)] * axes))
    dilation, padding = draw(st.integers(1, 2)), draw(PADS)
    chosen: Params = {"stride": list(stride), "dilation": dilation, "padding": padding}
    positions = tuple(_slid(*axis, dilation, max(padding, 0)) for axis in zip(shape[1:], kernel, stride, strict=True))
    return chosen, kernel, positions


def _map(axes: int, multiple: int = 1) -> st.SearchStrategy[Shape]:
    channels = st.sampled_from([1, 2, 4, 6]).map(lambda count: count * multiple)
    return st.tuples(channels, *[st.integers(1, 7 if axes < 3 else 4)] * axes)


@st.composite
def _dynamic(draw: st.DrawFn, axes: int) -> Case:
    shape = draw(_map(axes))
    chosen, kernel, _ = draw(_window(shape))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    outputs = draw(SIZES) * draw(st.sampled_from([groups, 1]))
    weights = (outputs, max(shape[0] // groups, 1), *kernel)
    biases = [(draw(mostly(st.just(outputs), SIZES)),)] if draw(FLAGS) else []
    given = draw(mostly(st.just(weights), shapes(axes + 2, largest=3)))
    return Case(f"dynamic_conv{axes}d", {**chosen, "groups": groups}, (shape, given, *biases))


@st.composite
def _conditional(draw: st.DrawFn, axes: int) -> Case:
    shape = draw(_map(axes))
    chosen, kernel, _ = draw(_window(shape))
    experts = draw(COUNTS)
    chosen |= {"num_experts": experts, "out_channels": draw(COUNTS), "kernel_size": list(kernel), "bias": draw(FLAGS)}
    routing = draw(mostly(st.just((max(experts, 1),)), ANY_SHAPE))
    return Case(f"cond_conv{axes}d", {**chosen, "groups": draw(st.sampled_from([1, 1, 2]))}, (shape, routing))


@st.composite
def _involution(draw: st.DrawFn) -> Case:
    shape = draw(_map(2))
    chosen, kernel, positions = draw(_window(shape))
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    kernels = draw(mostly(st.just((groups * prod(kernel), *positions)), shapes(3)))
    return Case("involution", {**chosen, "kernel_size": list(kernel), "groups": groups}, (shape, kernels))


@st.composite
def _deformable(draw: st.DrawFn, axes: int) -> Case:
    shape = draw(_map(axes))
    chosen, kernel, positions = draw(_window(shape))
    groups, taps = draw(st.sampled_from([1, 1, 2, 3])), prod(kernel)
    chosen |= {"out_channels": draw(COUNTS), "kernel_size": list(kernel), "groups": draw(st.sampled_from([1, 1, 2]))}
    offset = draw(mostly(st.just((groups * axes * taps, *positions)), shapes(axes + 1)))
    wrong = (taps, *positions)
    factors = [draw(mostly(st.just((groups * taps, *positions)), st.just(wrong)))] if draw(FLAGS) else []
    return Case(f"deform_conv{axes}d", {**chosen, "bias": draw(FLAGS)}, (shape, offset, *factors))


def _unfolding() -> Settings:
    optional = {
        "stride": per_axis(STRIDES, 2),
        "dilation": per_axis(mostly(st.integers(1, 2), st.just(0)), 2),
        "padding": paddings(2),
    }
    return image(2), params({"kernel_size": per_axis(WINDOWS, 2)}, optional)


@st.composite
def _folding(draw: st.DrawFn) -> Case:
    sizes = draw(_map(2))
    chosen, kernel, positions = draw(_window(sizes))
    columns = (sizes[0] * prod(kernel), prod(positions))
    chosen |= {"kernel_size": list(kernel), "output_size": list(sizes[1:])}
    return Case("fold", chosen, (draw(mostly(st.just(columns), ANY_SHAPE, one_in=6)),))


@st.composite
def _sampling(draw: st.DrawFn) -> Case:
    axes = draw(mostly(st.sampled_from([2, 3]), st.just(1)))
    chosen = draw(
        params(
            {},
            {
                "mode": mostly(st.sampled_from(["bilinear", "nearest", "bicubic"]), st.just("area")),
                "padding_mode": mostly(st.sampled_from(["zeros", "border", "reflection"]), st.just("wrap")),
                "align_corners": FLAGS,
            },
        )
    )
    grid = draw(mostly(shapes(axes).map(lambda sizes: (*sizes, axes)), ANY_SHAPE))
    return Case("grid_sample", chosen, (draw(shapes(axes + 1)), grid))


@st.composite
def _gridding(draw: st.DrawFn) -> Case:
    axes = draw(mostly(st.sampled_from([2, 3]), st.just(1)))
    matrix = draw(mostly(st.just((axes, axes + 1)), ANY_SHAPE))
    return Case("affine_grid", {"size": list(draw(shapes(axes)))}, (matrix,))


def _transforming(**more: st.SearchStrategy[Any]) -> Settings:
    return ANY_SHAPE, lambda shape: params({"axes": st.lists(axis_of(shape), min_size=1, max_size=3)}, more)


def _remembering(axes: int) -> Settings:
    frames = st.tuples(st.integers(1, 3), st.integers(1, 3), *[st.integers(1, 5)] * axes)
    optional = {
        "stride": per_axis(STRIDES, axes),
        "dilation": per_axis(st.integers(1, 2), axes),
        "padding": paddings(axes) | st.just("same"),
        "bias": FLAGS,
        "return_sequences": FLAGS,
        "num_layers": mostly(st.integers(1, 3), st.just(0)),
    }
    required = {"hidden_channels": COUNTS, "kernel_size": per_axis(WINDOWS, axes)}
    return mostly(frames, ANY_SHAPE), params(required, optional)


@st.composite
def _scanning(draw: st.DrawFn) -> Case:
    length, features, state = draw(SIZES), draw(SIZES), draw(SIZES)
    other = mostly(st.just((length, state)), ANY_SHAPE, one_in=24)
    between = [draw(other), draw(other)]
    if draw(FLAGS):
        between = [(length, 2 * state + draw(st.integers(0, 2)))]
    rest = [(features,)] if draw(FLAGS) else []
    tokens = draw(mostly(st.just((length, features)), shapes(2)))
    return Case("selective_scan", {}, ((length, features), tokens, (features, state), *between, *rest))


_OF_ONE_INPUT: dict[str, Settings] = {
    "blur_pool1d": _blurring(1),
    "blur_pool2d": _blurring(2),
    "unfold": _unfolding(),
    "fft": _transforming(),
    "ifft": _transforming(),
    "rfft": _transforming(),
    "irfft": _transforming(size=SIZES),
    **{f"conv_{cell}{axes}d": _remembering(axes) for cell in ("lstm", "gru") for axes in (1, 2, 3)},
    "embedding_bag": (
        mostly(shapes(1), ANY_SHAPE),
        params(
            {"num_embeddings": COUNTS, "embedding_dim": COUNTS},
            {"mode": mostly(st.sampled_from(["mean", "sum", "max"]), st.just("median")), "padding_idx": st.just(0)},
        ),
    ),
}
CASES: dict[str, Cases] = {
    **{kind: on(kind, *settings) for kind, settings in _OF_ONE_INPUT.items()},
    **{f"dynamic_conv{axes}d": _dynamic(axes) for axes in (1, 2, 3)},
    **{f"cond_conv{axes}d": _conditional(axes) for axes in (1, 2, 3)},
    **{f"deform_conv{axes}d": _deformable(axes) for axes in (1, 2, 3)},
    "involution": _involution(),
    "fold": _folding(),
    "grid_sample": _sampling(),
    "affine_grid": _gridding(),
    "selective_scan": _scanning(),
}
