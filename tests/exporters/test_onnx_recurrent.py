"""Recurrent layers in ONNX: they compute what PyTorch computes with the same weights; an import has their figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from convcalc import api
from convcalc.drift.deviation import Losses
from convcalc.drift.drift import Drift
from convcalc.errors import SpecError
from convcalc.exporters.export import export_bytes
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.target import Target
from convcalc.text.source import Source

STEPS, FEATURES = 5, 6
LAYERS = [
    "lstm: {name: l, hidden_size: 4}",
    "gru: {name: l, hidden_size: 4}",
    "rnn: {name: l, hidden_size: 4}",
    "lstm: {name: l, hidden_size: 4, bias: false}",
    "gru: {name: l, hidden_size: 4, bias: false}",
    "lstm: {name: l, hidden_size: 4, num_layers: 3}",
    "gru: {name: l, hidden_size: 4, num_layers: 2}",
]
# ONNX's own evaluator does not run these.
OTHERS = [
    "rnn: {name: l, hidden_size: 4, nonlinearity: relu}",
    "lstm: {name: l, hidden_size: 4, bidirectional: true}",
    "gru: {name: l, hidden_size: 4, bidirectional: true, num_layers: 2}",
    "rnn: {name: l, hidden_size: 4, bidirectional: true, bias: false}",
]


def text_of(*entries: str, outputs: str = "") -> str:
    lines = "".join(f"  - {entry}\n" for entry in entries)
    return f"input: [{STEPS}, {FEATURES}]\nlayers:\n{lines}" + (f"outputs: {outputs}\n" if outputs else "")


def bytes_of(text: str) -> bytes:
    return export_bytes(build_network(Target("net.yaml", Source("net.yaml", text), None, None), Overrides()))


@pytest.mark.parametrize("layer", [*LAYERS, *OTHERS])
def test_an_import_is_the_same_network(layer: str, tmp_path: Path) -> None:
    text, file = text_of(layer, "linear: {name: head, out_features: 3}"), tmp_path / "net.onnx"
    file.write_bytes(bytes_of(text))
    spec, again = api.analyse(api.loads(text)), api.analyse(file)
    assert (again.totals.params, again.totals.macs) == (spec.totals.params, spec.totals.macs)
    assert not list(Drift(spec, again, Losses(exported=True)).deviations())


@pytest.mark.parametrize("layer", [*LAYERS, *OTHERS])
@pytest.mark.parametrize("outputs", ["", "[l, l.h]"])
def test_onnx_accepts_it(layer: str, outputs: str) -> None:
    onnx = pytest.importorskip("onnx", reason="checks with ONNX: pip install '.[oracle]'")
    model = onnx.load_from_string(bytes_of(text_of(layer, outputs=outputs)))
    onnx.checker.check_model(model, full_check=True)
    onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)


@pytest.mark.parametrize("layer", LAYERS)
def test_outputs_are_those_of_pytorch(layer: str) -> None:
    torch: Any = pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")
    reference = pytest.importorskip("onnx.reference", reason="runs ONNX: pip install '.[oracle]'")
    onnx = pytest.importorskip("onnx")
    has_cell = layer.startswith("lstm")
    text = text_of(layer, outputs="[l, l.h, l.c]" if has_cell else "[l, l.h]")
    own = api.loads(text).nodes[0].layer.config()
    module = getattr(torch.nn, layer.partition(":")[0].upper())(
        FEATURES, 4, own["num_layers"], batch_first=True, bias=own["bias"],
        **({"nonlinearity": own["nonlinearity"]} if "nonlinearity" in own else {}),
    )  # fmt: skip
    values = torch.randn(2, STEPS, FEATURES)
    inputs = {f"l.{name}": each.detach().numpy() for name, each in module.named_parameters()}
    found = reference.ReferenceEvaluator(onnx.load_from_string(bytes_of(text))).run(
        None, {"input": values.numpy(), **inputs}
    )
    out, states = module(values)
    wanted = [out, *(each.transpose(0, 1) for each in (states if has_cell else [states]))]
    for one, other in zip(found, wanted, strict=True):
        torch.testing.assert_close(torch.from_numpy(one), other.detach(), rtol=1e-5, atol=1e-5)


def test_what_onnx_does_not_have_is_an_error() -> None:
    for entry in ("lstm: {hidden_size: 4, proj_size: 2}", "gru: {hidden_size: 4, bias: one}"):
        with pytest.raises(SpecError, match="a projected state, or a single bias"):
            bytes_of(text_of(entry))
