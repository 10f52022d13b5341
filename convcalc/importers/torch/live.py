"""A module of PyTorch that is there already: traced in this process, on a copy without its weights where that works."""

from __future__ import annotations

import copy
from typing import Any

from convcalc.errors import UsageError
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.torch.traces import network_of


def trace_module(module: Any, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a live torch.nn.Module. The module stays as it is. Raises UsageError where it does not run."""
    from convcalc.importers.torch import trace  # it imports torch, which the caller has loaded

    name = type(module).__name__
    if not inputs:
        raise UsageError(f"{name} needs the shape of its input", "give it without the batch: input=[3, 224, 224]")
    given: Any = (
        {key: [list(each.shape), each.dtype] for key, each in inputs.items()}
        if isinstance(inputs, dict)
        else [[list(each.shape), each.dtype] for each in inputs]
    )
    stop = None
    for make, device in ((_without_weights, "meta"), (_as_it_is, _device(module))):
        try:
            traced = make(module)
        except Exception:  # noqa: S112, a module may refuse to be copied in any way
            continue
        training = [each for each in traced.modules() if each.training]
        traced.eval()
        try:
            answer, stop = trace.trace_with_types(traced, given, device)
        finally:
            for each in training:
                each.training = True
        if stop is None:
            return network_of(answer)
    raise UsageError(f"{name} raised {type(stop.error).__name__ if stop else 'an error'} in its forward pass: {stop}")


def _without_weights(module: Any) -> Any:
    """A copy whose parameters and buffers have shapes and no values."""
    memo: dict[int, Any] = {}
    for tensor in [*module.parameters(), *module.buffers()]:
        empty = tensor.detach().to("meta")
        if isinstance(tensor, _parameter_class()):
            empty = type(tensor)(empty, requires_grad=tensor.requires_grad)
        memo[id(tensor)] = empty
    return copy.deepcopy(module, memo)


def _parameter_class() -> Any:
    import torch  # the caller has loaded it

    return torch.nn.Parameter


def _as_it_is(module: Any) -> Any:
    return module


def _device(module: Any) -> str:
    """Where the weights of the module are."""
    tensor = next(iter([*module.parameters(), *module.buffers()]), None)
    return "cpu" if tensor is None else str(tensor.device)
