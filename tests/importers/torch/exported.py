"""Small `.pt2` files, written by hand as torch.export.save writes them."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

FLOAT, INT64 = 7, 5
STACK = "L__self__,,models.Net"


def size(value: int | str) -> dict[str, Any]:
    return {"as_int": value} if isinstance(value, int) else {"as_expr": {"expr_str": value, "hint": None}}


def tensor(*sizes: int | str, dtype: int = FLOAT, trainable: bool = True) -> dict[str, Any]:
    return {"dtype": dtype, "sizes": [size(each) for each in sizes], "requires_grad": trainable}


def argument(value: Any) -> dict[str, Any]:
    """`$name` is a tensor."""
    if isinstance(value, str):
        return {"as_tensor": {"name": value[1:]}} if value.startswith("$") else {"as_string": value}
    if isinstance(value, bool):
        return {"as_bool": value}
    if isinstance(value, int):
        return {"as_int": value}
    if isinstance(value, float):
        return {"as_float": value}
    if isinstance(value, list) and value and isinstance(value[0], str):
        return {"as_tensors": [{"name": each[1:]} for each in value]}
    return {"as_ints": value} if isinstance(value, list) else {"as_none": True}


def node(target: str, outputs: str | list[str], path: str = "", kind: str = "", call: int = 0, **inputs: Any) -> Any:
    stack = f"{STACK};L__self__{path}{f'@{call}' if call else ''},{path},{kind}" if path else STACK
    made = [{"as_tensor": {"name": name}} for name in ([outputs] if isinstance(outputs, str) else outputs)]
    return {
        "target": f"torch.ops.aten.{target}",
        "inputs": [{"name": name, "arg": argument(value), "kind": 1} for name, value in inputs.items()],
        "outputs": made,
        "metadata": {"nn_module_stack": stack},
    }


def program(
    values: dict[str, Any], nodes: list[Any], parameters: dict[str, str], inputs: list[str], outputs: list[str],
    buffers: dict[str, str] | None = None,
) -> dict[str, Any]:  # fmt: skip
    specs: list[Any] = [
        {"parameter": {"arg": {"name": name}, "parameter_name": full}} for name, full in parameters.items()
    ]
    specs += [
        {"buffer": {"arg": {"name": name}, "buffer_name": full, "persistent": True}}
        for name, full in (buffers or {}).items()
    ]
    specs += [{"user_input": {"arg": {"as_tensor": {"name": name}}}} for name in inputs]
    return {
        "graph_module": {
            "graph": {"inputs": [], "outputs": [], "nodes": nodes, "tensor_values": values, "sym_int_values": {}},
            "signature": {
                "input_specs": specs,
                "output_specs": [{"user_output": {"arg": {"as_tensor": {"name": name}}}} for name in outputs],
            },
        },
        "torch_version": "2.13.0+cpu",
        "schema_version": {"major": 8, "minor": 20},
    }


def small(batch: int | str = 1, height: int | str = 8) -> dict[str, Any]:
    """A convolution, its batch norm, a ReLU and a linear layer."""
    values = {
        "p_w": tensor(4, 3, 3, 3), "p_g": tensor(4), "p_b": tensor(4, trainable=False), "p_fc": tensor(5, 4),
        "b_mean": tensor(4), "b_var": tensor(4), "x": tensor(batch, 3, height, 8),
        "conv2d": tensor(batch, 4, height, 8),
        "batch_norm": tensor(batch, 4, height, 8), "relu_": tensor(batch, 4, height, 8), "mean": tensor(batch, 4),
        "linear": tensor(batch, 5),
    }  # fmt: skip
    conv, norm = "torch.nn.modules.conv.Conv2d", "torch.nn.modules.batchnorm.BatchNorm2d"
    nodes = [
        node("conv2d.default", "conv2d", "stem.conv", conv, input="$x", weight="$p_w", bias=None, stride=[1, 1],
             padding=[1, 1]),
        node("batch_norm.default", "batch_norm", "stem.bn", norm, input="$conv2d", weight="$p_g", bias="$p_b",
             running_mean="$b_mean", running_var="$b_var", training=False, momentum=0.1, eps=1e-5),
        node("relu_.default", "relu_", "stem.act", "torch.nn.modules.activation.ReLU", self="$batch_norm"),
        node("mean.dim", "mean", self="$relu_", dim=[2, 3]),
        node("linear.default", "linear", "fc", "torch.nn.modules.linear.Linear", input="$mean", weight="$p_fc"),
    ]  # fmt: skip
    parameters = {"p_w": "stem.conv.weight", "p_g": "stem.bn.weight", "p_b": "stem.bn.bias", "p_fc": "fc.weight"}
    buffers = {"b_mean": "stem.bn.running_mean", "b_var": "stem.bn.running_var"}
    return program(values, nodes, parameters, ["x"], ["linear"], buffers)


def write(path: Path, content: Any, member: str = "net/models/model.json") -> Path:
    """The archive with the graph, and a weight that cannot be read."""
    text = content if isinstance(content, bytes) else json.dumps(content).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data/weights/weight_0", b"\xff" * 16)
        archive.writestr(member, text)
    return path
