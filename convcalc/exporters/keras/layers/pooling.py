"""Pooling."""

from __future__ import annotations

from convcalc.exporters.keras.layers.register import Placed, Register, chain, function, layer
from convcalc.exporters.keras.padding import SAME, VALID, is_nothing, needed, of_axes, padding_of, zero_padding
from convcalc.exporters.python.code import Argument, Call, Code, collapse, given, keyword
from convcalc.exporters.register import Unsupported, ranks
from convcalc.layers.parameters import Pads

rules = Register()


@rules(*ranks("max_pool"), *ranks("avg_pool"))
def pooling(placed: Placed) -> Code:
    own, rank, is_max = placed.layer, placed.type[-2], placed.type.startswith("max")
    if placed.parts:
        raise Unsupported("Keras does not give the indices of the greatest values")
    if max(own.dilation) > 1:
        raise Unsupported("Keras has no pooling with dilation")
    pads = own.pads(placed.shape[1:])
    axes = list(zip(placed.shape[1:], placed.output[1:], own.kernel_size, own.stride, own.dilation, pads))
    kinds = of_axes(padding_of(*axis) for axis in axes)
    needs: Pads = tuple(needed(*axis) for axis in axes)
    is_even = is_max or not _counts_padding(placed, needs)
    name = f"layers.{'Max' if is_max else 'Average'}Pooling{rank}D"
    stride = None if own.stride == own.kernel_size else collapse(own.stride)
    arguments = [given(collapse(own.kernel_size), "kernel_size"), keyword("strides", stride, None, "stride")]
    call = Call(name, tuple(arguments))
    if VALID in kinds:
        return chain(("", call))
    if SAME in kinds and is_even and not is_max and any(before != after for before, after in needs):
        # On PyTorch, Keras repeats the border there; on TensorFlow and JAX it leaves these cells out of the mean.
        raise Unsupported("Keras's backends have other means where a window is larger on one side")
    if SAME in kinds and is_even:
        return chain(("", Call(name, (*arguments, Argument("same", "padding", "valid")))))
    if is_max and placed.is_rectified:  # no value is below the zeros
        return chain(("pad", zero_padding(needs)), ("", call))
    if is_max:
        return _below_all(placed, needs, call)
    if is_even or needs != pads:
        raise Unsupported("Keras counts other cells of the padding in the mean")
    return chain(("pad", zero_padding(needs)), ("", call))


def _counts_padding(placed: Placed, needs: Pads) -> bool:
    return bool(placed.layer.count_include_pad) and not is_nothing(placed.layer.pads(placed.shape[1:]))


def _below_all(placed: Placed, needs: Pads, call: Call) -> Code:
    """Pooling of a map that is padded with less than any value."""
    pairs = [(0, 0), (0, 0), *needs] if placed.is_first else [(0, 0), *needs, (0, 0)]
    text = 'ops.pad({0}, {pads}, constant_values=-float("inf"))'
    return Code(text, call, values={"pads": tuple(map(tuple, pairs))})


@rules(*ranks("adaptive_avg_pool"), *ranks("adaptive_max_pool"))
def adaptive_pooling(placed: Placed) -> Code:
    if placed.parts:
        raise Unsupported("Keras does not give the indices of the greatest values")
    wanted, rank = tuple(placed.output[1:]), placed.type[-2]
    word = "Average" if "avg" in placed.type else "Max"
    if set(wanted) == {1}:
        return layer(f"Global{word}Pooling{rank}D", Argument(True, "keepdims"))
    return layer(f"Adaptive{word}Pooling{rank}D", Argument(collapse(wanted)))


@rules("global_avg_pool", "global_max_pool")
def global_pooling(placed: Placed) -> Code:
    word, rank = ("Average" if "avg" in placed.type else "Max"), placed.rank - 1
    if rank > 3:
        axes = tuple(sorted(placed.place(axis) for axis in range(1, placed.rank)))
        name = "mean" if word == "Average" else "max"
        return function(f"ops.{name}({{0}}, axis={{axes}}, keepdims=True)", axes=axes)
    return layer(f"Global{word}Pooling{rank}D", Argument(True, "keepdims"))
