"""Tensors that are learned or fixed."""

from __future__ import annotations

from convcalc.exporters.keras import orders
from convcalc.exporters.keras.layers.convolution import frozen
from convcalc.exporters.keras.layers.register import Placed, Register
from convcalc.exporters.python.code import Argument, Call, Code, given
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("parameter")
def parameter(placed: Placed) -> Code:
    call = Call("LearnedTensor", (Argument(placed.sizes), *frozen(placed)))
    return Code("{x}", call, helpers=("learned_tensor",))


@rules("constant")
def constant(placed: Placed) -> Code:
    raise Unsupported("a spec does not have the values of a constant", "read it as an input of the network")


@rules("class_token")
def class_token(placed: Placed) -> Code:
    return Code("{0}", Call("ClassToken", tuple(frozen(placed))), helpers=("class_token",))


@rules("positional_embedding")
def positional_embedding(placed: Placed) -> Code:
    return Code("{0}", Call("PositionalEmbedding", tuple(frozen(placed))), helpers=("positional_embedding",))


@rules("layer_scale")
def layer_scale(placed: Placed) -> Code:
    axis = orders.placed(tuple(range(placed.rank)), placed.last[0]).index(placed.layer.axis % placed.rank)
    if axis != placed.rank - 1:
        axis_argument = Argument(axis + 1, "axis")
        arguments = (given(placed.layer.init_value, "init_value"), axis_argument, *frozen(placed))
    else:
        arguments = (given(placed.layer.init_value, "init_value"), *frozen(placed))
    return Code("{0}", Call("LayerScale", arguments), helpers=("layer_scale",))
