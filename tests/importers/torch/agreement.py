"""Whether the operations of a reader fit together: their shapes and parameters, as the layer types have them."""

from __future__ import annotations

from math import prod

from convcalc import layers
from convcalc.arith.shape import Shape
from convcalc.importers.network import ForeignNetwork


def disagreements(network: ForeignNetwork) -> list[str]:
    """What differs between the source and the layers, by operation; unknown operations are taken as they are."""
    shapes: dict[str, Shape] = {each.name: each.shape for each in network.inputs}
    found = []
    for operation in network.operations:
        inputs = tuple(shapes[name] for name in operation.inputs)
        shapes.update({output.name: output.shape for output in operation.outputs})
        if not operation.known:
            continue
        kind = layers.find(operation.type)
        assert kind is not None, operation.type
        layer = kind.build(operation.parameters)
        output = layer.output_shape(inputs)
        values = layer.values(inputs, output)
        params = sum(term.shared(values) for term in layer.terms())
        stated = sum(prod(tensor.shape) for tensor in operation.tensors.values())
        if output != operation.output.shape or params != stated:
            found.append(
                f"{operation.type} {operation.place}: {output} {params}, not {operation.output.shape} {stated}"
            )
    return found


def macs(network: ForeignNetwork) -> int:
    """The multiply-accumulates of all operations."""
    shapes: dict[str, Shape] = {each.name: each.shape for each in network.inputs}
    total = 0
    for operation in network.operations:
        inputs = tuple(shapes[name] for name in operation.inputs)
        shapes.update({output.name: output.shape for output in operation.outputs})
        kind = layers.find(operation.type)
        assert kind is not None, operation.type
        layer = kind.build(operation.parameters)
        values = layer.values(inputs, operation.output.shape)
        total += sum(formula(values) for formula in layer.multiply_accumulates().values())
    return total


def types(network: ForeignNetwork) -> list[str]:
    return [operation.type for operation in network.operations]
