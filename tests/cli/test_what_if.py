"""--set LAYER.KEY and --keep-size, as they are called."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.foreign import DIGITS
from tests.helpers import network
from tests.workspace import Workspace

NET = network(
    """
    - residual:
        layers:
          - conv2d: {name: a, out_channels: 3, kernel_size: 3, padding: 1}
          - conv2d: {name: b, out_channels: 3, kernel_size: 3, padding: 1}
    - conv2d: {name: last, out_channels: 1, kernel_size: 3}
    """
)
SET = ("--set", "?.kernel_size=5", "--keep-size")
NOTES = ["note: --set ?.kernel_size=5 changes 2 layers of net.yaml", "note: --keep-size sets padding 2 in 2 layers"]
CALLS = [["count"], ["compare"], ["draw"], ["explain", "a"], ["field", "last"], ["sizes", "--range", "5:20"]]


@pytest.mark.parametrize("call", CALLS, ids=[call[0] for call in CALLS])
def test_every_command_says_what_it_changes(call: list[str], workspace: Workspace) -> None:
    workspace.write(net=NET)
    name, *more = call
    called = workspace.call(name, "net.yaml", *more, *SET)
    assert called.code == 0
    assert called.err.splitlines() == NOTES
    assert "note:" not in called.out


def test_a_difference_changes_both_networks(workspace: Workspace) -> None:
    workspace.write(net=NET, other=NET.replace("last", "end"))
    called = workspace.call("diff", "net.yaml", "other.yaml", *SET)
    assert called.code == 0
    assert called.err.splitlines() == [*NOTES, NOTES[0].replace("net", "other"), NOTES[1]]


def test_json_has_the_changed_values(workspace: Workspace) -> None:
    workspace.write(net=NET)
    report = json.loads(workspace.call("count", "net.yaml", *SET, "--format", "json").out)
    assert report["changed"] == [
        {"layer": layer, "key": key, "value": value, "by": by} for layer in ("a", "b")
        for key, value, by in (("kernel_size", 5, "?.kernel_size=5"), ("padding", 2, "keep_size"))
    ]  # fmt: skip


CHANGED = [{"layer": "last", "key": "bias", "value": False, "by": "last.bias=false"}]
# A command, and where its JSON has the changed values.
JSON: dict[str, list[list[Any]]] = {
    "count net.yaml other.yaml": [[0, "changed"], [1, "changed"]],
    "compare net.yaml": [["changed"]],
    "compare net.yaml other.yaml": [["changed", "net.yaml"], ["changed", "other.yaml"]],
    "compare net.yaml --layer last": [["changed", "net.yaml"]],
    "diff net.yaml other.yaml": [["old", "changed"], ["new", "changed"]],
    "explain net.yaml last": [["changed"]],
    "field net.yaml last": [["changed"]],
    "sizes net.yaml --range 5:9": [["changed"]],
}


@pytest.mark.parametrize("call", JSON)
def test_json_of_every_command_has_them(call: str, workspace: Workspace) -> None:
    workspace.write(net=NET, other=NET)
    data = json.loads(workspace.call(*call.split(), "--set", "last.bias=false", "--format", "json").out)
    for path in JSON[call]:
        found = data
        for key in path:
            found = found[key]
        assert found == CHANGED
    assert '"changed":' not in workspace.call(*call.split(), "--format", "json").out


def test_a_network_of_another_format(workspace: Workspace) -> None:
    called = workspace.call(
        "count", str(DIGITS), "--set", "blocks.*.conv.kernel_size=5", "--keep-size", "--format", "csv"
    )
    assert called.code == 0
    assert "changes 3 layers of" in called.err


def test_a_change_that_breaks_the_network(workspace: Workspace) -> None:
    workspace.write(net=NET)
    called = workspace.call("count", "net.yaml", "--set", "b.kernel_size=5")
    assert called.code == 2
    assert "with padding 2, or --keep-size, it stays 3x8x8" in called.err
    assert "conv1.out" in workspace.call("count", "net.yaml", "--set", "out=5").err


def test_without_a_change_the_padding_stays(workspace: Workspace) -> None:
    workspace.write(net=NET)
    plain, kept = workspace.call("count", "net.yaml"), workspace.call("count", "net.yaml", "--keep-size")
    assert kept.out == plain.out
    assert kept.err == "note: --keep-size changes no padding\n"
    assert not plain.err


def test_a_layer_that_is_not_there_at_every_size(workspace: Workspace) -> None:
    workspace.write(
        net=network(
            """
            - conv2d: {name: a, out_channels: 1, kernel_size: 3, when: =in_height > 6}
            - conv2d: {name: b, out_channels: 1, kernel_size: 3}
            """
        )
    )
    sizes = json.loads(
        workspace.call("sizes", "net.yaml", "--set", "a.bias=false", "--range", "5:9", "--format", "json").out
    )
    assert sizes["works_from"] == 5
