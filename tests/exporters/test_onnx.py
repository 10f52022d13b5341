"""ONNX files without weights: the checker and strict shape inference accept them, an import has the same figures."""

from __future__ import annotations

from pathlib import Path

import pytest

from convcalc import api
from convcalc.drift.deviation import Losses
from convcalc.drift.drift import Drift
from convcalc.errors import SpecError
from convcalc.exporters.export import export_bytes
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find

TARGETS = [
    "lenet", "alexnet", "resnet18", "googlenet", "mobilenet_v2", "densenet", "unet", "yolov8", "bert", "vit",
    "convnext_v2", "shufflenet_v2", "siamese", "m5", "c3d", "vnet", "unet3d", "efficientnet", "gpt2", "frozen-backbone",
    "t5_small", "capsnet", "ddpm", "crnn", "mobilevit_xxs", "efficientformer_l1", "nerf",
]  # fmt: skip
REFUSED = {
    "deepface": "the export does not know this type",
    "pointnet": "a type of the spec's own",
    "segnet": "what this layer gives beside its output",
}


def bytes_of(target: str) -> bytes:
    return export_bytes(build_network(find(target), Overrides()))


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in REFUSED])
def test_an_import_has_the_same_figures(target: str, tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(bytes_of(target))
    again, report = api.analyse(file), api.analyse(target)
    assert again.totals.params == report.totals.params
    assert again.totals.macs == report.totals.macs
    shapes = [list(again.graph.shape(tensor)) for tensor in again.graph.outputs.values()]
    assert shapes == [list(report.graph.shape(tensor)) for tensor in report.graph.outputs.values()]


@pytest.mark.parametrize("target", [target for target in TARGETS if target not in REFUSED])
def test_onnx_accepts_it(target: str) -> None:
    onnx = pytest.importorskip("onnx", reason="checks with ONNX: pip install '.[oracle]'")
    model = onnx.load_from_string(bytes_of(target))
    onnx.checker.check_model(model, full_check=True)
    inferred = onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True, data_prop=True)
    graph, shapes = api.load(target), {}
    for value in [*inferred.graph.value_info, *inferred.graph.output]:
        shapes[value.name] = [size.dim_value or size.dim_param for size in value.type.tensor_type.shape.dim]
    wanted = [["N", *graph.shape(tensor)] for tensor in dict.fromkeys(graph.outputs.values())]
    assert [shapes[value.name] for value in model.graph.output] == wanted


@pytest.mark.parametrize("target", REFUSED)
def test_what_onnx_cannot_say_is_an_error_at_the_layer(target: str) -> None:
    with pytest.raises(SpecError) as caught:
        bytes_of(target)
    assert any(REFUSED[target] in problem.message for problem in caught.value.problems)
    assert all(problem.where.line > 0 for problem in caught.value.problems)


def test_attention_is_the_layer_of_the_spec_again(tmp_path: Path) -> None:
    file = tmp_path / "net.onnx"
    file.write_bytes(bytes_of("vit"))
    assert not list(Drift(api.analyse("vit"), api.analyse(file), Losses(exported=True)).deviations())
    other = api.analyse("vit", params={"heads": 8})
    found = Drift(other, api.analyse(file), Losses(exported=True)).deviations()
    assert {each.message for each in found} == {"num_heads is 8, in the source 12"}


def test_scopes_and_names_are_metadata() -> None:
    data = bytes_of("resnet18")
    assert b"layer1.0: basic/layer1.0.conv1: conv2d/conv1: Conv" in data
    assert b"layer1.0.conv1.weight" in data
    assert len(data) < 100_000
