"""What an ONNX file computes is what the PyTorch source of the same spec computes, from the same weights."""

from __future__ import annotations

from typing import Any

import pytest

from convcalc import api

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")
onnx: Any = pytest.importorskip("onnx", reason="checks with ONNX: pip install '.[oracle]'")
reference: Any = pytest.importorskip("onnx.reference", reason="runs ONNX: pip install '.[oracle]'")

from tests.exporters.modules import run, source_of_text, torch  # noqa: E402 - it needs PyTorch
from tests.exporters.test_onnx_recurrent import bytes_of  # noqa: E402 - as above

SPECS = {
    "causal attention": """\
input: {q: [2, 5, 4], k: [2, 5, 4], v: [2, 5, 4]}
layers:
  - scaled_dot_product_attention: {from: [q, k, v], causal: true}
""",
    "a mask": """\
input: {q: [2, 5, 4], k: [2, 5, 4], v: [2, 5, 4], mask: [2, 5, 5]}
layers:
  - scaled_dot_product_attention: {from: [q, k, v, mask]}
""",
    "a choice": """\
input: {condition: [1, 4], a: [3, 4], b: [4]}
layers:
  - where: {from: [condition, a, b]}
""",
    "norms": """\
input: [3, 4, 5]
layers:
  - norm: {axis: 1, name: two}
  - norm: {axis: [0, 2], p: 1, keepdim: true, name: one, from: input}
outputs: [two, one]
""",
    "an equation": """\
input: {a: [3, 4], b: [4, 5]}
layers:
  - einsum: {equation: "ij, jk -> ki", from: [a, b]}
""",
    "chosen places": """\
input: [3, 4, 5]
layers:
  - index_select: {axis: 1, indices: [3, 0, 0]}
""",
    "a constant": """\
input: [3, 4]
layers:
  - constant: {name: zeros, shape: [3, 4]}
  - add: {from: [input, zeros]}
""",
    "axes before the channels": """\
input: [4, 3, 8, 8]
layers:
  - conv2d: {name: conv, out_channels: 6, kernel_size: 3, padding: 1, leading_axes: 1}
  - max_pool2d: {kernel_size: 2, leading_axes: 1}
  - batch_norm2d: {name: norm, leading_axes: 1}
  - conv_transpose2d: {name: up, out_channels: 2, kernel_size: 2, stride: 2, leading_axes: 1}
""",
}


@pytest.mark.parametrize("text", SPECS.values(), ids=SPECS)
def test_the_file_computes_what_the_module_computes(text: str) -> None:
    torch.manual_seed(0)
    graph, module = api.loads(text), run(source_of_text(text))
    values = {name: torch.randn(2, *shape) for name, shape in graph.inputs.items()}
    if "condition" in values:
        values["condition"] = (values["condition"] > 0).float()
    model = onnx.load_from_string(bytes_of(text))
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    state = {name: value.numpy() for name, value in module.state_dict().items()}
    wanted = {value.name for value in model.graph.input}
    given = {name: value for name, value in state.items() if name in wanted}
    found = reference.ReferenceEvaluator(model).run(
        None, {**given, **{name: value.numpy() for name, value in values.items()}}
    )
    with torch.no_grad():
        outputs = module(*values.values())
    for one, other in zip(found, outputs if isinstance(outputs, tuple) else (outputs,), strict=True):
        torch.testing.assert_close(torch.from_numpy(one), other, rtol=1e-5, atol=1e-5)
