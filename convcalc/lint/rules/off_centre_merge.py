"""Merged branches whose positions look at different places of the image.

A merge combines the values at one position of each branch. Where one branch is padded differently, its values belong to
a neighbouring place, and edges appear twice. The rule reports branches of equal stride that another padding would
align, or that are at least one step of the map apart. It does not report causal branches over time, which all end at
the same moment.

Fails:
    input: [3, 32, 32]
    layers:
      - residual:
          layers:
            - conv2d: {out_channels: 8, kernel_size: 3, stride: 2, padding: same}
          shortcut:
            - conv2d: {out_channels: 8, kernel_size: 1, stride: 2}

Passes:
    input: [3, 32, 32]
    layers:
      - residual:
          layers:
            - conv2d: {out_channels: 8, kernel_size: 3, stride: 2, padding: 1}
          shortcut:
            - conv2d: {out_channels: 8, kernel_size: 1, stride: 2}

Source:
    Araujo, Norris and Sim, Computing receptive fields of convolutional neural networks, Distill 2019.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcalc.analysis.alignment import Merge, misaligned
from convcalc.analysis.axis_field import AxisField
from convcalc.analysis.receptive_field import Field
from convcalc.arith.wording import listed
from convcalc.layers.custom import CustomLayer
from convcalc.layers.merge import Concatenation, Elementwise, Subtraction
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.field_alignment import aligning_padding, branch_in_words
from convcalc.report.rows import Row

MERGES = (Elementwise, Subtraction, Concatenation, CustomLayer)
# The layers that the rule visits in all, about: each misaligned merge needs some walks over the network.
MAX_VISITED = 40_000


def check(network: Network) -> Iterator[Finding]:
    merges = [row for row in network.of(*MERGES) if len(network.reads(row)) > 1]
    reported: set[str] = set()
    analysis = network.report.analysis
    for start, (fields, walk) in enumerate(zip(analysis.fields.values(), analysis.walks.values())):
        if not any(_may_be_misaligned(network, row, start, fields) for row in merges):
            continue
        by_name = {row.name: row for row in merges}
        targets = _targets(network, merges, fields)
        for merge in (merge for target in targets for merge in misaligned(walk, target)):
            row = by_name.get(merge.layer)
            if row is None or row.name in reported or not _is_misaligned(merge):
                continue
            if not _is_causal(network, row, start, fields):
                reported.add(row.name)
                yield _finding(row, merge)


def _targets(network: Network, merges: Sequence[Row], fields: Sequence[Field | None]) -> list[int]:
    """The last tensors to examine: the outputs or, with many misaligned merges, the last merge within the limit."""
    off = [row for row in merges if (field := fields[row.index]) is not None and field.aligned is False]
    bound = max(MAX_VISITED // len(network.rows), 1)
    if len(off) <= bound:
        return list(network.graph.outputs.values())
    return [network.graph.tensor_of(off[bound - 1].index)]


def _finding(row: Row, merge: Merge) -> Finding:
    help = aligning_padding(merge.changes) if merge.changes else "pad or crop the branches in the same way"
    branches = listed([branch_in_words(branch) for branch in merge.branches])
    return Finding(row, f"its branches look at different places: {branches}", help=help)


def _may_be_misaligned(network: Network, row: Row, start: int, fields: Sequence[Field | None]) -> bool:
    """Whether a merge may lose the alignment of branches with equal strides: a quick test before the exact one."""
    field = fields[row.index]
    if field is None or field.aligned is not False:
        return False
    for read in network.reads(row):
        branch = None if read is None else fields[read.index]
        if branch is not None and not (branch.aligned and all(map(_is_steady, branch.axes))):
            return False
    return not _is_causal(network, row, start, fields)


def _is_causal(network: Network, row: Row, start: int, fields: Sequence[Field | None]) -> bool:
    """Whether branches over time all see up to the same moment; how far each sees into the past does not matter."""
    if len(row.output_shape) != 2:
        return False
    ends = set()
    for tensor, read in zip(network.node(row).reads, network.reads(row)):
        branch = None if read is None else fields[read.index]
        if branch is not None:
            ends.add(tuple(map(_end, branch.axes)))
        elif tensor == start:
            ends.add((0,))
    return len(ends) == 1


def _end(axis: AxisField | None) -> int | None:
    """The last position that the first unit sees."""
    box = None if axis is None else axis.unclipped(0)
    return None if box is None else box[1]


def _is_steady(axis: AxisField | None) -> bool:
    return axis is not None and all(track.period == 1 for track in axis.local)


def _is_misaligned(merge: Merge) -> bool:
    placed = [branch for branch in merge.branches if any(branch.stride)]
    if len({branch.stride for branch in placed}) > 1 or not all(branch.steady for branch in placed):
        return False
    if merge.changes:
        return True
    for axis, stride in enumerate(placed[0].stride if placed else ()):
        centres = [centre for branch in placed if (centre := branch.centre[axis]) is not None]
        if stride and centres and max(centres) - min(centres) >= stride:
            return True
    return False
