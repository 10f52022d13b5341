"""Recurrent layers."""

from __future__ import annotations

from convcalc.exporters.keras.layers.convolution import frozen
from convcalc.exporters.keras.layers.register import Placed, Register, chain
from convcalc.exporters.python.code import Argument, Call, Code, given, keyword
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("lstm", "gru", "rnn")
def recurrent(placed: Placed) -> Code:
    own = placed.layer
    if placed.rank != 2:
        raise Unsupported("Keras reads [steps, features]: join the axes before them")
    if placed.parts:
        raise Unsupported("the export does not write its last state, which others read")
    if getattr(own, "proj_size", 0):
        raise Unsupported("Keras has no projection of the state (proj_size)")
    if own.bias is True and placed.type != "gru":
        raise Unsupported("Keras has one bias for each gate, and PyTorch two", "write `bias: one` for one")
    name = {"lstm": "LSTM", "gru": "GRU", "rnn": "SimpleRNN"}[placed.type]
    arguments = [
        given(own.hidden_size, "hidden_size"),
        keyword("use_bias", own.bias is not False, True),
        Argument(True, "return_sequences"),
    ]
    if placed.type == "rnn":
        arguments.insert(1, keyword("activation", own.nonlinearity, "tanh"))
    if placed.type == "gru":
        arguments.append(keyword("reset_after", own.bias != "one", True))
    call = Call(f"layers.{name}", (*arguments, *frozen(placed)))
    if own.bidirectional:
        call = Call("layers.Bidirectional", (Argument(call),))
    calls = []
    for number in range(own.num_layers):
        is_last = number == own.num_layers - 1
        calls.append(("" if is_last else f"l{number}", call))
        if own.dropout and not is_last:
            calls.append((f"dropout{number}", Call("layers.Dropout", (Argument(own.dropout),))))
    return chain(*calls)
