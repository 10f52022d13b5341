"""What the exported source says: names, arguments, and what it refuses."""

from __future__ import annotations

import re

import pytest

from convcalc.errors import SpecError
from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.exporters.python.layout import formatted
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find
from convcalc.targets.target import Target
from convcalc.text.source import Source


def source_of(text: str) -> str:
    return export(build_network(Target("net.yaml", Source("net.yaml", text), None, None), Overrides()), "pytorch")


def test_names_that_python_or_pytorch_has_taken_are_changed_and_listed() -> None:
    text = source_of(
        """
        input: [4, 8, 8]
        layers:
          - conv2d: {name: half, out_channels: 4, kernel_size: 1}
          - conv2d: {name: class, out_channels: 4, kernel_size: 1}
          - conv2d: {name: conv-1, out_channels: 4, kernel_size: 1}
          - conv2d: {name: conv_1, out_channels: 4, kernel_size: 1}
          - conv2d: {name: _modules, out_channels: 4, kernel_size: 1}
          - conv2d: {name: __class__, out_channels: 4, kernel_size: 1}
        """
    )
    names = {"half": "half_", "class": "class_", "conv-1": "conv_1", "conv_1": "conv_1_", "_modules": "_modules_",
             "__class__": "_class__"}  # fmt: skip
    for old, new in names.items():
        assert f"#   {old} -> {new}\n" in text
        assert f"self.{new} = nn.Conv2d(4, 4, 1)" in text


def test_classes_have_names_that_nothing_else_has() -> None:
    text = source_of(
        """
        name: none
        input: [4, 8, 8]
        blocks:
          f: {layers: [conv2d: {name: conv, out_channels: 4, kernel_size: 1}, relu: {name: act}]}
          LocallyConnected2d: {layers: [conv2d: {name: conv, out_channels: 4, kernel_size: 1}, relu: {name: act}]}
        layers:
          - f: {name: a}
          - LocallyConnected2d: {name: b}
          - conv2d: {name: c, out_channels: 4, kernel_size: 3, sharing: {tile: [2, 2]}}
        """
    )
    compile(text, "net.py", "exec")
    names = re.findall(r"^class (\w+)", text, re.MULTILINE)
    assert names == ["LocallyConnected2d", "TiledConv2d", "NetworkF", "LocallyConnected2d2", "NetworkNone"]


def test_params_with_names_of_the_code_get_others() -> None:
    text = source_of(
        """
        input: {in: [4, 8, 8], torch: [4, 8, 8]}
        blocks:
          unit:
            inputs: [in, torch]
            params: {self: null, nn: 3}
            layers:
              - add: {from: [in, torch]}
              - conv2d: {name: conv, out_channels: =self, kernel_size: =nn}
        layers:
          - unit: {name: a, from: [in, torch], self: 4}
          - unit: {name: b, from: [in, torch], self: 8, nn: 1}
          - flatten: {from: a}
        """
    )
    compile(text, "net.py", "exec")
    assert "def __init__(self, out_channels: int, kernel_size: int) -> None:" in text
    assert "def forward(self, in_: torch.Tensor, torch_: torch.Tensor) -> torch.Tensor:" in text


def test_a_chain_with_numbers_is_a_sequential() -> None:
    text = source_of(
        """
        input: [4, 8, 8]
        blocks:
          unit: {layers: [conv2d: {name: "0", out_channels: 4, kernel_size: 1}, relu, batch_norm2d: {name: "2"}]}
        layers: [unit: {name: first}]
        """
    )
    assert "class Unit(nn.Sequential):" in text
    assert "super().__init__(nn.Conv2d(4, 4, 1), nn.ReLU(), nn.BatchNorm2d(4))" in text


def test_numbers_and_hyphens_stay_in_the_names() -> None:
    """A chain is a Sequential; a block with a function in it is a class, which has modules of these names too."""
    text = source_of(
        """
        input: [4, 8, 8]
        blocks:
          unit:
            layers:
              - conv2d: {name: "0", out_channels: 4, kernel_size: 1}
              - permute: {axes: [1, 2, 0]}
              - linear: {name: "2", out_features: 4}
        layers:
          - sequential: {name: stage, layers: [unit: {name: unit-0}, unit: {name: unit-1}]}
          - conv2d: {name: "3", out_channels: 4, kernel_size: 1, trainable: false}
        """
    )
    assert "->" not in text.partition("class")[0]
    torch = pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")
    from tests.exporters.modules import run  # it needs PyTorch

    module = run(text)
    names = ["stage.unit-0.0", "stage.unit-0.2", "stage.unit-1.0", "stage.unit-1.2", "3"]
    assert list(module.state_dict()) == [f"{name}.{term}" for name in names for term in ("weight", "bias")]
    assert [name for name, each in module.named_parameters() if not each.requires_grad] == ["3.weight", "3.bias"]
    assert module(torch.zeros(2, 4, 8, 8)).shape == (2, 4, 4, 4)


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, connection_table: 2}", "does not say which channels"),
        ("own: {name: c}", "a type of the spec's own has figures, and no computation"),
        ("conv2d: {name: c, out_channels: 2, kernel_size: 3, sharing: none, weight_norm: true}", "no weight_norm"),
    ],
)
def test_what_cannot_be_written_is_an_error_at_the_layer(entry: str, reason: str) -> None:
    text = f"input: [4, 8, 8]\ncustom: {{own: {{macs: 0, parameters: {{}}}}}}\nlayers:\n  - relu\n  - {entry}\n"
    with pytest.raises(SpecError) as caught:
        source_of(text)
    (problem,) = caught.value.problems
    assert reason in problem.message
    assert problem.where.line == 5
    assert problem.subject.startswith("c (")


def test_the_changes_of_a_call_are_in_the_source() -> None:
    overrides = Overrides.of({"classes": 10}, None, None, False)
    text = export(build_network(find("resnet18"), overrides), "pytorch")
    assert "def __init__(self, classes: int = 10) -> None:" in text


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("self.a = f(1)", ["self.a = f(1)"]),
        (f"self.a = f({'x' * 80})", ["self.a = f(", f"    {'x' * 80}", ")"]),
        (f"self.a = f({'x' * 50}, {'y' * 50})", ["self.a = f(", f"    {'x' * 50},", f"    {'y' * 50},", ")"]),
        (
            f"self.a = f({'x' * 40}) if {'y' * 40} else 1",
            ["self.a = (", f"    f({'x' * 40})", f"    if {'y' * 40}", "    else 1", ")"],
        ),
    ],
)
def test_long_statements_are_cut(text: str, lines: list[str]) -> None:
    assert formatted(text, 0) == lines
