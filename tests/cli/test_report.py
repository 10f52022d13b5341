"""`convcalc report`: where the page goes, and what it is about."""

from __future__ import annotations

import pytest

from tests.page.reading import Page
from tests.workspace import Workspace

SPEC = "input: [3, 8, 8]\nparams: {width: 4}\nlayers:\n  - conv2d: {out_channels: =width, kernel_size: 3}\n"


def test_the_page_is_printed_or_written(workspace: Workspace) -> None:
    printed = workspace.call("report", "lenet")
    assert printed.code == 0
    assert printed.out.startswith("<!DOCTYPE html>\n<html lang=")
    written = workspace.call("report", "lenet", "--output", "report.html")
    assert (written.code, written.text) == (0, "")
    assert (workspace / "report.html").read_text("utf-8") == printed.out


def test_changes_of_the_spec_are_shown(workspace: Workspace) -> None:
    workspace.write(net=SPEC)
    read = Page(workspace.call("report", "net.yaml", "--set", "width=7", "--input", "3x9x9").out)
    assert read.data.column("params") == ["196"]
    assert read.data.column("output_shape") == ["7x7x7"]
    assert ("code", "--set width=7 --input 3x9x9") in read.texts
    assert "Changed by the call" not in workspace.call("report", "net.yaml").out


def test_several_targets_are_on_one_page(workspace: Workspace) -> None:
    workspace.write(net=SPEC, other=SPEC.replace("kernel_size: 3", "kernel_size: 5"))
    read = Page(workspace.call("report", "net.yaml", "other.yaml").out)
    assert len(read.all_data) == 2
    assert "From net.yaml to other.yaml" in read.source


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["lenet#conv1"], "try `convcalc explain lenet conv1`"),
        (["-", "-"], "standard input can be read only once"),
        (["no.yaml"], "no.yaml"),
        (["lenet", "--output", "."], ". is a directory"),
        ([], "Missing argument"),
    ],
)
def test_a_wrong_call_is_refused(workspace: Workspace, arguments: list[str], message: str) -> None:
    call = workspace.call("report", *arguments)
    assert (call.code, call.out) == (2, "")
    assert message in call.err


def test_the_place_of_a_finding_is_in_a_spec_alone(workspace: Workspace) -> None:
    workspace.write(net="input: [3, 8, 8]\nlayers:\n  - conv2d: {out_channels: 4, kernel_size: 1, stride: 2}\n")
    assert "net.yaml:3:" in workspace.call("report", "net.yaml").out


def test_a_network_of_another_format_has_no_lines(workspace: Workspace) -> None:
    workspace.write(
        {"net.cfg": "[net]\nheight=9\nwidth=9\nchannels=3\n\n[convolutional]\nfilters=4\nsize=1\nstride=2\n"}
    )
    read = Page(workspace.call("report", "net.cfg").out)
    findings = read.data.raw["findings"]
    assert findings
    assert {read.data.say(finding[3]) for finding in findings} == {""}
    assert "net.cfg:" not in read.source
