"""Networks of Caffe: one construct each, with shapes and parameters worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

import convcalc
from convcalc.agreement import differences
from convcalc.importers.caffe.reader import read
from convcalc.importers.inputs import Given
from convcalc.importers.network import ForeignNetwork
from convcalc.importers.specs import spec_text

IMAGE = 'input: "data" input_shape { dim: 1 dim: 4 dim: 8 dim: 10 }\n'


def layer(type: str, parameters: str = "", bottoms: str = "data", tops: str = "out", name: str = "") -> str:
    wires = [f'bottom: "{each}"' for each in bottoms.split()] + [f'top: "{each}"' for each in tops.split()]
    return f'layer {{ name: "{name or tops.split()[0]}" type: "{type}" {" ".join(wires)} {parameters} }}\n'


@pytest.fixture(name="network")
def _network(tmp_path: Path):  # type: ignore[no-untyped-def]
    def make(text: str, head: str = IMAGE) -> ForeignNetwork:
        file = tmp_path / "net.prototxt"
        file.write_text(head + text, encoding="utf-8")
        return read(str(file), None)

    return make


def last_shape(network: ForeignNetwork) -> tuple[int, ...]:
    return network.operations[-1].output.shape


def conv(text: str) -> str:
    return f"convolution_param {{ {text} }}"


def pool(text: str) -> str:
    return f"pooling_param {{ {text} }}"


NORM = layer("BatchNorm", tops="norm")
# The layers, the shape of the last output, the parameters.
CASES = [
    (layer("Convolution", conv("num_output: 6 kernel_size: 3 stride: 2")), (6, 3, 4), 6 * 4 * 9 + 6),
    (layer("Convolution", conv("num_output: 6 kernel_h: 1 kernel_w: 3 pad_h: 0 pad_w: 1 bias_term: false")),
     (6, 8, 10), 72),
    (layer("Convolution", conv("num_output: 8 kernel_size: 3 kernel_size: 1 group: 4 dilation: 2")), (8, 4, 10), 32),
    (layer("DepthwiseConvolution", conv("num_output: 4 kernel_size: 3 pad: 1")), (4, 8, 10), 40),
    (layer("Deconvolution", conv("num_output: 4 kernel_size: 4 stride: 2 pad: 1 group: 4 bias_term: false")),
     (4, 16, 20), 64),
    (layer("Pooling", pool("kernel_size: 3 stride: 2")), (4, 4, 5), 0),
    (layer("Pooling", pool("kernel_size: 3 stride: 2 round_mode: FLOOR")), (4, 3, 4), 0),
    (layer("Pooling", pool("kernel_size: 3 stride: 2 ceil_mode: false pool: AVE")), (4, 3, 4), 0),
    (layer("Pooling", pool("kernel_size: 2 stride: 2 pad: 1 pool: AVE")), (4, 5, 6), 0),
    (layer("Pooling", pool("kernel_size: 3 stride: 2 pad: 2")), (4, 5, 6), 0),
    (layer("Pooling", pool("kernel_size: 1 stride: 3")), (4, 4, 4), 0),
    (layer("Pooling", pool("global_pooling: true pool: AVE")), (4, 1, 1), 0),
    (layer("InnerProduct", "inner_product_param { num_output: 5 }"), (5,), 320 * 5 + 5),
    (layer("InnerProduct", "inner_product_param { num_output: 5 axis: -1 bias_term: false }"), (4, 8, 5), 50),
    (NORM, (4, 8, 10), 0),
    (NORM + layer("Scale", "scale_param { bias_term: true }", "norm", "norm", "scale"), (4, 8, 10), 8),
    (NORM + layer("Scale", "", "norm", "norm", "scale"), (4, 8, 10), 4),
    (NORM + layer("Scale", "scale_param { bias_term: true }", "norm") + layer("ReLU", "", "norm", "r"), (4, 8, 10), 8),
    (layer("Scale", "scale_param { bias_term: true }"), (4, 8, 10), 8),
    (layer("Scale", "scale_param { axis: 2 num_axes: -1 }"), (4, 8, 10), 80),
    (layer("Bias"), (4, 8, 10), 4),
    (layer("Pooling", pool("global_pooling: true"), tops="p") + layer("Scale", "", "data p"), (4, 8, 10), 0),
    (layer("PReLU") + layer("PReLU", "prelu_param { channel_shared: true }", "out", "b"), (4, 8, 10), 5),
    (layer("ReLU", "relu_param { negative_slope: 0.1 }") + layer("ELU", "", "out", "out", "b"), (4, 8, 10), 0),
    (layer("LRN") + layer("LRN", "lrn_param { norm_region: WITHIN_CHANNEL }", "out", "b"), (4, 8, 10), 0),
    (layer("MVN") + layer("MVN", "mvn_param { across_channels: true }", "out", "b"), (4, 8, 10), 0),
    (layer("Normalize", "norm_param { channel_shared: false }"), (4, 8, 10), 4),
    (layer("Power", "power_param { power: 2 scale: 0.5 shift: 1 }") + layer("Exp", "", "out", "b"), (4, 8, 10), 0),
    (layer("ReLU") + layer("Eltwise", "eltwise_param { coeff: 1 coeff: -2 }", "data out", "b"), (4, 8, 10), 0),
    (layer("ReLU") + layer("Eltwise", "eltwise_param { operation: MAX }", "data out", "b"), (4, 8, 10), 0),
    (layer("ReLU") + layer("Concat", "concat_param { axis: 2 }", "data out", "b"), (4, 16, 10), 0),
    (layer("Slice", "slice_param { slice_point: 1 }", tops="a b") + layer("ReLU", "", "b", "c"), (3, 8, 10), 0),
    (layer("Slice", tops="a b"), (2, 8, 10), 0),
    (layer("Split", tops="a b") + layer("ReLU", "", "a", "a", "r") + layer("ReLU", "", "b", "c"), (4, 8, 10), 0),
    (layer("Reshape", "reshape_param { shape { dim: 0 dim: 2 dim: -1 dim: 0 } }"), (2, 16, 10), 0),
    (layer("Flatten", "flatten_param { axis: 2 }"), (4, 80), 0),
    (layer("Permute", "permute_param { order: 0 order: 2 order: 3 order: 1 }"), (8, 10, 4), 0),
    (layer("Softmax", "softmax_param { axis: -1 }") + layer("Dropout", "", "out", "out", "d"), (4, 8, 10), 0),
    (layer("Tile", "tile_param { tiles: 3 }"), (12, 8, 10), 0),
    (layer("Pooling", pool("kernel_size: 2 stride: 2"), tops="p")
     + layer("Crop", "crop_param { offset: 1 }", "data p"), (4, 4, 5), 0),
    (layer("Reduction", "reduction_param { axis: 2 operation: MEAN }"), (4,), 0),
    (layer("Interp", "interp_param { zoom_factor: 2 }"), (4, 15, 19), 0),
    (layer("ShuffleChannel", "shuffle_channel_param { group: 2 }"), (4, 8, 10), 0),
    (layer("Pooling", pool("kernel_size: 2 stride: 2"), tops="p m")
     + layer("Upsample", "upsample_param { scale: 2 }", "p m"), (4, 8, 10), 0),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "shape", "count"), CASES)
def test_a_layer_has_its_shape_and_parameters(network, layers, shape, count) -> None:  # type: ignore[no-untyped-def]
    found = network(layers)
    assert last_shape(found) == shape
    assert found.params == count


@pytest.mark.parametrize("layers", [case[0] for case in CASES])
@pytest.mark.parametrize("flat", [True, False])
def test_the_spec_is_what_the_file_says(network, layers, flat) -> None:  # type: ignore[no-untyped-def]
    found = network(layers)
    assert differences(convcalc.loads(spec_text(found, flat=flat)), found) == []


def test_old_layers_are_read(network) -> None:  # type: ignore[no-untyped-def]
    head = 'input: "data"\ninput_dim: 64 input_dim: 3 input_dim: 8 input_dim: 8\n'
    old = """
    layers { name: "c" type: CONVOLUTION bottom: "data" top: "c" blobs_lr: 0 blobs_lr: 2
             convolution_param { num_output: 2 kernel_size: 3 } }
    layers < name: 'r' type: RELU bottom: 'c' top: 'c' >
    layers { name: "i" type: INNER_PRODUCT bottom: "c" top: "i" inner_product_param { num_output: 3 } }
    layers { name: "l" type: SOFTMAX_LOSS bottom: "i" bottom: "label" top: "l" }
    """
    found = network(old, head)
    assert last_shape(found) == (3,)
    assert found.params == 2 * 3 * 9 + 2 + 72 * 3 + 3
    assert [tensor.trainable for tensor in found.own_tensors.values()] == [False, True, True, True]
    assert found.remarks == ["SoftmaxWithLoss layers belong to training and are left out"]


def test_only_layers_of_the_phase_test_count(network) -> None:  # type: ignore[no-untyped-def]
    found = network(
        layer("ReLU", "include { phase: TRAIN }", tops="a")
        + layer("Sigmoid", "exclude { phase: TRAIN }", tops="b")
        + layer("TanH", "exclude { phase: TEST }", tops="c")
    )
    assert [operation.type for operation in found.operations] == ["sigmoid"]


def test_named_parameters_are_shared(network) -> None:  # type: ignore[no-untyped-def]
    named = 'param { name: "w" } param { name: "b" lr_mult: 0 } ' + conv("num_output: 4 kernel_size: 1")
    found = network(layer("Convolution", named, tops="a") + layer("Convolution", named, "a", "b"))
    assert found.params == 20
    assert differences(convcalc.loads(spec_text(found)), found) == []


def test_layers_of_one_name_share_nothing(network) -> None:  # type: ignore[no-untyped-def]
    found = network(layer("PReLU", tops="a", name="p") + layer("PReLU", "", "a", "b", "p"))
    assert found.params == 8
    assert differences(convcalc.loads(spec_text(found)), found) == []


def test_a_data_layer_gives_the_input(tmp_path: Path) -> None:
    file = tmp_path / "net.prototxt"
    data = layer("Data", "transform_param { crop_size: 6 }", "", "data label")
    rest = layer("ReLU") + layer("Accuracy", "", "out label", "acc")
    file.write_text(data + rest, encoding="utf-8")
    network = read(str(file), None)
    assert [(each.name, each.shape) for each in network.inputs] == [("data", (3, 6, 6))]
    assert network.outputs == [network.operations[-1].output.name]
    file.write_text(layer("Data", "", "", "data label") + rest, encoding="utf-8")
    with pytest.raises(convcalc.UsageError, match="how large the input `data` is"):
        read(str(file), None)
    assert read(str(file), [Given((1, 9, 9))]).inputs[0].shape == (1, 9, 9)


def test_regions_are_unknown_but_not_dropped(network) -> None:  # type: ignore[no-untyped-def]
    regions = layer("Python", 'python_param { module: "rpn.proposal_layer" }', tops="rois")
    pooled = layer("ROIPooling", "roi_pooling_param { pooled_h: 7 pooled_w: 7 }", "data rois")
    found = network(regions + pooled)
    assert [(each.type, each.known, each.output.shape) for each in found.operations] == [
        ("Python", False, (5,)), ("ROIPooling", False, (4, 7, 7)),
    ]  # fmt: skip
    assert differences(convcalc.loads(spec_text(found)), found) == []


@pytest.mark.parametrize(
    ("text", "place", "message"),
    [
        ("", (1, 1), "no layers"),
        ("layer {\n  name: 'a'", (2, 12), "the file ends inside a message that begins in line 1"),
        ("layer { type 'a' }", (1, 14), "a value of type must stand here"),
        ("layer {\n type: 'a\n }", (2, 8), "does not belong here"),
        ("layer: 3", (1, 8), "layer must be a message"),
        ("layer {} ", (1, 7), "must have a type"),
        (IMAGE + layer("ReLU", "", "other"), (2, 42), "no layer before out gives 'other'"),
        (IMAGE + layer("Nothing") + layer("ReLU", "", "out", "b"), (2, 7), "the shape of what it gives is not known"),
        (IMAGE + layer("Convolution", conv("num_output: 1e9 kernel_size: 1")), (2, 99), "num_output must be"),
        (IMAGE + layer("Convolution", conv("num_output: 3 kernel_size: 30")), (2, 7), "does not fit"),
        (IMAGE + layer("Reshape", "reshape_param { shape { dim: 0 dim: 7 } }"), (2, 7), "cannot be reshaped"),
        (IMAGE + layer("Eltwise"), (2, 7), "it reads 2 values"),
        ("a { " * 100, (1, 243), "nested more than 60 deep"),
    ],
)
def test_a_broken_file_is_an_error_at_its_place(
    tmp_path: Path, text: str, place: tuple[int, int], message: str
) -> None:
    file = tmp_path / "net.prototxt"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(convcalc.SpecError) as caught:
        read(str(file), None)
    problem = caught.value.problems[0]
    assert message in problem.message
    assert (problem.where.line, problem.where.column) == place
