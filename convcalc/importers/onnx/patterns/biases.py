"""Biases that are added by an operation of their own."""

from __future__ import annotations

from convcalc.importers.network import Operation
from convcalc.importers.onnx.patterns.rewriting import Rewriting


def join(network: Rewriting, operation: Operation) -> bool:
    """A linear layer or a convolution without bias, and the sum with a parameter that has a number a channel."""
    if operation.type != "add" or len(operation.inputs) != 2:
        return False
    for name in operation.inputs:
        layer, value = network.givers.get(name), network.value_beside(operation, name)
        if layer is None or value is None or value.type != "parameter" or network.only_reader(layer) is not operation:
            continue
        if layer.parameters.get("bias") is not False or layer.parameters.get("leading_axes"):
            continue
        shape = layer.output.shape
        wanted = shape[-1:] if layer.type == "linear" else (shape[0], *(1,) * (len(shape) - 1))
        if (
            not layer.type.startswith(("conv", "linear"))
            or value.output.shape != wanted
            or operation.output.shape != shape
        ):
            continue
        parameters = {key: given for key, given in layer.parameters.items() if key != "bias"}
        tensors = {**layer.tensors, "bias": value.tensors["parameter"]}
        joined = Operation(layer.type, layer.inputs, [], parameters, tensors, layer.buffers, place=layer.place)
        network.replace([layer], operation, joined, at=layer)
        return True
    return False
