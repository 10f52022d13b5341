"""Recurrent layers."""

from __future__ import annotations

from convcalc.exporters.python.code import Argument, Call, Code, given, keyword, size
from convcalc.exporters.pytorch.layers.register import Placed, Register
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("lstm", "gru", "rnn")
def recurrent(placed: Placed) -> Code:
    layer = placed.layer
    if layer.bias == "one":
        raise Unsupported("PyTorch has two biases for each gate, or none")
    if placed.rank != 2:
        raise Unsupported("PyTorch reads [steps, features]: join the axes before them")
    arguments = [
        size(0, -1, placed.shape[-1]),
        given(layer.hidden_size, "hidden_size"),
        keyword("num_layers", layer.num_layers, 1),
        keyword("bias", layer.bias, True),
        Argument(True, "batch_first"),
        keyword("dropout", layer.dropout, 0.0),
        keyword("bidirectional", layer.bidirectional, False),
    ]
    if placed.type == "lstm":
        arguments.append(keyword("proj_size", layer.proj_size, 0))
    if placed.type == "rnn":
        arguments.append(keyword("nonlinearity", layer.nonlinearity, "tanh"))
    if placed.parts:
        raise Unsupported("its last state, which others read, has the axis of the batch in the middle in PyTorch")
    return Code("{m}({0})[0]", Call(f"nn.{placed.type.upper()}", tuple(arguments)))
