"""Which layer a tensor belongs to: by name with prefixes and parts, else by order and shape; and what differs."""

from __future__ import annotations

import pytest

import convcalc
from convcalc.lint.comparisons.differs_from_weights import check
from convcalc.weights.checkpoint import Checkpoint, Tensor

SPEC = """\
input: [3, 8, 8]
blocks:
  unit:
    params: {out: null}
    layers:
      - conv2d: {name: conv, out_channels: =out, kernel_size: 3, padding: 1, bias: false}
      - batch_norm2d: {name: bn}
      - relu
layers:
  - unit: {name: one, out: 8}
  - unit: {name: two, out: 16}
  - unit: {name: three, out: 16}
  - global_avg_pool
  - flatten
  - linear: {name: head, out_features: 5}
"""


def norm(name: str, channels: int) -> dict[str, tuple[int, ...]]:
    parts = ("weight", "bias", "running_mean", "running_var")
    return {**{f"{name}.{part}": (channels,) for part in parts}, f"{name}.num_batches_tracked": ()}


WEIGHTS: dict[str, tuple[int, ...]] = {
    "one.conv.weight": (8, 3, 3, 3), **norm("one.bn", 8), "two.conv.weight": (16, 8, 3, 3), **norm("two.bn", 16),
    "three.conv.weight": (16, 16, 3, 3), **norm("three.bn", 16), "head.weight": (5, 16), "head.bias": (5,),
}  # fmt: skip
UNITS = {"one": 8, "two": 16, "three": 16}
NAMES = {
    "one": "features.0",
    "two": "features.1",
    "three": "features.2",
    "head": "classifier.1",
    "conv": "0",
    "bn": "1",
}


def renamed(name: str) -> str:
    return ".".join(NAMES.get(part, part) for part in name.split("."))


def found(
    weights: dict[str, tuple[int, ...]], spec: str = SPEC, *, keras: bool = False
) -> tuple[list[tuple[str | None, str]], str]:
    """The layers and messages of the findings, and the sentence about the match."""
    whole = "num_batches_tracked"
    tensors = {name: Tensor(shape, name.endswith(whole)) for name, shape in weights.items()}
    checkpoint = Checkpoint("model.pth", "test", tensors, [], other_axes=keras)
    findings, sentence = check(convcalc.analyse(convcalc.loads(spec)), checkpoint)
    return [(each.row.name if each.row else None, each.message) for each in findings], sentence


@pytest.mark.parametrize("prefix", ["", "module.", "model.", "_orig_mod.", "module.model.", "backbone.net.body."])
def test_names_with_a_prefix(prefix: str) -> None:
    findings, sentence = found({f"{prefix}{name}": shape for name, shape in WEIGHTS.items()})
    assert findings == []
    assert sentence == "model.pth (test): 20 tensors, matched by name" + (f", without `{prefix}`" if prefix else "")


def test_a_spec_whose_names_have_more_before() -> None:
    spec = SPEC.partition("layers:\n  - unit")[0] + "layers:\n  - sequential:\n      name: net\n      layers:\n"
    spec += "".join(f"        - unit: {{name: {name}, out: {out}}}\n" for name, out in UNITS.items())
    spec += "        - global_avg_pool\n        - flatten\n        - linear: {name: head, out_features: 5}\n"
    assert found(WEIGHTS, spec) == ([], "model.pth (test): 20 tensors, matched by name, as `net.`")


def test_names_without_any_in_common() -> None:
    weights = {renamed(name): shape for name, shape in WEIGHTS.items()}
    assert found(weights) == ([], "model.pth (test): 20 tensors, matched by order and shape")
    reverse = dict(reversed(list(weights.items())))
    assert found(reverse)[0] == [], "an order of definition that is not that of execution"


def test_names_in_common_for_most_layers() -> None:
    weights = {name.replace("head", "classifier"): shape for name, shape in WEIGHTS.items()}
    assert found(weights)[0] == []


@pytest.mark.parametrize(("change", "expected"), [
    ({"one.conv.weight": (8, 3, 5, 5)}, [("one.conv", "its weight is 8x3x3x3, in the checkpoint 8x3x5x5")]),
    ({"head.bias": None}, [("head", "its bias (5) is not in the checkpoint")]),
    ({"two.conv.bias": (16,)},
     [("two.conv", "the checkpoint has bias (16), which it has no parameters for")]),
    ({"extra.weight": (3, 3)}, [(None, "the checkpoint has 1 tensor without a layer: extra.weight (3x3)")]),
    (dict.fromkeys(norm("two.bn", 16)), [("two.bn", "it has no tensors in the checkpoint")]),
    ({name: None for name in WEIGHTS if "running" in name}, []),
])  # fmt: skip
def test_what_differs(change: dict[str, tuple[int, ...] | None], expected: list[tuple[str | None, str]]) -> None:
    weights = {name: shape for name, shape in {**WEIGHTS, **change}.items() if shape is not None}
    assert found(weights)[0] == expected


def test_sizes_that_follow_from_another_layer_are_not_found() -> None:
    weights = {
        **WEIGHTS, "two.conv.weight": (24, 8, 3, 3), **norm("two.bn", 24), "three.conv.weight": (16, 24, 3, 3),
    }  # fmt: skip
    assert found(weights)[0] == [("two.conv", "its weight is 16x8x3x3, in the checkpoint 24x8x3x3")]


@pytest.mark.parametrize(("left_out", "name", "message"), [
    (["head"], "head", "it has no tensors in the checkpoint, which holds only a part of the network"),
    (["three", "head"], "three.conv",
     "the 3 layers to head have no tensors in the checkpoint, which holds only a part"),
    (["one"], "one.conv", "the 2 layers to one.bn have no tensors in the checkpoint, which holds only a part"),
])  # fmt: skip
def test_a_part_of_the_network(left_out: list[str], name: str, message: str) -> None:
    weights = {each: shape for each, shape in WEIGHTS.items() if each.partition(".")[0] not in left_out}
    assert found(weights)[0] == [(name, message)]


def test_a_layer_in_the_middle_is_no_part() -> None:
    weights = {name: shape for name, shape in WEIGHTS.items() if not name.startswith("two.conv")}
    assert found(weights)[0] == [("two.conv", "it has no tensors in the checkpoint")]


def test_other_axes() -> None:
    shapes = {4: (2, 3, 1, 0), 2: (1, 0)}
    weights = {
        f"layers.{renamed(name)}": tuple(shape[axis] for axis in shapes.get(len(shape), range(len(shape))))
        for name, shape in WEIGHTS.items()
        if "num_batches" not in name
    }
    assert found(weights, keras=True)[0] == []


ATTENTION = """\
input: [6, 8]
layers:
  - positional_embedding: {name: positions}
  - multihead_attention: {name: attention, num_heads: 2}
  - lstm: {name: lstm, hidden_size: 5}
"""


@pytest.mark.parametrize("block", ["attention", "block.self_attention"])
def test_tensors_in_other_pieces(block: str) -> None:
    weights: dict[str, tuple[int, ...]] = {
        "positions.pos_embedding": (1, 6, 8), f"{block}.in_proj_weight": (24, 8), f"{block}.in_proj_bias": (24,),
        f"{block}.out_proj.weight": (8, 8), f"{block}.out_proj.bias": (8,), "lstm.weight_ih_l0": (20, 8),
        "lstm.weight_hh_l0": (20, 5), "lstm.bias_ih_l0": (20,), "lstm.bias_hh_l0": (20,),
    }  # fmt: skip
    assert found(weights, ATTENTION)[0] == []


def test_shared_parameters_need_no_tensors() -> None:
    spec = "input: [4, 8, 8]\nlayers:\n  - conv2d: {name: a, out_channels: 4, kernel_size: 1}\n"
    spec += "  - conv2d: {name: b, tied: a, out_channels: 4, kernel_size: 1}\n"
    assert found({"a.weight": (4, 4, 1, 1), "a.bias": (4,)}, spec)[0] == []
