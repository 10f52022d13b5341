"""Recurrent layers. Their weights are those of PyTorch, whose gates come in another order than those of ONNX."""

from __future__ import annotations

from convcalc.exporters.onnx.build import Layer
from convcalc.exporters.onnx.rules.register import Register
from convcalc.exporters.register import Unsupported
from convcalc.layers.recurrent import ONE

rules = Register()

# The gates of ONNX by their places among those of PyTorch.
_GATES = {"lstm": (0, 3, 1, 2), "gru": (1, 0, 2), "rnn": (0,)}


@rules(*_GATES)
def recurrent(layer: Layer) -> str:
    own = layer.layer
    if layer.rank != 2 or own.proj_size or own.bias == ONE:
        raise Unsupported("axes before the tokens, a projected state, or a single bias")
    steps, width = layer.shape[0], own.directions * own.hidden_size
    value = layer.op("Transpose", layer.reads[0], perm=[1, 0, 2])
    states: dict[str, list[str]] = {"h": [], "c": []}
    for number in range(own.num_layers):
        all_steps = _stack(layer, value, number, width if number else layer.shape[1])
        states["h"].append(f"{all_steps}.1")
        states["c"].append(f"{all_steps}.2")
        turned = layer.op("Transpose", all_steps, perm=[0, 2, 1, 3])
        value = layer.op("Reshape", turned, layer.ints(steps, -1, width))
    for part in layer.parts:
        joined = states[part][0] if own.num_layers == 1 else layer.op("Concat", *states[part], axis=0)
        layer.parts[part] = layer.op("Transpose", joined, perm=[1, 0, 2])
    return layer.op("Transpose", value, perm=[1, 0, 2])


def _stack(layer: Layer, value: str, number: int, features: int) -> str:
    """One layer of the stack. Gives the name of the states of all steps."""
    own = layer.layer
    rows, both = own.gates * own.hidden_size, own.bidirectional
    suffixes = (f"l{number}", f"l{number}_reverse")[: own.directions]
    weights = [_directions(layer, [_ordered(layer, f"{term}_{suffix}", [rows, columns]) for suffix in suffixes])
               for term, columns in (("weight_ih", features), ("weight_hh", own.hidden_size))]  # fmt: skip
    if own.bias:
        weights.append(_directions(layer, [_biases(layer, suffix, rows) for suffix in suffixes]))
    settings = {"linear_before_reset": 1} if layer.type == "gru" else {}
    activations = ["Relu"] * own.directions if layer.type == "rnn" and own.nonlinearity == "relu" else None
    return layer.op(
        layer.type.upper(), value, *weights, outputs=3 if layer.type == "lstm" else 2, hidden_size=own.hidden_size,
        direction="bidirectional" if both else "forward", activations=activations, **settings,
    )  # fmt: skip


def _directions(layer: Layer, tensors: list[str]) -> str:
    """The tensors of the directions along a first axis."""
    parts = [layer.op("Unsqueeze", each, layer.ints(0)) for each in tensors]
    return layer.op("Concat", *parts, axis=0) if len(parts) > 1 else parts[0]


def _ordered(layer: Layer, term: str, shape: list[int]) -> str:
    """A tensor of PyTorch with its gates in the order of ONNX."""
    name, size, order = layer.weight(term, shape), layer.layer.hidden_size, _GATES[layer.type]
    if len(order) == 1:
        return name
    axis = layer.ints(0)
    gates = [layer.op("Slice", name, layer.ints(at * size), layer.ints((at + 1) * size), axis) for at in order]
    return layer.op("Concat", *gates, axis=0)


def _biases(layer: Layer, suffix: str, rows: int) -> str:
    parts = [_ordered(layer, f"bias_{term}_{suffix}", [rows]) for term in ("ih", "hh")]
    return layer.op("Concat", *parts, axis=0)
