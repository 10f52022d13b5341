"""The networks that the tests of `convcalc sweep` vary."""

from __future__ import annotations

import json
from typing import Any

from tests.helpers import network
from tests.workspace import Workspace

FAMILY = network(
    """
    - residual:
        name: unit
        repeat: =depth
        layers:
          - conv2d: {name: conv1, out_channels: =width, kernel_size: 3, padding: 1}
          - conv2d: {name: conv2, out_channels: 3, kernel_size: 3, padding: 1, groups: =groups}
        shortcut: [{conv2d: {name: pass, out_channels: 3, kernel_size: 1}}]
    - conv2d: {name: last, out_channels: 6, kernel_size: 3, stride: 2}
    - global_avg_pool
    - flatten
    - linear: {name: classes, out_features: 10}
    """,
    input="[3, =size, 12]",
    head="""
    params: {width: 4, depth: 1, groups: 1, size: 12}
    variants: {small: {params: {width: 2}}, large: {params: {width: 8, depth: 2}, input: [3, 16, 16]}}
    """,
)
TWO = network(
    """
    - conv2d: {name: left, from: a, out_channels: 4, kernel_size: 3, padding: 1}
    - conv2d: {name: right, from: b, out_channels: 4, kernel_size: 3, padding: 1}
    - add: {from: [left, right]}
    """,
    input="{a: [3, 8, 8], b: [2, 8, 8]}",
)
DARKNET = """\
[net]
width=32
height=32
channels=3
[convolutional]
filters=8
size=3
stride=2
pad=1
activation=leaky
[connected]
output=10
activation=linear
"""


def write_networks(workspace: Workspace) -> Workspace:
    """A workspace with `net.yaml`, `two.yaml` and `net.cfg`."""
    workspace.write({"net.cfg": DARKNET}, net=FAMILY, two=TWO)
    return workspace


def json_of(workspace: Workspace, *arguments: str) -> Any:
    call = workspace.call("sweep", *arguments, "--format", "json")
    assert call.code == 0, call.text
    return json.loads(call.out)
