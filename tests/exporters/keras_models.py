"""Exported sources that run: the Keras model of a target, and the figures that Keras finds in it."""

from __future__ import annotations

import ast
import sys
import types
from math import prod
from pathlib import Path
from typing import Any

import pytest

keras = pytest.importorskip("keras", reason="runs models of Keras: pip install '.[oracle]'")

from convcalc import api  # noqa: E402 - behind what it needs
from convcalc.exporters.export import export  # noqa: E402
from convcalc.exporters.keras.orders import placed  # noqa: E402
from convcalc.exporters.network import Network, build_network  # noqa: E402
from convcalc.language.overrides import Overrides  # noqa: E402
from convcalc.targets.find import find  # noqa: E402
from convcalc.targets.target import Target  # noqa: E402
from convcalc.text.source import Source  # noqa: E402

FORMATS = ("channels_last", "channels_first")


def network_of(target: str) -> Network:
    return build_network(find(target), Overrides())


def network_of_text(text: str) -> Network:
    return build_network(Target("net.yaml", Source("net.yaml", text), None, None), Overrides())


def source_of_text(text: str, data_format: str = "channels_last") -> str:
    """The Keras source of the text of a spec."""
    return export(network_of_text(text), "keras", data_format=data_format)


def run(source: str, **arguments: Any) -> Any:
    """The model of a source, which has its function at the end."""
    module = types.ModuleType("exported")
    sys.modules["exported"] = module  # Keras looks there for the classes that it saves
    before = keras.config.image_data_format()
    try:
        exec(source, module.__dict__)  # noqa: S102 - it is what the test is about
        last = [node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)][-1]
        return getattr(module, last)(**arguments)
    finally:
        keras.config.set_image_data_format(before)


def figures(model: Any) -> dict[str, int]:
    """The parameters of a model, and its moving statistics, by the names of convcalc's figures."""
    moving = {id(each) for each in model.weights if each.path.rpartition("/")[2].startswith("moving_")}
    counted = [(each, prod(each.shape)) for each in model.weights]
    return {
        "params": sum(size for each, size in counted if id(each) not in moving),
        "trainable_params": sum(size for each, size in counted if each.trainable and id(each) not in moving),
        "buffers": sum(size for each, size in counted if id(each) in moving),
    }


def differences(target: Network, data_format: str, again: Path | None = None) -> list[str]:
    """How the model of a network differs from its figures; with a folder, also once the model is imported from it."""
    report = api.analyse(target.graph)
    graph, totals = report.graph, report.totals
    source = export(target, "keras", data_format=data_format)
    with keras.device("meta"):
        model = run(source)
    wanted_figures = {name: getattr(totals, name) for name in figures(model)}
    # PyTorch counts the batches of each batch norm; Keras does not.
    wanted_figures["buffers"] -= sum(row.type.startswith("batch_norm") for row in report.rows)
    wrong = [f"{name} {value}, not {wanted_figures[name]}" for name, value in figures(model).items()
             if value != wanted_figures[name]]  # fmt: skip
    shapes = {tensor.name: tuple(tensor.shape[1:]) for tensor in model.outputs}
    wanted = [graph.shape(tensor) for tensor in dict.fromkeys(graph.outputs.values())]
    wrong += [f"output {found}, not {want}" for found, want in zip(shapes.values(), wanted)
              if found not in _either(want)]  # fmt: skip
    wrong += _layer_differences(model, report)
    if again is not None:
        wrong += _differences_again(model, report, again)
    return wrong


def _either(shape: tuple[int, ...]) -> set[tuple[int, ...]]:
    return {shape, placed(shape, True)}


def _layer_differences(model: Any, report: Any) -> list[str]:
    """How the output shapes of layers differ; the layer that has the output of one of the spec has its name."""
    known = {layer.name: layer for layer in model.layers}
    wrong = []
    for row in report.rows:
        name = row.name.replace(".", "_")
        ends = ("_crop_restore", "_crop", "_restore", "")
        layer = next((known[name + end] for end in ends if name + end in known), None)
        if layer is not None:
            shape = tuple(layer.output.shape[1:])
            if shape not in _either(tuple(row.output_shape)):
                wrong.append(f"{row.name} has {shape}, not {row.output_shape}")
    weighted = [row for row in report.rows if row.params]
    missing = [row.name for row in weighted if row.name.replace(".", "_") not in known]
    return wrong + ([f"layers without a name: {missing[:3]}"] if missing else [])


def _differences_again(model: Any, report: Any, folder: Path) -> list[str]:
    path = folder / "model.json"
    path.write_text(model.to_json())
    imported = api.analyse(str(path)).totals
    return [
        f"{name} of the imported model {getattr(imported, name)}, not {getattr(report.totals, name)}"
        for name in ("params", "macs", "buffers")
        if getattr(imported, name) != getattr(report.totals, name)
    ]
