"""`convcalc export`: the formats by name and by ending, and calls that mean nothing."""

from __future__ import annotations

import pytest

from tests.workspace import Workspace, finished, python

NET = "input: [4, 8, 8]\nparams: {width: 8}\nlayers:\n  - conv2d: {name: c, out_channels: =width, kernel_size: 3}\n"


@pytest.mark.parametrize(
    ("name", "starts"),
    [("net.py", "import torch"), ("net.mmd", "flowchart TD"), ("net.dot", "digraph "), ("net.yaml", "#")],
)
def test_the_ending_of_a_file_chooses_the_format(workspace: Workspace, name: str, starts: str) -> None:
    assert workspace.call("export", "lenet", "-o", name).text == ""
    assert (workspace / name).read_text(encoding="utf-8").startswith(starts)


def test_changes_are_applied_and_said(workspace: Workspace) -> None:
    workspace.write(net=NET)
    assert "nn.Conv2d(4, 16, 3)" in workspace.call("export", "net.yaml", "--set", "width=16").out
    called = workspace.call("export", "net.yaml", "--set", "c.kernel_size=5", "--to", "spec", "--flat")
    assert "kernel_size: 5" in called.out
    assert called.err == "note: --set c.kernel_size=5 changes 1 layer of net.yaml\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lenet", "--depth", "2"], "--depth is for diagrams, and pytorch is none"),
        (["lenet", "--to", "dot", "--flat"], "--flat is for specs, and dot is none"),
        (["resnet50", "--to", "spec"], "does not have the variant resnet50"),
        (["lenet", "--input", "1x32x32", "--to", "spec"], "does not have what the call changes"),
        (["pointnet"], "a type of the spec's own has figures, and no computation"),
        (["lenet", "--to", "tensorflow"], "'tensorflow' is not one of"),
    ],
)
def test_what_cannot_be_exported_is_said(workspace: Workspace, arguments: list[str], message: str) -> None:
    called = workspace.call("export", *arguments)
    assert called.code == 2
    assert message in called.err
    assert called.out == ""


@pytest.mark.slow
def test_no_other_command_loads_the_exporters() -> None:
    code = "import sys; from convcalc.cli.main import run; run(['count', 'lenet']);" \
           "sys.exit(any(name.startswith('convcalc.exporters') for name in sys.modules))"  # fmt: skip
    assert finished(python(code)).returncode == 0
