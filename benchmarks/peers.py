"""Measures convcalc beside the tools that people use for the same: ONNX's shape inference, and torchinfo.

Each is measured where it is installed. The ONNX file is written by the `onnx` of the environment.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path

import generate
from measure import MIB, Figure, cost, has

Command = Sequence[str | Path]
Pairs = Callable[[str, Command, Command, float | None], Figure]

LAYERS, CHANNELS = 10_000, 8
# `python -c WRITE FILE LAYERS CHANNELS`: the chain with weights, as an exporter writes it.
WRITE = """
import sys, numpy, onnx
from onnx import TensorProto, helper, numpy_helper
file, layers, channels = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
weight = numpy.random.rand(channels, channels, 3, 3).astype("float32")
nodes, tensors = [], []
for index in range(layers):
    names = [f"conv{index}.weight", f"conv{index}.bias"]
    tensors += [numpy_helper.from_array(weight, names[0]), numpy_helper.from_array(weight[0, :, 0, 0], names[1])]
    nodes.append(helper.make_node("Conv", [f"x{index}", *names], [f"x{index + 1}"], kernel_shape=[3, 3], pads=[1] * 4))
ends = [helper.make_tensor_value_info(f"x{at}", TensorProto.FLOAT, [1, channels, 32, 32]) for at in (0, layers)]
onnx.save(helper.make_model(helper.make_graph(nodes, "chain", ends[:1], ends[1:], tensors)), file)
"""
INFER = "import sys, onnx; onnx.shape_inference.infer_shapes(onnx.load(sys.argv[1]))"
# Some wheels of torchvision for the processor lack two operators, without which it cannot be imported.
TORCHINFO = """
import torch, torchinfo
try:
    import torchvision
except RuntimeError:
    library = torch.library.Library("torchvision", "FRAGMENT")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor boxes, Tensor scores, float threshold) -> Tensor")
    import torchvision
torchinfo.summary(torchvision.models.resnet50(), (1, 3, 224, 224), verbose=1)
"""


def peers(python: Path, inputs: Path, pairs: Pairs) -> list[Figure]:
    """The figures of the group; `inputs` is a folder for files, and `pairs` measures two commands by turns."""
    return [*_shape_inference(python, inputs, pairs), *_torchinfo(python, pairs)]


def _shape_inference(python: Path, inputs: Path, pairs: Pairs) -> list[Figure]:
    """A chain of equal convolutions: as a spec, and as an ONNX file with its weights."""
    if not has(python, "onnx"):
        return []
    spec = generate.write(inputs / "equal.yaml", generate.equal(LAYERS, CHANNELS))
    file = inputs / "equal.onnx"
    subprocess.run([python, "-c", WRITE, file, str(LAYERS), str(CHANNELS)], check=True)
    convcalc = python.parent / "convcalc"
    from_spec: Command = [convcalc, "count", spec, "--format", "json"]
    from_file: Command = [convcalc, "count", file, "--format", "json"]
    infer: Command = [python, "-c", INFER, file]
    name = f"chain of {LAYERS:,}"
    return [
        pairs(f"{name}, JSON from the spec / ONNX's shape inference", from_spec, infer, 0.5),
        pairs(f"{name}, JSON from the ONNX file / ONNX's shape inference", from_file, infer, None),
        Figure(f"{name}, from the spec, peak memory", "MiB", [cost(from_spec).peak / MIB]),
        Figure(f"{name}, from the ONNX file, peak memory", "MiB", [cost(from_file).peak / MIB]),
        Figure(f"{name}, ONNX's shape inference, peak memory", "MiB", [cost(infer).peak / MIB]),
    ]


def _torchinfo(python: Path, pairs: Pairs) -> list[Figure]:
    """ResNet-50 with all its figures; the goal is a thirtieth."""
    if not has(python, "torch", "torchvision", "torchinfo"):
        return []
    found = pairs("", [python.parent / "convcalc", "count", "resnet50"], [python, "-c", TORCHINFO], None)
    return [Figure("ResNet-50, table into a pipe / torchinfo", "%", [100 * run for run in found.runs], 3.33)]
