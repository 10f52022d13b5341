"""What the exported Keras source says: names, loops, padding, the order of axes, and what it refuses."""

from __future__ import annotations

import re

import pytest

from convcalc.errors import SpecError
from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.exporters.python.layout import call_lines
from convcalc.language.overrides import Overrides
from convcalc.targets.target import Target
from convcalc.text.source import Source
from tests.workspace import Workspace


def source_of(text: str, data_format: str = "channels_last") -> str:
    network = build_network(Target("net.yaml", Source("net.yaml", text), None, None), Overrides())
    return export(network, "keras", data_format=data_format)


def layers_of(entries: str, data_format: str = "channels_last", shape: str = "4, 8, 8") -> str:
    return source_of(f"input: [{shape}]\nlayers:\n" + "".join(f"  - {line}\n" for line in entries.splitlines()),
                     data_format)  # fmt: skip


@pytest.mark.parametrize(
    ("entry", "written"),
    [
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, padding: 1}",
         'x = layers.Conv2D(2, 3, padding="same", name="c")(inputs)'),
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, stride: 2, padding: 1}",
         'x = layers.ZeroPadding2D(1, name="c_pad")(inputs)\n    x = layers.Conv2D(2, 3, strides=2, name="c")(x)'),
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, stride: 2, padding: same}",
         'x = layers.Conv2D(2, 3, strides=2, padding="same", name="c")(inputs)'),
        ("conv2d: {name: c, out_channels: 8, kernel_size: 3, groups: 4, bias: false}",
         'x = layers.DepthwiseConv2D(3, depth_multiplier=2, use_bias=False, name="c")(inputs)'),
        ("conv2d: {name: c, out_channels: 8, kernel_size: 3, groups: 2}",
         'x = layers.Conv2D(8, 3, groups=2, name="c")(inputs)'),
        ("max_pool2d: {name: p, kernel_size: 3, stride: 2, ceil_mode: true}",
         'x = layers.MaxPooling2D(3, strides=2, padding="same", name="p")(inputs)'),
        ("max_pool2d: {name: p, kernel_size: 3, stride: 2, padding: 1}",
         '((0, 0), (1, 1), (1, 1), (0, 0)), constant_values=-float("inf"))'),
        ("batch_norm2d: {name: n, momentum: 0.2}",
         'x = layers.BatchNormalization(momentum=0.8, epsilon=1e-5, name="n")(inputs)'),
        ("flatten: {name: f}", 'x = layers.Permute((3, 1, 2), name="f_permute")(inputs)\n    x = layers.Flatten('),
        ("permute: {name: p, axes: [1, 2, 0]}", "return keras.Model(inputs, inputs, "),
        ("drop_path: {name: d, p: 0.1}", "x = layers.Dropout(0.1, noise_shape=(None, 1, 1, 1), "),
        ("conv_transpose2d: {name: c, out_channels: 2, kernel_size: 4, stride: 2, padding: 1}",
         'x = layers.Conv2DTranspose(2, 4, strides=2, padding="same", name="c")(inputs)'),
        ("conv_transpose2d: {name: c, out_channels: 2, kernel_size: 3, stride: 2, padding: 1, output_padding: 1}",
         'x = layers.Cropping2D(((1, 0), (1, 0)), name="c_crop")(x)'),
    ],
)  # fmt: skip
def test_a_layer_is_written_as_keras_has_it(entry: str, written: str) -> None:
    assert written in layers_of(entry)


def test_a_pool_behind_a_relu_is_padded_with_zeros() -> None:
    text = layers_of("relu\nmax_pool2d: {name: p, kernel_size: 3, stride: 2, padding: 1}")
    assert 'x = layers.ZeroPadding2D(1, name="p_pad")(x)' in text


def test_channels_first_is_set_once_and_needs_no_permutation() -> None:
    text = layers_of("conv2d: {name: c, out_channels: 2, kernel_size: 3}\nbatch_norm2d: {name: n}\nflatten",
                     "channels_first")  # fmt: skip
    assert text.count('keras.config.set_image_data_format("channels_first")') == 1
    assert "keras.Input((4, 8, 8)" in text
    assert "layers.BatchNormalization(axis=1, " in text
    assert 'layers.Flatten(data_format="channels_last", ' in text
    assert "Permute" not in text


def test_blocks_are_functions_and_copies_loops() -> None:
    text = source_of(
        """
        input: [4, 8, 8]
        blocks:
          unit:
            params: {width: null, stride: 1}
            layers:
              - conv2d: {name: conv, out_channels: =width, kernel_size: 3, stride: =stride, padding: 1}
              - relu
        layers:
          - unit: {name: stage, repeat: 3, width: 8}
          - unit: {name: last, width: =2 * in_channels, stride: 2}
        """
    )
    assert "def unit(\n    x: keras.KerasTensor, width: int, stride: int = 1, *, name: str\n)" in text
    assert '    for index in range(3):\n        x = unit(x, 8, name=f"stage_{index}")\n' in text
    assert '    x = unit(x, 16, stride=2, name="last")\n' in text
    assert "layers.ZeroPadding2D(1, " in text


def test_names_that_clash_or_that_python_has_taken_are_changed() -> None:
    text = source_of(
        """
        input: {class: [4, 8, 8], ops: [4, 8, 8]}
        blocks:
          layers:
            params: {x: null}
            layers: [conv2d: {name: conv, out_channels: =x, kernel_size: 1}]
        layers:
          - layers: {name: a, from: class, x: 4}
          - conv2d: {name: a_conv, from: ops, out_channels: 4, kernel_size: 1}
          - add: {from: [a, a_conv]}
          - layers: {name: b, x: 8}
        """
    )
    compile(text, "net.py", "exec")
    assert 'class_ = keras.Input((8, 8, 4), name="class")' in text
    assert 'ops_ = keras.Input((8, 8, 4), name="ops")' in text
    assert "def layers_(" in text
    assert 'name=f"{name}__conv"' in text
    assert '# Names of layers have "__" for the dots of the spec: a.conv -> a__conv\n' in text
    assert 'name="a_conv"' in text


def test_functions_do_not_hide_those_of_python() -> None:
    text = source_of(
        """
        name: zip
        input: [4, 8, 8]
        blocks: {tuple: {layers: [conv2d: {name: conv, out_channels: 4, kernel_size: 1}, relu]}}
        layers: [tuple: {name: a}, tuple: {name: b}]
        """
    )
    assert re.findall(r"^def (\w+)", text, re.MULTILINE) == ["tuple_", "net"]


def test_names_of_operations_are_not_taken() -> None:
    """Keras names the call of `ops.matmul` itself, and refuses a second layer of that name."""
    text = layers_of("relu: {name: matmul}\nmatmul: {from: [matmul, matmul]}")
    assert 'layers.ReLU(name="matmul_")' in text
    assert "#   matmul -> matmul_\n" in text


CUSTOM = "input: [4, 8, 8]\ncustom: {own: {macs: 0, parameters: {}}}\nlayers:\n  - relu\n  - "
REASONS = [
    ("own: {name: c}", "a type of the spec's own has figures, and no computation"),
    ("conv2d: {name: c, out_channels: 2, kernel_size: 3, weight_norm: true}", "no convolution with weight_norm"),
    (
        "conv2d: {name: c, out_channels: 2, kernel_size: 3, padding: 1, padding_mode: reflect}",
        "padding_mode is reflect",
    ),
    ("conv2d: {name: c, out_channels: 2, kernel_size: 3, stride: 2, dilation: 2}", "a stride and a dilation at once"),
    ("conv2d: {name: c, out_channels: 2, kernel_size: 3, connection_table: 2}", "does not say which channels"),
    ("conv2d: {name: c, out_channels: 2, kernel_size: 3, causal: true}", "no convolution with causal"),
    ("conv_transpose2d: {name: c, out_channels: 4, kernel_size: 2, groups: 2}", "no transposed convolution in groups"),
    ("max_pool2d: {name: c, kernel_size: 2, dilation: 2}", "no pooling with dilation"),
    ("avg_pool2d: {name: c, kernel_size: 3, stride: 2, padding: 1, count_include_pad: false}", "counts other cells"),
    ("avg_pool2d: {name: c, kernel_size: 3, stride: 2, ceil_mode: true}", "larger on one side"),
    ("batch_norm2d: {name: c, track_running_stats: false}", "without moving statistics"),
    ("upsample: {name: c, scale_factor: 2, mode: bilinear, align_corners: true}", "aligns the corners"),
    ("upsample: {name: c, scale_factor: 2, mode: bicubic}", "in another way than bicubic"),
    ("pad: {name: c, padding: 1, mode: replicate}", "does not pad with mode replicate"),
]


@pytest.mark.parametrize(("entry", "reason"), REASONS)
def test_what_cannot_be_said_is_an_error_at_the_layer(entry: str, reason: str) -> None:
    with pytest.raises(SpecError) as caught:
        source_of(CUSTOM + entry)
    (problem,) = caught.value.problems
    assert reason in problem.message
    assert problem.message.startswith("it cannot be written in Keras: ")
    assert problem.where.line == 5
    assert problem.subject.startswith("c (")
    assert problem.help


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("lstm: {name: c, hidden_size: 4}", "write `bias: one` for one"),
        ("gru: {name: c, hidden_size: 4, num_layers: 2, bias: one}", ""),
        ("multihead_attention: {name: c, num_heads: 2, add_bias_kv: true}", "no learned keys"),
        ("constant: {name: c, shape: [10, 4]}", "does not have the values of a constant"),
    ],
)
def test_layers_of_sequences(entry: str, reason: str) -> None:
    text = f"input: [10, 4]\nlayers:\n  - identity: {{name: i}}\n  - {entry}\n"
    if not reason:
        assert "reset_after=False" in source_of(text)
        return
    with pytest.raises(SpecError) as caught:
        source_of(text)
    problem = next(each for each in caught.value.problems if each.subject.startswith("c ("))
    assert reason in f"{problem.message} {problem.help}"


@pytest.mark.parametrize(
    ("entry", "help"),
    [
        ("own: {name: c}", "write it as layers"),
        ("pad: {name: c, padding: -1}", "write `crop`"),
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, connection_table: 2}", "list the input channels"),
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, weight_norm: true}", "--to pytorch"),
    ],
)
def test_a_help_says_what_would_mend_it(entry: str, help: str) -> None:
    with pytest.raises(SpecError) as caught:
        source_of(CUSTOM + entry)
    (problem,) = caught.value.problems
    assert help in (problem.help or "")


def test_a_layer_that_leads_to_no_output_is_an_error() -> None:
    text = "input: [4]\nlayers:\n  - linear: {name: a, out_features: 2}\n  - relu: {from: input}\n"
    with pytest.raises(SpecError, match="no output depends on it"):
        source_of(text)


def test_a_deep_network_raises_the_limit_of_recursion() -> None:
    text = source_of("input: [4]\nlayers:\n  - linear: {name: fc, repeat: 1000, out_features: 4}\n")
    assert "sys.setrecursionlimit(" in text
    assert "setrecursionlimit" not in source_of("input: [4]\nlayers:\n  - linear: {repeat: 800, out_features: 4}\n")


@pytest.mark.parametrize(
    ("head", "lines"),
    [
        ("x = f", ["x = f(a)(y)"]),
        (f"x = {'f' * 79}", [f"x = {'f' * 79}(a)(", "    y", ")"]),
        (f"x = {'f' * 81}", [f"x = {'f' * 81}(", "    a", ")(y)"]),
    ],
)
def test_calls_of_layers_are_cut_as_the_formatter_does(head: str, lines: list[str]) -> None:
    assert call_lines(head, ["a"], "y", 0) == lines


def test_the_option_is_for_keras_alone(workspace: Workspace) -> None:
    result = workspace.call("export", "lenet", "--to", "pytorch", "--data-format", "channels_first")
    assert result.code == 2
    assert "--data-format is for keras" in result.text
    result = workspace.call("export", "lenet", "--to", "keras", "--data-format", "channels_first")
    assert result.code == 0
    assert "keras.Input((1, 28, 28), " in result.text
