"""Writes ResNet-50 as resnet50.onnx, resnet50.pt2 and resnet50.keras into a folder, as their frameworks write it.

The layers and their shapes are those of the shipped spec. Each file has weights of 102 MB, random bytes.
`run.py` calls it with the python that has convcalc.
"""

from __future__ import annotations

import json
import os
import sys
import zipfile
from collections.abc import Iterator
from math import prod
from pathlib import Path
from typing import Any

import convcalc

Row = dict[str, Any]
BATCH, FLOAT_BYTES = 1, 4


def varint(value: int) -> bytes:
    """A number as protocol buffers write it."""
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*found, value])


def field(number: int, value: int | str | bytes) -> bytes:
    """A field of a message: a number, a text or a message."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


class Network:
    """ResNet-50: its rows, the shapes that each reads, and the shapes of its tensors."""

    def __init__(self) -> None:
        report = convcalc.analyse("resnet50").to_dict()
        self.rows: list[Row] = report["layers"]
        self.shapes: dict[str, list[int]] = {
            **report["inputs"],
            **{row["name"]: row["output_shape"] for row in self.rows},
        }

    def tensors(self, row: Row) -> dict[str, list[int]]:
        """The tensors of a layer by their terms, in PyTorch's order of axes."""
        channels, size = self.shapes[row["inputs"][0]][0], row["config"]
        if row["type"] == "conv2d":
            return {"weight": [size["out_channels"], channels, *size["kernel_size"]]}
        if row["type"] == "linear":
            return {"weight": [size["out_features"], channels], "bias": [size["out_features"]]}
        if row["type"] == "batch_norm2d":
            return {term: [channels] for term in ("weight", "bias", "running_mean", "running_var")}
        return {}

    def all_tensors(self) -> Iterator[tuple[str, list[int]]]:
        for row in self.rows:
            yield from ((f"{row['name']}.{term}", shape) for term, shape in self.tensors(row).items())


def weights(network: Network) -> bytes:
    return os.urandom(FLOAT_BYTES * sum(prod(shape) for _, shape in network.all_tensors()))


def window(row: Row) -> dict[str, list[int]]:
    """Kernel, stride and padding of a convolution or a pooling."""
    config = row["config"]
    return {
        "kernel": config["kernel_size"], "stride": config["stride"], "padding": [pair[0] for pair in config["padding"]]
    }  # fmt: skip


ONNX_OPERATORS = {
    "conv2d": "Conv", "batch_norm2d": "BatchNormalization", "relu": "Relu", "max_pool2d": "MaxPool", "add": "Add",
    "global_avg_pool": "GlobalAveragePool", "flatten": "Flatten", "linear": "Gemm",
}  # fmt: skip


def onnx(network: Network) -> bytes:
    """The model, in the wire format of protocol buffers."""
    nodes = [field(1, onnx_node(network, row)) for row in network.rows]
    tensors = []
    for name, shape in network.all_tensors():
        data = os.urandom(FLOAT_BYTES * prod(shape))
        sizes = b"".join(field(1, size) for size in shape)
        tensors.append(field(5, sizes + field(2, 1) + field(8, name) + field(9, data)))
    last = network.rows[-1]
    values = [field(13, onnx_value(row["name"], row["output_shape"])) for row in network.rows]
    ends = field(11, onnx_value("input", network.shapes["input"])) + field(
        12, onnx_value(last["name"], last["output_shape"])
    )
    graph = b"".join([*nodes, field(2, "main_graph"), *tensors, ends, *values])
    return field(1, 8) + field(2, "pytorch") + field(7, graph) + field(8, field(1, "") + field(2, 17))


def onnx_node(network: Network, row: Row) -> bytes:
    kind, name = row["type"], row["name"]
    reads = [*row["inputs"], *(f"{name}.{term}" for term in network.tensors(row))]
    operator = ONNX_OPERATORS[kind]
    attributes: dict[str, int | list[int]] = {}
    if kind in ("conv2d", "max_pool2d"):
        sizes = window(row)
        attributes = {"kernel_shape": sizes["kernel"], "strides": sizes["stride"], "pads": sizes["padding"] * 2}
    elif kind == "linear":
        attributes = {"transB": 1}
    written = b"".join(field(5, onnx_attribute(key, value)) for key, value in attributes.items())
    scope = "/" + name.replace(".", "/")
    ends = b"".join(field(1, each) for each in reads) + field(2, name)
    return ends + field(3, f"{scope}/{operator}") + field(4, operator) + written


def onnx_attribute(name: str, value: int | list[int]) -> bytes:
    if isinstance(value, int):
        return field(1, name) + field(3, value) + field(20, 2)
    return field(1, name) + b"".join(field(8, each) for each in value) + field(20, 7)


def onnx_value(name: str, shape: list[int]) -> bytes:
    sizes = b"".join(field(1, field(1, size)) for size in [BATCH, *shape])
    return field(1, name) + field(2, field(1, field(1, 1) + field(2, sizes)))


def pt2(network: Network) -> dict[str, Any]:
    """The exported program, as JSON."""
    values = {name: pt2_tensor([BATCH, *shape]) for name, shape in network.shapes.items()}
    specs = []
    for name, shape in network.all_tensors():
        values[name] = pt2_tensor(shape)
        kind = "buffer" if "running" in name else "parameter"
        specs.append({kind: {"arg": {"name": name}, f"{kind}_name": name, "persistent": True}})
    specs.append({"user_input": {"arg": {"as_tensor": {"name": "input"}}}})
    outputs = [{"user_output": {"arg": {"as_tensor": {"name": network.rows[-1]["name"]}}}}]
    graph = {
        "inputs": [], "outputs": [], "nodes": [pt2_node(row) for row in network.rows], "tensor_values": values,
        "sym_int_values": {},
    }  # fmt: skip
    module = {"graph": graph, "signature": {"input_specs": specs, "output_specs": outputs}}
    return {"graph_module": module, "torch_version": "2.13.0", "schema_version": {"major": 8, "minor": 20}}


def pt2_tensor(shape: list[int]) -> dict[str, Any]:
    return {"dtype": 7, "sizes": [{"as_int": size} for size in shape], "requires_grad": True}


def pt2_node(row: Row) -> dict[str, Any]:
    reads = [{"as_tensor": {"name": name}} for name in row["inputs"]]
    terms = {
        term: {"as_tensor": {"name": f"{row['name']}.{term}"}}
        for term in ("weight", "bias", "running_mean", "running_var")
    }
    known: dict[str, tuple[str, dict[str, Any]]] = {
        "conv2d": ("conv2d.default", {"input": reads[0], "weight": terms["weight"]}),
        "batch_norm2d": ("batch_norm.default", {"input": reads[0], **terms, "training": {"as_bool": False}}),
        "relu": ("relu_.default", {"self": reads[0]}),
        "max_pool2d": ("max_pool2d.default", {"self": reads[0]}),
        "add": ("add_.Tensor", {"self": reads[0], "other": reads[-1]}),
        "global_avg_pool": ("adaptive_avg_pool2d.default", {"self": reads[0], "output_size": {"as_ints": [1, 1]}}),
        "flatten": ("flatten.using_ints", {"self": reads[0], "start_dim": {"as_int": 1}}),
        "linear": ("linear.default", {"input": reads[0], "weight": terms["weight"], "bias": terms["bias"]}),
    }  # fmt: skip
    target, arguments = known[row["type"]]
    if row["type"] in ("conv2d", "max_pool2d"):
        sizes = {name: {"as_ints": value} for name, value in window(row).items()}
        arguments |= {"stride": sizes["stride"], "padding": sizes["padding"]}
        arguments |= {"kernel_size": sizes["kernel"]} if row["type"] == "max_pool2d" else {}
    return {
        "target": f"torch.ops.aten.{target}",
        "inputs": [{"name": name, "arg": value, "kind": 1} for name, value in arguments.items()],
        "outputs": [{"as_tensor": {"name": row["name"]}}],
        "metadata": {"nn_module_stack": pt2_stack(row["name"])},
    }


def pt2_stack(name: str) -> str:
    parts = name.split(".")
    kinds = ["torch.nn.modules.container.Sequential", "resnet.Bottleneck", "torch.nn.modules.module.Module"]
    paths = [".".join(parts[: depth + 1]) for depth in range(len(parts))]
    kinds = [*kinds[: len(parts) - 1], "torch.nn.modules.module.Module"]
    return ";".join(
        ["L__self__,,resnet.ResNet", *(f"L__self__.{path},{path},{kind}" for path, kind in zip(paths, kinds))]
    )


def keras(network: Network) -> dict[str, Any]:
    """The configuration of the functional model, channels last."""
    size = network.shapes["input"]
    start = {"batch_shape": [None, *size[1:], size[0]], "dtype": "float32", "name": "input"}
    layers = [
        {"module": "keras.layers", "class_name": "InputLayer", "config": start, "name": "input", "inbound_nodes": []}
    ]
    for row in network.rows:
        layers += keras_layers(network, row)
    config = {
        "name": "resnet50", "trainable": True, "layers": layers, "input_layers": [["input", 0, 0]],
        "output_layers": [[keras_name(network.rows[-1]["name"]), 0, 0]],
    }  # fmt: skip
    return {"module": "keras", "class_name": "Functional", "config": config, "registered_name": "Functional"}


def keras_name(name: str) -> str:
    return name.replace(".", "_")


def keras_layers(network: Network, row: Row) -> Iterator[dict[str, Any]]:
    """The layer, behind one that pads where it does."""
    name, reads = keras_name(row["name"]), [keras_name(each) for each in row["inputs"]]
    shape = network.shapes[row["inputs"][0]]
    if row["type"] in ("conv2d", "max_pool2d") and any(window(row)["padding"]):
        yield keras_layer(
            "ZeroPadding2D", f"{name}_pad", reads, shape, padding=[[each] * 2 for each in window(row)["padding"]]
        )
        reads = [f"{name}_pad"]
        shape = [shape[0], *(each + 2 * more for each, more in zip(shape[1:], window(row)["padding"]))]
    kind, settings = {
        "conv2d": ("Conv2D", {"filters": row["output_shape"][0], "use_bias": False}),
        "batch_norm2d": ("BatchNormalization", {"axis": -1, "epsilon": 1e-5}),
        "relu": ("ReLU", {}),
        "max_pool2d": ("MaxPooling2D", {}),
        "add": ("Add", {}),
        "global_avg_pool": ("GlobalAveragePooling2D", {"keepdims": True}),
        "flatten": ("Flatten", {}),
        "linear": ("Dense", {"units": row["output_shape"][0]}),
    }[row["type"]]  # fmt: skip
    if row["type"] in ("conv2d", "max_pool2d"):
        size = "kernel_size" if kind == "Conv2D" else "pool_size"
        settings = {**settings, size: window(row)["kernel"], "strides": window(row)["stride"], "padding": "valid"}
    yield keras_layer(kind, name, reads, shape, **settings)


def keras_layer(kind: str, name: str, reads: list[str], shape: list[int], **config: Any) -> dict[str, Any]:
    last = [None, *shape[1:], shape[0]]
    tensors = [
        {"class_name": "__keras_tensor__", "config": {"shape": last, "dtype": "float32", "keras_history": [each, 0, 0]}}
        for each in reads
    ]
    return {
        "module": "keras.layers", "class_name": kind, "config": {"name": name, "trainable": True, **config},
        "registered_name": None, "build_config": {"input_shape": last}, "name": name,
        "inbound_nodes": [{"args": [tensors] if kind == "Add" else tensors, "kwargs": {}}],
    }  # fmt: skip


def archive(path: Path, network: Network, members: dict[str, Any], weights_name: str) -> None:
    with zipfile.ZipFile(path, "w") as file:
        for name, content in members.items():
            file.writestr(name, json.dumps(content))
        file.writestr(weights_name, weights(network))


def main(folder: Path) -> None:
    network = Network()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "resnet50.onnx").write_bytes(onnx(network))
    archive(
        folder / "resnet50.pt2", network, {"resnet50/models/model.json": pt2(network)}, "resnet50/data/weights/weight_0"
    )
    metadata = {"keras_version": "3.15.1", "date_saved": "2026-11-28@09:00:00"}
    members = {"metadata.json": metadata, "config.json": keras(network)}
    archive(folder / "resnet50.keras", network, members, "model.weights.h5")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
