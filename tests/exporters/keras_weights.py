"""The weights of an exported PyTorch module in the Keras model of the same network, and outputs of both."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from convcalc.exporters.export import export  # noqa: E402 - behind what it needs
from convcalc.exporters.keras.orders import Orders  # noqa: E402
from convcalc.exporters.network import Network  # noqa: E402
from tests.exporters import modules  # noqa: E402
from tests.exporters.keras_models import keras, run  # noqa: E402


def outputs_of_both(network: Network, data_format: str, batch: int = 2) -> tuple[list[Any], list[Any]]:
    """The outputs of the module and of the model, with the same weights and inputs, both in the order of PyTorch."""
    torch.manual_seed(0)
    module = modules.run(export(network, "pytorch"))
    for parameter in module.parameters():
        if parameter.dim() == 1:
            parameter.data.uniform_(0.1, 1)
    for name, buffer in module.named_buffers():
        if "running" in name:
            buffer.uniform_(0.5, 1.5)
    model = run(export(network, "keras", data_format=data_format))
    carry(module, model, network)
    inputs = [torch.randn_like(each) if each.is_floating_point() else torch.randint_like(each, 5)
              for each in modules.samples(network.graph, "cpu", batch)]  # fmt: skip
    is_last = Orders(network.graph, data_format).last
    with torch.no_grad():
        expected = module(*inputs)
        given = [torch.movedim(each, 1, -1) if is_last[number] else each for number, each in enumerate(inputs)]
        found = model(given if len(given) > 1 else given[0], training=False)
    expected = list(expected) if isinstance(expected, tuple) else [expected]
    tensors = list(network.graph.outputs.values())
    found = found if isinstance(found, list) else [found]
    return expected, [torch.movedim(each, -1, 1) if is_last[tensor] else each for each, tensor in zip(found, tensors)]


def carry(module: Any, model: Any, network: Network) -> None:
    """Give the layers of a model the weights of the modules of the same names."""
    for node in network.graph.nodes:
        if not node.layer.has_parameters and not node.layer.buffers():
            continue
        layer = model.get_layer(node.name.replace(".", "_"))
        parameters = dict(module.named_parameters())
        if node.name in parameters:
            tensors = [parameters[node.name].detach().numpy()]
        else:
            state = module.get_submodule(node.name).state_dict()
            tensors = _tensors(node.layer.type.name, layer, {key: value.numpy() for key, value in state.items()})
        for own, value in zip(layer.weights, tensors, strict=True):
            own.assign(torch.from_numpy(np.ascontiguousarray(_fitted(value, tuple(own.shape)))))


def _fitted(value: Any, shape: Any) -> Any:
    """The values in that shape: the channels may be last, or axes of size 1 may be there."""
    moved = np.moveaxis(value, 0, -1) if value.ndim else value
    if value.shape != shape and moved.shape == shape:
        return moved
    assert value.size == np.prod(shape)
    return value.reshape(shape)


def _tensors(kind: str, layer: Any, state: dict[str, Any]) -> list[Any]:
    """The weights of a layer in the order of Keras, each with the axes in its order."""
    if kind in ("lstm", "gru", "rnn"):
        ends = ("", "_reverse") if type(layer).__name__ == "Bidirectional" else ("",)
        return [each for end in ends for each in _recurrent(kind, state, end)]
    if kind == "multihead_attention":
        return _attention(layer, state)
    found: list[Any] = []
    for name in ("weight", "gamma"):
        if name in state:
            found.append(_kernel(kind, type(layer).__name__, state[name]))
    names = ("bias", "beta", "running_mean", "running_var")
    return found + [state[name] for name in names if name in state]


def _kernel(kind: str, name: str, weight: Any) -> Any:
    if name.startswith("DepthwiseConv"):
        return np.moveaxis(weight, 0, -1)  # the output channels of an input channel are neighbours in both
    if name.startswith(("LocallyConnected", "TiledConv", "RegionalConv")):
        return np.transpose(weight.reshape(*weight.shape[:3], -1), (0, 3, 2, 1))
    if name.startswith("TableConv"):
        return np.moveaxis(weight, 0, -1)
    if kind.startswith("conv"):
        return np.moveaxis(weight, (1, 0), (-2, -1))
    return weight.T if kind == "linear" else weight


def _recurrent(kind: str, state: dict[str, Any], end: str) -> list[Any]:
    """The gates of a GRU are in another order in Keras."""

    def gates(value: Any) -> Any:
        if kind != "gru":
            return value
        reset, update, new = np.split(value, 3)
        return np.concatenate([update, reset, new])

    found = [gates(state[f"weight_{which}_l0{end}"]).T for which in ("ih", "hh")]
    biases = [gates(state[name]) for which in ("ih", "hh") if (name := f"bias_{which}_l0{end}") in state]
    return [*found, np.stack(biases)] if biases else found


def _attention(layer: Any, state: dict[str, Any]) -> list[Any]:
    """Query, key and value are joined in PyTorch; each has the axes of heads in Keras."""
    kernels = np.split(state["in_proj_weight"], 3)
    biases = np.split(state["in_proj_bias"], 3) if "in_proj_bias" in state else []
    found: list[Any] = []
    for number, kernel in enumerate(kernels):
        found += [kernel.T, *biases[number : number + 1]]
    found.append(state["out_proj.weight"].T)
    return [*found, state["out_proj.bias"]] if biases else found


__all__ = ["carry", "keras", "outputs_of_both"]
