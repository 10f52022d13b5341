"""`check --against` and `check --weights`: findings at the line of the entry, in every format, and how they are set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import convcalc
from tests.importers.onnx.files import Weight, graph, model, node
from tests.weights.files import safetensors
from tests.workspace import Workspace, needs_git

SPEC = """\
name: Net
input: [3, 32, 32]
params: {width: 16}
variants:
  wide: {params: {width: 32}}
layers:
  - conv2d: {name: stem, out_channels: =width, kernel_size: 3, padding: 1}
  - relu
  - global_avg_pool
  - flatten
  - linear: {name: head, out_features: 10}
"""
OTHER = SPEC.replace("kernel_size: 3, padding: 1", "kernel_size: 5, padding: 2")
TENSORS = {"stem.weight": [16, 3, 3, 3], "stem.bias": [16], "head.weight": [10, 16], "head.bias": [10]}
MESSAGE = "kernel_size is 3, in the source 5; padding is 1, in the source 2"
FOUND = """\
net.yaml:7:61: error[differs-from-source] stem (conv2d): {message}
   7 |   - conv2d: {{name: stem, out_channels: =width, kernel_size: 3, padding: 1}}
     | {space}^
"""
IGNORE = "  # convcalc: ignore[differs-from-source] until the next training"


@pytest.fixture
def files(workspace: Workspace) -> Workspace:
    """A workspace with a spec, another one, and weights that fit the first."""
    workspace.write(net=SPEC, other=OTHER)
    (workspace / "fits.safetensors").write_bytes(safetensors(TENSORS))
    (workspace / "differs.safetensors").write_bytes(safetensors({**TENSORS, "head.weight": [100, 16], "more": [7]}))
    return workspace


def test_the_same_network(files: Workspace) -> None:
    files.write(copy=SPEC)
    assert files.check("net.yaml", "--against", "copy.yaml", "--weights", "fits.safetensors") == (0, """\
net.yaml: compared with copy.yaml, which has 5 layers
net.yaml: fits.safetensors (safetensors): 4 tensors, matched by name

1 file, 2 networks: no problems
""")  # fmt: skip
    assert files.check("net.yaml", "--against", "copy.yaml", "--quiet") == (0, "")


def test_a_difference_is_a_finding_at_its_key(files: Workspace) -> None:
    code, text = files.check("net.yaml", "--against", "other.yaml")
    assert code == 1
    assert text.startswith(FOUND.format(message=MESSAGE, space=" " * 60))
    assert text.endswith("1 file, 2 networks: 1 error\n")


def test_weights_that_differ(files: Workspace) -> None:
    code, text = files.check("net.yaml", "--weights", "differs.safetensors")
    assert code == 1
    assert "net.yaml:1:1: error[differs-from-weights] the checkpoint has 1 tensor without a layer: more (7)\n" in text
    message = "head (linear): its weight is 10x16, in the checkpoint 100x16\n"
    assert f"net.yaml:11:5: error[differs-from-weights] {message}" in text


def test_a_variant_is_compared_with_its_own_source(files: Workspace) -> None:
    assert files.check("net.yaml", "--against", "wide=net.yaml@wide", "--against", "net.yaml")[0] == 0
    code, text = files.check("net.yaml", "--against", "wide=net.yaml")
    assert (code, "out_channels is 32, in the source 16" in text, "note: in wide" in text) == (1, True, True)
    code, text = files.check("net.yaml", "--against", "wider=net.yaml")
    assert (code, "there is no variant `wider`" in text, "did you mean wide?" in text) == (2, True, True)


@needs_git
def test_a_revision_is_a_source(files: Workspace) -> None:
    files.commit()
    files.write(net=OTHER)
    code, text = files.check("net.yaml", "--against", "HEAD:net.yaml")
    assert (code, "kernel_size is 5, in the source 3" in text) == (1, True)


@pytest.mark.parametrize("arguments", [("net.yaml", "other.yaml"), (".",), ()])
def test_one_file_is_compared(files: Workspace, arguments: tuple[str, ...]) -> None:
    code, text = files.check(*arguments, "--against", "other.yaml")
    assert (code, "--against compares one file" in text) == (2, True)


@pytest.mark.parametrize(("arguments", "message"), [
    (("--against", "missing.yaml"), "there is no such file"),
    (("--against", "pytorch:no_such_module:Net"), "--against pytorch:no_such_module:Net: "),
    (("--weights", "missing.pth"), "missing.pth: error[unreadable-file] there is no such file"),
    (("--weights", "net.yaml"), "net.yaml: error[unreadable-file] this is no file of weights that is known"),
])  # fmt: skip
def test_what_cannot_be_read(files: Workspace, arguments: tuple[str, ...], message: str) -> None:
    code, text = files.check("net.yaml", *arguments)
    assert code == 2
    assert message in text


@pytest.mark.parametrize("format", ["text", "github", "gitlab", "sarif", "junit", "json"])
def test_every_format_has_the_finding(files: Workspace, format: str) -> None:
    code, text = files.check("net.yaml", "--against", "other.yaml", "--format", format)
    assert code == 1
    assert "kernel_size is 3, in the source 5" in text
    assert "differs-from-source" in text
    if format == "json":
        found = json.loads(text)
        [problem] = found["problems"]
        assert (problem["line"], problem["column"], problem["severity"]) == (7, 61, "error")
        assert found["files"][0]["notes"] == ["compared with other.yaml, which has 5 layers"]
    if format == "sarif":
        [rule] = json.loads(text)["runs"][0]["tool"]["driver"]["rules"]
        assert "--against" in rule["fullDescription"]["text"]


def test_severities_and_what_fails(files: Workspace) -> None:
    files.write({".convcalc.yaml": "severity: {differs-from-source: warning}\n"})
    code, text = files.check("net.yaml", "--against", "other.yaml", "--fail-on", "error")
    assert (code, "warning[differs-from-source]" in text) == (0, True)
    files.write({".convcalc.yaml": "severity: {differs-from-source: off}\n"})
    assert files.check("net.yaml", "--against", "other.yaml")[0] == 0


def test_values_alone_are_warnings(files: Workspace) -> None:
    files.write(net=SPEC.replace("name: head", "name: classes"))
    code, text = files.check("net.yaml", "--against", "other.yaml")
    assert (code, "warning[differs-from-source] classes (linear): in the source `classes` is `head`" in text) == (
        1,
        True,
    )


def test_a_comment_ignores_a_finding_and_is_no_finding_without_a_comparison(files: Workspace) -> None:
    files.write(net=SPEC.replace("padding: 1}", "padding: 1}" + IGNORE))
    assert files.check("net.yaml", "--against", "other.yaml")[0] == 0
    assert files.check("net.yaml")[0] == 0
    assert files.check("other.yaml", "--against", "net.yaml", "--ignore", "differs-from-source")[0] == 0


def test_findings_are_accepted_by_a_comment_or_in_a_file(files: Workspace) -> None:
    code, text = files.check("net.yaml", "--against", "other.yaml", "--accept", "--accepted", "accepted.yaml")
    assert (code, "1 accepted" in text) == (0, True)
    assert "differs-from-source:\n      - stem\n" in (files / "accepted.yaml").read_text()
    assert files.check("net.yaml", "--against", "other.yaml", "--accepted", "accepted.yaml")[0] == 0
    assert files.check("net.yaml", "--accepted", "accepted.yaml")[0] == 0, "a comparison that is not made finds nothing"
    files.check("net.yaml", "--against", "other.yaml", "--accept")
    assert "padding: 1}  # convcalc: ignore[differs-from-source]\n" in (files / "net.yaml").read_text()


def test_the_configuration_names_sources_and_weights(files: Workspace) -> None:
    files.write({".convcalc.yaml": """\
against: {models/net.yaml: models/other.yaml, models/net.yaml@wide: "models/net.yaml@wide"}
weights:
  models/net.yaml: fits.safetensors
""", "models/net.yaml": SPEC, "models/other.yaml": OTHER})  # fmt: skip
    code, text = files.check("models")
    assert code == 1
    assert text.count("error[differs-from-source]") == 1
    assert "fits.safetensors (safetensors): 4 tensors, matched by name" in text
    assert "models/net.yaml: compared with models/net.yaml@wide" in text
    files.enter("models")
    assert files.check(".")[1].count("error[differs-from-source]") == 1


@pytest.mark.parametrize(("text", "message"), [
    ("against: {net.yaml: 'pytorch:net:Net'}\n", "`against` cannot name code"),
    ("against: other.yaml\n", "`against` must be a mapping"),
    ("weights: {net.yaml: 3}\n", "`net.yaml` must be text"),
])  # fmt: skip
def test_a_wrong_configuration(files: Workspace, text: str, message: str) -> None:
    files.write({".convcalc.yaml": text})
    code, printed = files.check("net.yaml")
    assert (code, message in printed) == (2, True), printed


def test_from_python(files: Workspace) -> None:
    results = convcalc.check("net.yaml", against="other.yaml", weights=Path("fits.safetensors"))
    assert [problem.rule for problem in results.problems] == ["differs-from-source"]


def test_a_comparison_runs_alone_where_it_is_selected(files: Workspace) -> None:
    files.write(net=SPEC.replace("  - relu\n", "  - relu\n  - relu\n"))
    code, text = files.check("net.yaml", "--against", "other.yaml", "--select", "differs-from-source")
    assert (code, "repeated-activation" in text) == (1, False)


@pytest.mark.parametrize("rule", ["differs-from-source", "differs-from-weights"])
def test_the_page_of_a_comparison(workspace: Workspace, rule: str) -> None:
    code, out, _ = workspace.call("rules", rule)
    assert code == 0
    assert {"Fails", "Passes"} <= set(out.splitlines())
    assert rule in workspace.call("rules").out


@pytest.mark.parametrize(("rule", "code"), [("RemoveOptionalBiasFromConv", 0), ("", 1)])
def test_a_bias_of_zeros_that_an_exporter_left_out(workspace: Workspace, rule: str, code: int) -> None:
    told = {"pkg.onnxscript.rewriter.rule_name": rule} if rule else {}
    convolution = node("Conv", "x stem.weight", "y", metadata=told)
    content = model(graph([convolution], {"x": [1, 3, 8, 8]}, "y", [Weight("stem.weight", [4, 3, 1, 1])]))
    (workspace.path / "net.onnx").write_bytes(content)
    workspace.write(net="input: [3, 8, 8]\nlayers:\n  - conv2d: {name: stem, out_channels: 4, kernel_size: 1}\n")
    found, text = workspace.check("net.yaml", "--against", "net.onnx")
    assert found == code, text
    assert ("bias is true, in the source false" in text) == bool(code)


def test_weights_in_several_files_with_a_prefix(files: Workspace) -> None:
    places: dict[str, str] = {}
    for number, layer in enumerate(("stem", "head"), start=1):
        shapes = {f"module.{name}": shape for name, shape in TENSORS.items() if name.startswith(layer)}
        places |= dict.fromkeys(shapes, f"model-0000{number}-of-00002.safetensors")
        (files.path / f"model-0000{number}-of-00002.safetensors").write_bytes(safetensors(shapes))
    (files.path / "model.safetensors.index.json").write_text(json.dumps({"weight_map": places}))
    code, text = files.check("net.yaml", "--weights", "model.safetensors.index.json")
    assert code == 0
    assert "(safetensors, 2 files): 4 tensors, matched by name, without `module.`" in text


def test_the_weights_of_one_block_belong_to_the_block_that_they_fit(workspace: Workspace) -> None:
    unit = "layers: [conv2d: {name: conv, out_channels: =width, kernel_size: 1}, relu]"
    blocks = f"blocks: {{unit: {{params: {{width: null}}, {unit}}}}}\n"
    layers = "layers: [unit: {name: first, width: 4}, unit: {name: second, width: 8}]\n"
    workspace.write(net=f"input: [3, 8, 8]\n{blocks}{layers}")
    (workspace.path / "part.safetensors").write_bytes(safetensors({"conv.weight": [8, 4, 1, 1], "conv.bias": [8]}))
    code, text = workspace.check("net.yaml", "--weights", "part.safetensors")
    assert code == 1
    assert "matched by name, as `second.`" in text
    assert "first.conv (conv2d): it has no tensors in the checkpoint" in text
    assert "second.conv" not in text
