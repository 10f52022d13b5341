"""`convcalc import`, and the other commands on networks of another format, as they are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

import convcalc
from convcalc.importers import ENDINGS
from tests.foreign import DIGITS, MACS, PARAMS
from tests.importers.torch import exported
from tests.workspace import Workspace

PROOF = "ok: 15 layers: shapes and 1,946 parameters as in the source\n"
CONV = "torch.nn.modules.conv.Conv2d"


@pytest.fixture
def nets(workspace: Workspace) -> Workspace:
    workspace.copy(DIGITS)
    return workspace


def program(*nodes: Any, **values: Any) -> dict[str, Any]:
    """A network that reads `x`, 3x8x8, and gives `y`."""
    values = {"x": exported.tensor(1, 3, 8, 8), **values}
    return exported.program(values, list(nodes), {}, ["x"], ["y"])


def with_unknown_operators() -> dict[str, Any]:
    names = ("a", "b", "y")
    shapes = {name: exported.tensor(1, 3, 8, 8) for name in names}
    return program(
        exported.node("relu.default", "a", self="$x"),
        exported.node("mystery.default", "b", self="$a"),
        exported.node("mystery.default", "y", self="$b"),
        **shapes,
    )


def with_a_wrong_shape() -> dict[str, Any]:
    """A convolution without padding whose output the file states as large as its input."""
    given = {"p_w": exported.tensor(4, 3, 3, 3), "x": exported.tensor(1, 3, 8, 8), "y": exported.tensor(1, 4, 8, 8)}
    node = exported.node("conv2d.default", "y", "stem", CONV, input="$x", weight="$p_w", bias=None)
    return exported.program(given, [node], {"p_w": "stem.weight"}, ["x"], ["y"])


def test_the_spec_and_its_proof(nets: Workspace) -> None:
    call = nets.call("import", "digits.pt2")
    assert (call.code, call.err) == (0, PROOF)
    assert call.out.startswith("name: Digits\nsource: PyTorch export, torch ")
    assert "residual_block: {name: blocks, repeat: 3}" in call.out
    report = convcalc.analyse(convcalc.loads(call.out))
    assert (report.totals.params, report.totals.macs) == (PARAMS, MACS)


def test_a_spec_in_a_file_passes_its_check(nets: Workspace) -> None:
    call = nets.call("import", "digits.pt2", "--output", "digits.yaml")
    assert (call.code, call.out, call.err) == (0, "", PROOF)
    assert (nets / "digits.yaml").read_text() == nets.call("import", "digits.pt2").out
    assert nets.check("digits.yaml")[0] == 0
    assert nets.call("diff", "digits.pt2", "digits.yaml", "--exit-code").code == 0


@pytest.mark.parametrize("output", ["none/digits.yaml", "folder.yaml", "digits.json"])
def test_a_path_that_cannot_be_written(nets: Workspace, output: str) -> None:
    (nets / "folder.yaml").mkdir()
    call = nets.call("import", "digits.pt2", "--output", output)
    assert (call.code, call.out) == (2, "")
    assert output in call.err
    assert "ok:" not in call.err


def test_flat(nets: Workspace) -> None:
    call = nets.call("import", "digits.pt2", "--flat")
    assert (call.code, call.err) == (0, PROOF)
    assert "blocks:" not in call.out.partition("layers:")[0]
    assert call.out.count("conv2d") == 4
    assert convcalc.analyse(convcalc.loads(call.out)).totals.params == PARAMS


def test_name(nets: Workspace) -> None:
    call = nets.call("import", "digits.pt2", "--name", "My digits: 2")
    assert convcalc.loads(call.out).name == "My digits: 2"


def test_an_unknown_operator_is_said(nets: Workspace) -> None:
    exported.write(nets / "net.pt2", with_unknown_operators())
    call = nets.call("import", "net.pt2")
    assert call.code == 0
    note, proof = call.err.splitlines()
    assert note.startswith("note: no layer type does what these operators do: mystery (2); they are custom types")
    assert proof == "ok: 3 layers: shapes and 0 parameters as in the source"
    report = convcalc.analyse(convcalc.loads(call.out))
    assert [row.type for row in report.rows] == ["relu", "mystery", "mystery"]
    assert report.totals.macs is None
    assert "not known, macs of mystery_1 and mystery" in nets.call("count", "net.pt2").out


def test_a_difference_is_an_error_and_the_text_is_written(nets: Workspace) -> None:
    exported.write(nets / "net.pt2", with_a_wrong_shape())
    call = nets.call("import", "net.pt2", "--output", "net.yaml")
    assert call.code == 1
    assert "net.yaml:" in call.err
    assert "error[differs-from-source] stem (conv2d): its output is 4x6x6, in the source 4x8x8" in call.err
    assert "in the source it is node 0" in call.err
    assert "ok:" not in call.err
    assert "conv2d" in (nets / "net.yaml").read_text()
    count = nets.call("count", "net.pt2")
    assert (count.code, count.out) == (2, "")
    assert "its output is 4x6x6, in the source 4x8x8" in count.err


@pytest.mark.parametrize("target", ["lenet", "model.foo"])
def test_a_target_of_no_other_format(nets: Workspace, target: str) -> None:
    nets.write(net="input: [1, 4, 4]\nlayers: [relu]\n")
    call = nets.call("import", target)
    assert (call.code, call.out) == (2, "")
    assert f"{target} is not of a format that can be read" in call.err
    assert all(ending in call.err for ending in ENDINGS)


MODEL_FILE = """
nc: 4
imgsz: 32
scales:
  n: [0.5, 0.5, 512]
  s: [0.5, 1.0, 512]
backbone:
  - [-1, 1, Conv, [16, 3, 2]]
  - [-1, 4, C2f, [16, True]]
head:
  - [-1, 1, nn.Upsample, [None, 2, nearest]]
"""


def test_a_model_file_at_a_scale(nets: Workspace) -> None:
    nets.write(net=MODEL_FILE)
    small, large = (nets.call("import", f"net.yaml@{scale}", "--flat") for scale in "ns")
    for call in (small, large):
        assert call.code == 0
        assert call.err.splitlines()[-1].startswith("ok: ")
    params = [convcalc.analyse(convcalc.loads(call.out)).totals.params for call in (small, large)]
    assert params == [convcalc.analyse(f"net.yaml@{scale}").totals.params for scale in "ns"]
    assert params[0] != params[1]
    assert nets.call("import", "net.yaml@x").code == 2


@pytest.mark.parametrize("target", ["digits.pt2", "net.yaml", "pytorch:models:Net"])
def test_only_onnx_has_batch_norms_to_restore(nets: Workspace, target: str) -> None:
    call = nets.call("import", target, "--restore-batch-norm")
    assert call.code == 2
    assert "--restore-batch-norm is for ONNX files" in call.err


def test_a_broken_file(nets: Workspace) -> None:
    nets.write({"net.pt2": DIGITS.read_bytes()[:100]})
    call = nets.call("import", "net.pt2", "--output", "net.yaml")
    assert call.code == 2
    assert call.err.startswith("net.pt2: error[unreadable-file]")
    assert not (nets / "net.yaml").exists()


def test_an_open_size_needs_the_input(nets: Workspace) -> None:
    exported.write(nets / "net.pt2", exported.small("s0", "s1"))
    call = nets.call("import", "net.pt2")
    assert call.code == 2
    assert "axis 2 of input `x` open" in call.err
    assert nets.call("import", "net.pt2", "--input", "3x12x8").code == 0
    assert "4x12x8" in nets.call("count", "net.pt2", "--input", "3x12x8").out
    code, text = nets.check("net.pt2", "--input", "3x12x8")
    assert (code, text) == (0, "1 file, 1 network: no problems\n")


CALLS = {
    "count": (["count", "digits.pt2"], "blocks.0.conv"),
    "compare": (["compare", "digits.pt2"], "blocks.0.conv"),
    "compare, networks": (["compare", "digits.pt2", "lenet"], "1,946"),
    "compare, layers": (["compare", "digits.pt2#stem", "lenet#conv1"], "8x14x14"),
    "diff": (["diff", "digits.pt2", "lenet"], "1,946"),
    "explain": (["explain", "digits.pt2", "blocks.2.bn"], "blocks.2.bn (batch_norm2d)"),
    "field": (["field", "digits.pt2", "blocks.0.conv"], "7x7"),
    "sizes": (["sizes", "digits.pt2", "--range", "27:30"], "Digits (digits.pt2)"),
    "shell": (["shell", "digits.pt2", "-c", "set stem.kernel_size 5"], "params 1,946 → 2,074"),
}


@pytest.mark.parametrize(("call", "shown"), CALLS.values(), ids=CALLS)
def test_every_command_takes_it(nets: Workspace, call: list[str], shown: str) -> None:
    result = nets.call(*call)
    assert (result.code, result.err) == (0, "")
    assert shown in result.out


def test_the_shell_does_not_overwrite_it(nets: Workspace) -> None:
    before = DIGITS.read_bytes()
    call = nets.call("shell", "digits.pt2", "-c", "set stem.kernel_size 5", "-c", "save")
    assert call.code == 2
    assert "digits.pt2 has no file of its own" in call.err
    assert nets.call("shell", "digits.pt2", "-c", "set stem.kernel_size 5", "-c", "save new.yaml").code == 0
    assert convcalc.analyse("new.yaml").totals.params == PARAMS + 128
    assert (nets / "digits.pt2").read_bytes() == before


def test_a_budget(nets: Workspace) -> None:
    code, text = nets.check("digits.pt2", "--max-params", "1500")
    assert code == 1
    assert text.startswith("digits.pt2: error[budget] params is 1,946: 446 (29.7 %) over the 1,500 allowed")
    assert nets.check("digits.pt2", "--max-params", "5M") == (0, "1 file, 1 network: no problems\n")
    code, text = nets.check("digits.pt2", "--budget", "blocks.*.conv.params <= 100")
    assert code == 1
    assert "blocks.0.conv" in text


def test_a_lock_file(nets: Workspace) -> None:
    exported.write(nets / "net.pt2", exported.small())
    assert nets.check("net.pt2", "--update-lock")[0] == 0
    assert nets.check("net.pt2", "--locked")[0] == 0
    exported.write(nets / "net.pt2", exported.small(height=16))
    code, text = nets.check("net.pt2", "--locked")
    assert code == 1
    assert "net.pt2: error[lock" in text


def test_a_directory_is_not_searched_for_them(nets: Workspace) -> None:
    assert "digits" not in nets.check(".")[1]


def test_json_has_the_figures(nets: Workspace) -> None:
    found = json.loads(nets.call("count", "digits.pt2", "--format", "json").out)
    assert (found["totals"]["params"], found["totals"]["macs"]) == (PARAMS, MACS)


def test_the_example_is_what_torch_exports() -> None:
    torch = pytest.importorskip("torch", reason="exports with PyTorch: pip install '.[oracle]'")
    from tests.oracles.digits import Digits  # it imports torch

    with torch.device("meta"):
        report = convcalc.analyse(Digits().eval(), input=[1, 28, 28])
    shown = [(row.name, row.type, row.output_shape, row.params) for row in report.rows]
    assert shown == [(row.name, row.type, row.output_shape, row.params) for row in convcalc.analyse(DIGITS).rows]
