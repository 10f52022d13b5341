"""Channels or features of a layer that are cut off and read by no layer.

Where `chunk`, `split`, `slice` or `select` takes a part of what a layer has computed, another one should take the rest.
Channels that no layer reads are computed for nothing, and their weights are never trained. Most often two entries take
the same part, or one of them is missing. Positions, such as tokens or rows, are cut off on purpose, and not reported.

Fails:
    input: [16, 32, 32]
    layers:
      - conv2d: {name: both, out_channels: 64, kernel_size: 3, padding: 1}
      - chunk: {name: values, from: both, chunks: 2, index: 0}
      - chunk: {name: gates, from: both, chunks: 2, index: 0}
      - sigmoid
      - mul: {from: [values, previous]}

Passes:
    input: [16, 32, 32]
    layers:
      - conv2d: {name: both, out_channels: 64, kernel_size: 3, padding: 1}
      - chunk: {name: values, from: both, chunks: 2, index: 0}
      - chunk: {name: gates, from: both, chunks: 2, index: 1}
      - sigmoid
      - mul: {from: [values, previous]}
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.arith.shape import Shape
from convcalc.layers.selecting import IndexSelect, Select, Split
from convcalc.layers.slicing import Chunk, Slice
from convcalc.lint.axis_roles import made_axis
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.lint.unread_positions import Unread
from convcalc.report.rows import Row

CUTS = (Slice, Chunk, Split, Select, IndexSelect)
# The keys that say which places a layer takes.
KEYS = ("index", "indices", "stop", "start")
MAX_RUNS = 4  # in a message


def check(network: Network) -> Iterator[Finding]:
    unread, reported = Unread(network), set[int]()
    for row in reversed(network.of(*CUTS)):
        tensor, layer = network.node(row).reads[0], row.facts.layer
        shape = row.input_shapes[0]
        axis = layer.config()["axis"] % len(shape)
        source = None if tensor in reported else _source(network, row, axis)
        if source is None:
            continue
        places = unread.places(row, 0, axis)
        if places:
            reported.add(tensor)
            yield Finding(
                row,
                f"no layer reads {len(places):,} of the {shape[axis]:,} {_word(axis, shape)} that {source.name}"
                f" ({source.type}) gives: {_in_runs(places)}",
                at=next((key for key in KEYS if network.entry(row).has(key)), ""),
                help=f"read these too; or, if they are not needed, let it give {shape[axis] - len(places):,}",
            )


def _source(network: Network, row: Row, axis: int) -> Row | None:
    """The layer that computes the features along an axis of what a row reads; None where others read them as well."""
    source = network.reads(row)[0]
    while source is not None and made_axis(source.facts.layer, len(source.output_shape)) != axis:
        reads = network.reads(source)
        keeps = len(reads) == 1 and source.facts.flow[0] is None
        before = reads[0] if keeps else None
        is_alone = before is not None and before not in network.outputs and len(network.readers(before)) == 1
        source = before if is_alone else None
    return source


def _word(axis: int, shape: Shape) -> str:
    return "features" if len(shape) == 1 or axis else "channels"


def _in_runs(places: list[int]) -> str:
    """Places as text, neighbours together; the first few of many.

    >>> _in_runs([0, 1, 2, 8])
    '0 to 2, 8'
    """
    runs: list[list[int]] = []
    for place in places:
        if runs and runs[-1][1] + 1 == place:
            runs[-1][1] = place
        else:
            runs.append([place, place])
    words = [str(first) if first == last else f"{first} to {last}" for first, last in runs[:MAX_RUNS]]
    return ", ".join(words) + (", …" if len(runs) > MAX_RUNS else "")
