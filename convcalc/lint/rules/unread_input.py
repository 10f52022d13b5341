"""An input of the network that no layer reads.

The figures do not depend on it. Most often the first layer of its branch has no `from`, or names another input.

Fails:
    input: {image: [3, 32, 32], mask: [1, 32, 32]}
    layers:
      - conv2d: {from: image, out_channels: 16, kernel_size: 3}

Passes:
    input: {image: [3, 32, 32], mask: [1, 32, 32]}
    layers:
      - concat: {from: [image, mask]}
      - conv2d: {out_channels: 16, kernel_size: 3}
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network


def check(network: Network) -> Iterator[Finding]:
    graph = network.graph
    read = {tensor for node in graph.nodes for tensor in node.reads} | set(graph.outputs.values())
    for tensor, name in enumerate(graph.inputs):
        if tensor not in read and name not in _sizes_read(network):
            yield Finding(
                None,
                f"no layer reads the input `{name}`",
                mark=graph.input_marks[name],
                help=f"read it with `from: {name}`, or remove it",
            )


def _sizes_read(network: Network) -> set[object]:
    """The names whose size alone a layer takes, with `like`."""
    nodes = network.graph.nodes
    return {node.entry.get(key) for node in nodes for key in node.layer.like_parameters if node.entry.has(key)}
