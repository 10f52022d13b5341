"""Configurations of small networks, as Keras 2 and Keras 3 write them, and what is read from them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

from convcalc.agreement import differences
from convcalc.api import loads
from convcalc.importers import formats, specs
from convcalc.importers.inputs import given_inputs
from convcalc.importers.network import ForeignNetwork


def layer(kind: str, name: str = "", **config: Any) -> dict[str, Any]:
    """A layer by itself, as in a Sequential."""
    return {"class_name": kind, "config": {"name": name or kind.lower(), **config}}


def source(shape: Sequence[int | None], name: str = "image", dtype: str = "float32") -> dict[str, Any]:
    config = {"batch_shape": [None, *shape], "dtype": dtype, "name": name}
    return {"class_name": "InputLayer", "config": config, "name": name, "inbound_nodes": []}


def sequential(shape: Sequence[int | None] | None, *layers: dict[str, Any], name: str = "net") -> dict[str, Any]:
    first = [] if shape is None else [source(shape)]
    return {"class_name": "Sequential", "config": {"name": name, "layers": [*first, *layers]}}


def tensor(layer: str, call: int = 0, index: int = 0, shape: list[int | None] | None = None) -> dict[str, Any]:
    """A tensor as Keras 3 writes it."""
    return {"class_name": "__keras_tensor__", "config": {"shape": shape, "keras_history": [layer, call, index]}}


def called(layer: dict[str, Any], *calls: list[Any], **kwargs: Any) -> dict[str, Any]:
    """A layer with its calls as Keras 3 writes them; each call is the list of its arguments."""
    nodes = [{"args": args, "kwargs": kwargs} for args in calls]
    return {**layer, "name": layer["config"]["name"], "inbound_nodes": nodes}


def functional(
    layers: list[dict[str, Any]], outputs: list[str], inputs: list[str] | None = None, name: str = "net"
) -> dict[str, Any]:
    config = {
        "name": name,
        "layers": layers,
        "input_layers": [[each, 0, 0] for each in inputs or ["image"]],
        "output_layers": [[each, 0, 0] for each in outputs],
    }
    return {"class_name": "Functional", "config": config}


def read(folder: Path, config: Any, inputs: Any = None) -> ForeignNetwork:
    path = folder / "net.json"
    path.write_text(json.dumps(config), encoding="utf-8")
    return formats.read(str(path), given_inputs(inputs))


def imported(folder: Path, config: Any, inputs: Any = None) -> ForeignNetwork:
    """The network that a configuration states. Its spec is built, and must be the same."""
    network = read(folder, config, inputs)
    for flat in (True, False):
        text = specs.spec_text(read(folder, config, inputs), flat=flat)
        assert differences(loads(text), network) == [], text
    return network


def statistics(network: ForeignNetwork) -> int:
    return sum(prod(each.shape) for operation in network.operations for each in operation.buffers.values())


def types(network: ForeignNetwork) -> list[str]:
    return [operation.type for operation in network.operations]


def only(network: ForeignNetwork) -> dict[str, Any]:
    """The parameters of a network's single operation."""
    (operation,) = network.operations
    return operation.parameters
