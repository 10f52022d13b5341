"""Scales, names, inputs and heads of model files of Ultralytics."""

from __future__ import annotations

import pytest

from convcalc.api import load
from convcalc.errors import SpecError, UsageError
from convcalc.importers.inputs import given_inputs
from convcalc.importers.ultralytics.reader import read_source
from convcalc.text.source import Source
from tests.importers.ultralytics.test_modules import checked, conv, network_of, text_of

SCALED = """\
nc: 4
scales:
  n: [0.33, 0.25, 1024]
  m: [0.67, 0.75, 768]
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 6, C2f, [1024, True]]
head:
  - [-1, 1, Conv, [100, 1]]
"""
HEAD = """\
nc: 4
imgsz: 64
{keys}
backbone:
  - [-1, 1, Conv, [16, 3, 8]]
  - [-1, 1, Conv, [32, 3, 2]]
head:
  - [[0, 1], 1, {head}]
"""
BOXES, SCORES = 8 * 8 + 4 * 4, 4  # positions, classes


def with_head(head: str, keys: str = "") -> str:
    return HEAD.format(head=head, keys=keys)


def names_of(text: str) -> set[str]:
    return set(network_of(text).own_tensors)


@pytest.mark.parametrize(
    ("scale", "width", "channels", "number"), [("n", 16, 256, 2), ("m", 48, 576, 4), (None, 16, 256, 2)]
)
def test_a_scale_sets_the_number_and_the_channels(scale: str | None, width: int, channels: int, number: int) -> None:
    network = network_of(SCALED, scale)
    shapes = {tensor.name: tensor.shape for tensor in network.own_tensors.values()}
    assert shapes["model.0.conv.weight"] == (width, 3, 3, 3)
    assert shapes["model.1.cv2.conv.weight"][:2] == (channels, (2 + number) * channels // 2)
    assert f"model.1.m.{number - 1}.cv2.bn.bias" in shapes
    assert f"model.1.m.{number}.cv1.conv.weight" not in shapes


def test_depth_and_width_of_older_files() -> None:
    text = text_of("[-1, 9, C3, [64]]", keys="nc: 4\ndepth_multiple: 0.33\nwidth_multiple: 0.5")
    names = names_of(text)
    assert "model.1.m.2.cv1.conv.weight" in names
    assert "model.1.m.3.cv1.conv.weight" not in names
    assert network_of(text).own_tensors["model.1.cv3.conv.weight"].shape == (32, 32, 1, 1)


def test_the_number_of_classes_is_not_scaled() -> None:
    text = text_of("[-1, 1, Conv, [nc, 1]]", keys="nc: 10\nwidth_multiple: 0.5")
    assert network_of(text).own_tensors["model.1.conv.weight"].shape[0] == 10


def test_arguments_may_be_keys_of_the_file_and_small_arithmetic() -> None:
    anchors = "nc: 4\nanchors: [[1, 2, 3, 4], [5, 6, 7, 8]]"
    text = text_of("[-1, 1, nn.Conv2d, [na * (nc + 5), 1, 1]]", keys=anchors)
    assert network_of(text).own_tensors["model.1.weight"].shape[0] == 24  # 18, as a multiple of 8
    assert network_of(text_of(keys="nc: 4\nch: 1")).inputs[0].shape == (1, 32, 32)


def test_the_input_of_a_call_replaces_that_of_the_file() -> None:
    source = Source("net.yaml", SCALED)
    assert read_source(source, None, None).inputs[0].shape == (3, 640, 640)
    assert read_source(source, None, given_inputs("1x64x32")).inputs[0].shape == (1, 64, 32)
    for wrong in ("64", "3x64x64,10:int64", "picture=3x64x64"):
        with pytest.raises(UsageError, match="reads `images`"):
            read_source(source, None, given_inputs(wrong))
    assert network_of(SCALED.replace("[-1, 1, Conv, [100, 1]]", "[-1, 1, Classify, [nc]]")).inputs[0].shape[1] == 224


def test_a_detector_gives_distances_and_scores() -> None:
    text = with_head("Detect, [nc]")
    report = checked(text)
    assert list(report.rows[-1].output_shape) == [4 + SCORES, BOXES]
    assert report.totals.frozen_params == 16  # the bins of the distribution
    assert "model.2.cv3.1.0.0.conv.weight" not in names_of(text)  # a convolution, no pair of two
    assert network_of(text).own_tensors["model.2.cv2.1.0.conv.weight"].shape == (64, 32, 3, 3)
    newer = names_of(text.replace("[-1, 1, Conv, [32, 3, 2]]", "[-1, 1, C3k2, [32]]\n  - [-1, 1, Conv, [32, 3, 2]]"))
    assert "model.3.cv3.1.0.0.conv.weight" in newer


def test_a_head_without_selection_has_every_branch_twice() -> None:
    text = with_head("Detect, [nc]", "end2end: True\nreg_max: 1")
    report = checked(text)
    once = checked(with_head("Detect, [nc]", "reg_max: 1"))
    network = network_of(text)
    shapes = {output.name: output.shape for each in network.operations for output in each.outputs}
    assert [shapes[name] for name in network.outputs] == [(8, BOXES), (4, BOXES), (4, BOXES)]
    total, single = report.totals.params, once.totals.params
    assert total is not None
    assert single is not None
    stem = conv(3, 16, 3) + conv(16, 32, 3)
    assert total - stem == 2 * (single - stem)
    assert report.totals.frozen_params == 0


@pytest.mark.parametrize(
    ("head", "keys", "further"),
    [
        ("Segment, [nc, 8, 16]", "", 8),
        ("Pose, [nc, kpt_shape]", "kpt_shape: [5, 3]", 15),
        ("OBB, [nc, 1]", "", 1),
    ],
)
def test_further_numbers_of_each_box(head: str, keys: str, further: int) -> None:
    text = with_head(head, keys)
    network = network_of(text)
    shapes = {output.name: output.shape for each in network.operations for output in each.outputs}
    assert shapes[network.outputs[0]] == (4 + SCORES + further, BOXES)
    checked(text)


def test_the_head_of_yolov5_has_numbers_for_each_anchor() -> None:
    text = with_head("Detect, [nc, anchors]", "anchors: [[1, 2, 3, 4], [5, 6, 7, 8]]")
    report = checked(text)
    assert list(report.rows[-1].output_shape) == [2 * BOXES, 5 + SCORES]
    assert network_of(text).own_tensors["model.2.m.1.weight"].shape == (18, 32, 1, 1)
    assert report.totals.buffers == 2 * 16 + 1 + 2 * 32 + 1 + 2 * 2 * 2


def test_a_decoder_says_what_is_not_known_of_it() -> None:
    text = with_head("RTDETRDecoder, [nc, 32, 10, 2, 4, 2, 64]")
    network = network_of(text)
    assert [each.type for each in network.operations if not each.known] == ["MultiScaleDeformableSampling"] * 2
    assert network.remarks
    tied = [each for each in network.operations if each.tensors and each.modules[-1].call]
    assert len(tied) == 2  # the positions of the second layer


def test_scores_of_texts_read_a_second_input() -> None:
    text = with_head("WorldDetect, [nc, 512, True]")
    network = network_of(text)
    assert [each.name for each in network.inputs] == ["images", "texts"]
    assert network.inputs[1].shape == (4, 512)
    assert list(checked(text).rows[-1].output_shape) == [4 + SCORES, BOXES]


def test_a_file_is_a_target_by_its_content(workspace) -> None:  # type: ignore[no-untyped-def]
    workspace.write(yolo7=SCALED)
    shape = [104, 320, 320]
    for target in ("yolo7.yaml", "yolo7.yaml@m", "yolo7m.yaml"):
        graph = load(target)
        assert list(graph.nodes[-1].output_shape) == ([32, *shape[1:]] if target == "yolo7.yaml" else [80, *shape[1:]])
    assert workspace.call("count", "yolo7m.yaml", "--input", "3x64x64").code == 0
    imported = workspace.call("import", "yolo7.yaml@m", "--output", "net.yaml")
    assert imported.code == 0
    assert "as in the source" in imported.err
    assert workspace.call("diff", "net.yaml", "yolo7m.yaml").code == 0
    assert workspace.call("check", "yolo7.yaml", "--max-params", "1k").code == 1
    assert "the scales are n, m" in workspace.call("count", "yolo7.yaml@x").err
    assert workspace.call("count", "yolo8m.yaml").code == 2


def test_a_mistake_is_shown_at_its_row() -> None:
    cases = {
        "[-1, 1, Convv, [8]]": "did you mean Conv",
        "[-1, 1, Conv, [a]]": "`c2` must be a whole number",
        "[-1, 1, Conv, []]": "`c2` is not given",
        "[-1, 1, Conv, [8, 99, 1, 0]]": "its input",
        "[7, 1, Conv, [8]]": "earlier rows",
        "[-1, 0, Conv, [8]]": "number of modules",
        "[-1, 1, Conv]": "a row is",
    }
    for row, message in cases.items():
        with pytest.raises(SpecError) as caught:
            network_of(text_of("[-1, 1, nn.Identity, []]", row))
        problem = caught.value.problems[0]
        assert problem.where[:2] == ("net.yaml", 6)
        assert message in f"{problem.message}; {problem.help}"
