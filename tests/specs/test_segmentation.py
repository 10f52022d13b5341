"""Segmentation networks beside the classifiers whose blocks they include."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.report.receptive_field import ReceptiveField
from tests.specs.reports import report_of

HEADS = ("fc", "fc1", "fc2")


def field_of(report: convcalc.Report, name: str) -> ReceptiveField:
    field = report.row(name).receptive_field
    assert isinstance(field, ReceptiveField)
    return field


@pytest.mark.parametrize(
    ("model", "classifier"),
    [
        ("fcn_resnet50", "resnet50"),
        ("fcn_resnet101", "resnet101"),
        ("deeplabv3_resnet50", "resnet50"),
        ("deeplabv3_resnet101", "resnet101"),
        ("deeplabv3_mobilenet_v3_large", "mobilenet_v3_large"),
        ("deeplab_v3plus_resnet50", "resnet50"),
        ("deeplab_v3plus_resnet101", "resnet101"),
        ("lraspp_mobilenet_v3_large", "mobilenet_v3_large"),
    ],
)
def test_the_backbone_has_the_layers_of_its_classifier(model: str, classifier: str) -> None:
    """Name by name, with the same parameters: dilation in place of a stride costs none."""
    rows = report_of(model).rows
    dilated = {row.name: row.params for row in rows if row.name.startswith("backbone.") and row.params}
    plain = {f"backbone.{row.name}": row.params for row in report_of(classifier).rows if row.params}
    assert plain.keys() - dilated.keys() <= {f"backbone.{head}" for head in HEADS}
    assert dilated == {name: plain[name] for name in dilated}


@pytest.mark.parametrize(
    ("layer", "size", "strides"),
    [("layer2.3.conv3", 91, (8, 8)), ("layer3.5.conv3", 267, (16, 8)), ("layer4.2.conv3", 427, (32, 8))],
)
def test_dilation_in_place_of_a_stride_keeps_the_field(layer: str, size: int, strides: tuple[int, int]) -> None:
    """The sizes are Araujo, Norris and Sim's, and those of the gradients of torchvision's dilated ResNet-50."""
    plain = field_of(report_of("resnet50"), layer)
    dilated = field_of(report_of("fcn_resnet50"), f"backbone.{layer}")
    assert plain.size == dilated.size == [size, size]
    assert (plain.stride, dilated.stride) == tuple([stride, stride] for stride in strides)


@pytest.mark.parametrize(
    ("model", "taps"), [("deeplabv3_mobilenet_v3_large", 33), ("deeplabv3_resnet50", 29 + 65 + 29)]
)
def test_the_widest_rate_on_a_small_map(model: str, taps: int) -> None:
    """Along an axis of 33 cells, 36 aside from any is off the map: only the kernel's centre meets it. Of 65, 29 do."""
    layer = report_of(model).row("aspp.pyramid.rate36.conv")
    channels, *_ = layer.input_shapes[0]
    assert layer.facts.layer.weights_on_input(layer.input_shapes, layer.output_shape) == 256 * channels * taps**2


def test_without_its_head_a_network_has_one_output() -> None:
    assert list(report_of("fcn_resnet50").outputs) == ["out"]
    assert list(report_of("fcn_resnet50_aux").outputs) == ["out", "aux"]
