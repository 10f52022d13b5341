"""Exported sources that run: the module of a target, and the figures that PyTorch finds in it."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from convcalc import api
from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.network.graph import Graph
from convcalc.targets.find import find
from convcalc.targets.target import Target
from convcalc.text.source import Source

torch = pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.oracles.torch_layers import Products  # noqa: E402 - it needs PyTorch

# The types that read indices, and with which input.
_INDEXED = {"embedding": 0, "embedding_bag": 0, "max_unpool1d": 1, "max_unpool2d": 1, "max_unpool3d": 1}


def source_of(target: str, **changes: Any) -> str:
    """The PyTorch source of a target."""
    return export(build_network(find(target), Overrides.of(**_changes(changes))), "pytorch")


def source_of_text(text: str) -> str:
    """The PyTorch source of the text of a spec."""
    return export(build_network(Target("net.yaml", Source("net.yaml", text), None, None), Overrides()), "pytorch")


def _changes(changes: dict[str, Any]) -> dict[str, Any]:
    return {"params": None, "input": None, "sharing": None, "keep_size": False, **changes}


def run(source: str, **arguments: Any) -> Any:
    """The module of a source, which has its class at the end."""
    names: dict[str, Any] = {}
    exec(source, names)  # noqa: S102 - it is what the test is about
    last = [node.name for node in ast.parse(source).body if isinstance(node, ast.ClassDef)][-1]
    return names[last](**arguments).eval()


def samples(graph: Graph, device: str, batch: int = 1) -> list[Any]:
    """An input of each shape; whole numbers where indices are read."""
    indexed = {node.reads[_INDEXED[node.layer.type.name]] for node in graph.nodes if node.layer.type.name in _INDEXED}
    return [
        torch.zeros(batch, *shape, device=device, dtype=torch.long if number in indexed else torch.float)
        for number, shape in enumerate(graph.inputs.values())
    ]


def figures(module: Any) -> dict[str, int]:
    """The parameters and buffers of a module, by the names of convcalc's figures."""
    return {
        "params": sum(tensor.numel() for tensor in module.parameters()),
        "trainable_params": sum(tensor.numel() for tensor in module.parameters() if tensor.requires_grad),
        "buffers": sum(tensor.numel() for tensor in module.buffers()),
    }


def differences(target: str, *, again: bool) -> list[str]:
    """How the module of a target differs from its figures; with `again`, also once the module is imported."""
    report = api.analyse(target)
    graph, totals = report.graph, report.totals
    with torch.device("meta"):
        module = run(source_of(target))
    found = figures(module)
    outputs = module(*samples(graph, "meta", 2))
    shapes = [tuple(output.shape) for output in (outputs if isinstance(outputs, tuple) else (outputs,))]
    with Products() as products:
        module(*samples(graph, "meta"))
    found["macs"] = products.macs
    wanted = [(2, *graph.shape(tensor)) for tensor in dict.fromkeys(graph.outputs.values())]
    wrong = [] if shapes == wanted else [f"shapes {shapes}, not {wanted}"]
    wrong += [f"{name} {value}, not {getattr(totals, name)}" for name, value in found.items()
              if value != getattr(totals, name)]  # fmt: skip
    if again:
        wrong += _differences_again(module, report)
    return wrong


def _differences_again(module: Any, report: Any) -> list[str]:
    graph, totals = report.graph, report.totals
    types = [":int64" if each.dtype == torch.long else "" for each in samples(graph, "meta")]
    texts = ["x".join(map(str, shape)) + kind for shape, kind in zip(graph.inputs.values(), types, strict=True)]
    given = texts[0] if len(texts) == 1 else ",".join(f"{name}={text}" for name, text in zip(graph.inputs, texts))
    imported = api.analyse(module, input=given).totals
    return [
        f"{name} of the imported module {getattr(imported, name)}, not {getattr(totals, name)}"
        for name in ("params", "macs")
        if getattr(imported, name) != getattr(totals, name)
    ]
