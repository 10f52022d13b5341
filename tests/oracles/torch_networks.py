"""A whole network in PyTorch: the module whose layers the oracle builds from the rows of a report."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'
from torch import nn  # type: ignore[import-not-found, unused-ignore]  # as above

from tests.oracles.torch_layers import build


def torch_config(row: Mapping[str, Any]) -> dict[str, Any]:
    """The row's parameters as the oracle reads them: the size of the entry that it is `like`, as its own size."""
    config = dict(row["config"])
    like = config.pop("like", None)
    size = "output_size" if "output_size" in config else "size"
    return config if like is None else {**config, size: like}


class Network(nn.Module):  # type: ignore[misc, unused-ignore]  # torch is an optional extra
    """The network of a report, given as a dictionary. Its layers have the names of the rows."""

    def __init__(self, report: Mapping[str, Any]) -> None:
        super().__init__()
        self.reads = {row["name"]: row["inputs"] for row in report["layers"]}
        self.input_names = list(report["inputs"])
        shapes = dict(report["inputs"])
        self.calls: dict[str, Any] = {}
        for row in report["layers"]:
            layer = build(row["type"], torch_config(row), [shapes[name] for name in row["inputs"]])
            shapes[row["name"]] = row["output_shape"]
            if isinstance(layer.forward, nn.Module):
                self._place(row["name"], layer.forward)
            else:
                assert not layer.parameters, row["name"]
            self.calls[row["name"]] = layer.forward

    def _place(self, name: str, module: nn.Module) -> None:
        *blocks, last = name.split(".")
        parent: nn.Module = self
        for block in blocks:
            if block not in dict(parent.named_children()):
                parent.add_module(block, nn.Module())
            parent = parent.get_submodule(block)
        parent.add_module(last, module)

    def forward(self, *inputs: torch.Tensor) -> torch.Tensor:
        values = dict(zip(self.input_names, inputs, strict=True))
        for name, reads in self.reads.items():
            values[name] = self.calls[name](*(values[each] for each in reads))
        output: torch.Tensor = values[next(reversed(self.reads))]
        return output
