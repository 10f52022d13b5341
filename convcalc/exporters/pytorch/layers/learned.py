"""Tensors that are learned or fixed."""

from __future__ import annotations

from convcalc.exporters.python.code import Argument, Call, Code, Name, given, size
from convcalc.exporters.pytorch.layers.register import Placed, Register

rules = Register()


@rules("parameter")
def parameter(placed: Placed) -> Code:
    use = "{m}.expand({batch}, " + ", ".join(["-1"] * len(placed.output)) + ")"
    return Code(use, _zeros(placed.output), is_parameter=True)


@rules("constant")
def constant(placed: Placed) -> Code:
    use = "{m}.expand({batch}, " + ", ".join(["-1"] * len(placed.output)) + ")"
    zeros = [Argument(each) for each in placed.output]
    if placed.readers & {"embedding", "embedding_bag"}:
        zeros.append(Argument(Name("torch.long"), "dtype"))
    name = "buffer" if placed.layer.buffer else "constant"
    return Code(use, Call(name, (Argument(Call("torch.zeros", tuple(zeros))),)), is_parameter=True)


@rules("class_token")
def class_token(placed: Placed) -> Code:
    call = Call("nn.Parameter", (Argument(Call("torch.zeros", (Argument(1), size(0, -1, placed.shape[-1])))),))
    return Code("torch.cat([{m}.expand({batch}, -1, -1), {0}], dim=1)", call, is_parameter=True)


@rules("positional_embedding")
def positional_embedding(placed: Placed) -> Code:
    return Code("{0} + {m}", _zeros(placed.shape), is_parameter=True)


@rules("layer_scale")
def layer_scale(placed: Placed) -> Code:
    axis = placed.layer.axis % placed.rank
    sizes = [size(0, axis if axis == 0 else axis - placed.rank, placed.shape[axis])]
    sizes += [Argument(1)] * (placed.rank - axis - 1)
    call = Call("torch.full", (Argument(tuple(sizes)), given(placed.layer.init_value, "init_value")))
    return Code("{m} * {0}", Call("nn.Parameter", (Argument(call),)), is_parameter=True)


def _zeros(shape: tuple[int, ...]) -> Call:
    return Call("nn.Parameter", (Argument(Call("torch.zeros", tuple(map(Argument, shape)))),))
