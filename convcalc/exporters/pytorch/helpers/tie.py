"""Copied into an exported source that needs it."""

from torch import nn


def tie(module: nn.Module, owner: nn.Module) -> None:
    """Lets a module use the parameters of another one."""
    for name, parameter in list(owner.named_parameters()):
        path, _, last = name.rpartition(".")
        setattr(module.get_submodule(path), last, parameter)
