"""Several operations that are one layer: channel shuffles, attention, learned factors and tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from math import prod

from convcalc.arith.shape import Shape
from convcalc.importers import attention
from convcalc.importers.network import ForeignNetwork, Operation


def recognise(network: ForeignNetwork) -> None:
    """Put one operation in the place of several that are one layer of the language."""
    patterns = _Patterns(network)
    network.operations = patterns.recognised()


class _Patterns:
    """The operations of a network, with the operation that makes each value and the number of its readers."""

    def __init__(self, network: ForeignNetwork) -> None:
        self.operations = network.operations
        self.maker = {output.name: each for each in network.operations for output in each.outputs}
        self.shapes: dict[str, Shape] = {each.name: each.shape for each in network.inputs}
        self.shapes.update({output.name: output.shape for each in network.operations for output in each.outputs})
        self.readers = Counter(value for each in network.operations for value in each.inputs)
        self.readers.update(network.outputs)
        self.gone: set[int] = set()

    def recognised(self) -> list[Operation]:
        for operation in self.operations:
            for pattern in PATTERNS.get(operation.type, ()):
                if id(operation) not in self.gone and pattern(self, operation):
                    break
        return [operation for operation in self.operations if id(operation) not in self.gone]

    def before(self, operation: Operation, kind: str, index: int = 0) -> Operation | None:
        """The operation of that type whose output an operation reads, if nothing else reads it."""
        value = operation.inputs[index]
        maker = self.maker.get(value)
        if maker is None or maker.type != kind or self.readers[value] != 1 or maker.output.name != value:
            return None
        return None if id(maker) in self.gone else maker

    def replace(
        self, last: Operation, others: list[Operation], kind: str, inputs: list[str], **parameters: object
    ) -> None:
        """Let the last of several operations be all of them, with the tensors of each."""
        self.gone.update(map(id, others))
        last.type, last.inputs, last.parameters = kind, inputs, dict(parameters)
        for other in others:
            last.tensors.update(other.tensors)
            last.buffers.update(other.buffers)


def _channel_shuffle(patterns: _Patterns, last: Operation) -> bool:
    """[C, …] as [g, C / g, …], its first axes exchanged, and as [C, …] again."""
    exchange = patterns.before(last, "transpose") or patterns.before(last, "permute")
    split = patterns.before(exchange, "reshape") if exchange is not None else None
    if exchange is None or split is None:
        return False
    whole, parts = patterns.shapes[split.inputs[0]], split.output.shape
    if len(parts) < 3 or last.output.shape != whole or (parts[0] * parts[1], *parts[2:]) != whole:
        return False
    if exchange.parameters.get("axes") not in ([0, 1], [1, 0], [1, 0, *range(2, len(parts))]):
        return False
    patterns.replace(last, [split, exchange], "channel_shuffle", split.inputs, groups=parts[0])
    return True


def _layer_scale(patterns: _Patterns, last: Operation) -> bool:
    """A learned factor for each place of one axis."""
    for index in (0, 1):
        factor = patterns.before(last, "parameter", index)
        other = last.inputs[1 - index] if len(last.inputs) == 2 else ""
        shape = patterns.shapes.get(other, ())
        axis = _only_axis(factor.output.shape, shape) if factor is not None else None
        if factor is not None and axis is not None and last.output.shape == shape:
            patterns.replace(last, [factor], "layer_scale", [other], **({"axis": axis} if axis else {}))
            last.modules, last.name = factor.modules, factor.name
            return True
    return False


def _only_axis(factor: Shape, shape: Shape) -> int | None:
    """The one axis along which a broadcast factor is as long as the tensor; None where there are others or none."""
    if len(factor) > len(shape) or prod(factor) == 1:
        return None
    long = [(size, axis) for axis, size in enumerate(factor, len(shape) - len(factor)) if size != 1]
    if len(long) != 1 or shape[long[0][1]] != long[0][0]:
        return None
    return long[0][1]


def _positional_embedding(patterns: _Patterns, last: Operation) -> bool:
    """A learned table of the tensor's own shape, added to it."""
    for index in (0, 1):
        table = patterns.before(last, "parameter", index)
        other = last.inputs[1 - index] if len(last.inputs) == 2 else ""
        if table is not None and table.output.shape == patterns.shapes.get(other) == last.output.shape:
            patterns.replace(last, [table], "positional_embedding", [other])
            last.modules, last.name = table.modules, table.name
            return True
    return False


def _class_token(patterns: _Patterns, last: Operation) -> bool:
    """A learned token before all others."""
    if len(last.inputs) != 2 or last.parameters.get("axis", 0) not in (0, -2):
        return False
    token, tokens = patterns.before(last, "parameter", 0), patterns.shapes.get(last.inputs[1], ())
    if token is None or len(tokens) != 2 or token.output.shape != (1, tokens[1]):
        return False
    patterns.replace(last, [token], "class_token", last.inputs[1:])
    last.modules, last.name = token.modules, token.name
    return True


def _layer_norm2d(patterns: _Patterns, last: Operation) -> bool:
    """The channels of a map moved to the end, normalised there, and moved back."""
    norm = patterns.before(last, "layer_norm")
    first = patterns.before(norm, "permute") if norm is not None else None
    if norm is None or first is None or set(norm.parameters) - {"eps"}:
        return False
    if first.parameters.get("axes") != [1, 2, 0] or last.parameters.get("axes") != [2, 0, 1]:
        return False
    modules, name = norm.modules, norm.name
    patterns.replace(last, [first, norm], "layer_norm2d", first.inputs, **norm.parameters)
    last.modules, last.name = modules, name
    return True


def _multihead_attention(patterns: _Patterns, last: Operation) -> bool:
    """The projections of queries, keys and values, attention in heads, and the projection of its result."""
    heads = attention.find_heads(last, patterns.maker, patterns.shapes)
    if heads is None or not attention.is_used_alone(heads, patterns.readers):
        return False
    inputs, parameters, tensors = attention.inputs(heads), attention.parameters(heads), attention.tensors(heads)
    patterns.replace(last, heads.operations, attention.TYPE, inputs, **parameters)
    last.tensors, last.modules, last.name = tensors, heads.core.modules, ""
    return True


def _stacked(patterns: _Patterns, last: Operation) -> bool:
    """Recurrent layers of one module on top of each other."""
    first = patterns.before(last, last.type)
    if first is None or not last.modules or first.modules != last.modules or len(last.outputs + first.outputs) > 2:
        return False
    settings, count = dict(first.parameters), first.parameters.get("num_layers", 1)
    settings.pop("num_layers", None)
    if settings != last.parameters or first.name or last.name:
        return False
    later = {f"{name}_l{count}": tensor for name, tensor in last.tensors.items()}
    patterns.replace(last, [first], last.type, first.inputs, **settings, num_layers=count + 1)
    last.tensors = {**first.tensors, **later}
    return True


PATTERNS: dict[str, tuple[Callable[[_Patterns, Operation], bool], ...]] = {
    "reshape": (_channel_shuffle,),
    "flatten": (_channel_shuffle,),
    "mul": (_layer_scale,),
    "add": (_positional_embedding,),
    "concat": (_class_token,),
    "permute": (_layer_norm2d,),
    "linear": (_multihead_attention,),
    **dict.fromkeys(("lstm", "gru", "rnn"), (_stacked,)),
}
