"""A spec and a file of weights are not of the same network.

`check net.yaml --weights FILE` compares the shapes of all tensors with the parameters of the layers: each tensor needs
its layer, and each parameter its tensor. Names are matched first, then order and shapes. Prefixes such as `module.`,
the state of an optimizer and counters of batches are understood. Only names and shapes are read; nothing is run.

A checkpoint that holds only the beginning or the end of the network gives one warning. The rest is an error.

Fails:
    # --weights model.safetensors, whose stem.weight is 16x3x5x5
    input: [3, 32, 32]
    layers:
      - conv2d: {name: stem, out_channels: 16, kernel_size: 3, padding: 1}
      - relu

Passes:
    # --weights model.safetensors
    input: [3, 32, 32]
    layers:
      - conv2d: {name: stem, out_channels: 16, kernel_size: 5, padding: 2}
      - relu
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of
from convcalc.arith.wording import listed
from convcalc.drift.tensor_matching import Holder, Match, match
from convcalc.drift.tensors import Mismatch, differing, needs
from convcalc.lint.finding import Finding
from convcalc.problems import ERROR, WARNING
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.weights.checkpoint import Checkpoint

MOST_NAMES = 4  # in a message


def check(report: Report, checkpoint: Checkpoint) -> tuple[list[Finding], str]:
    """The findings in a network, and a sentence about the checkpoint."""
    rows, holders = _holders(report)
    matched = match(holders, checkpoint)
    findings = [*_in_layers(rows, holders, matched, checkpoint), *_surplus(matched)]
    missing = [
        index
        for index, holder in enumerate(holders)
        if index not in matched.found and holder.has_parameters and not _is_tied(report, rows[index])
    ]
    findings += _missing(rows, missing, _has_other_end(len(rows), missing) and not findings)
    return findings, _sentence(matched, checkpoint)


def _holders(report: Report) -> tuple[list[Row], list[Holder]]:
    """The layers that may have tensors."""
    rows, holders = [], []
    for row in report.rows:
        needed = needs(row.facts)
        if needed is None or needed:
            rows.append(row)
            holders.append(Holder(row.name, needed))
    return rows, holders


def _is_tied(report: Report, row: Row) -> bool:
    return report.graph.nodes[row.index].tied_to is not None


def _in_layers(
    rows: Sequence[Row], holders: Sequence[Holder], matched: Match, checkpoint: Checkpoint
) -> Iterator[Finding]:
    """What differs in each layer, in one finding; sizes that follow from a layer before it are not one."""
    is_changed = False
    for index, tensors in sorted(matched.found.items()):
        needed = holders[index].needs
        found = [] if needed is None else list(differing(needed, tensors, checkpoint.other_axes))
        if found and not (is_changed and all(map(_follows, found))):
            is_changed = True
            kind = ", ".join(each.kind for each in found)
            yield Finding(rows[index], "; ".join(each.message for each in found), severity=ERROR, kind=kind)


def _follows(mismatch: Mismatch) -> bool:
    """Whether a difference may follow from another number of channels before: it is in that number alone."""
    ours, theirs = mismatch.shape, mismatch.other
    if ours is None or theirs is None or len(ours) != len(theirs):
        return False
    return len(ours) == 1 or (ours[0], *ours[2:]) == (theirs[0], *theirs[2:])


def _surplus(matched: Match) -> Iterator[Finding]:
    """One finding for all tensors without a layer. Whole numbers are indices and counters of the code."""
    names = [name for name, tensor in matched.surplus.items() if not tensor.is_whole]
    if names:
        shown = [f"{name} ({format_shape(matched.surplus[name].shape)})" for name in names[:MOST_NAMES]]
        more = [f"{len(names) - MOST_NAMES} more"] if len(names) > MOST_NAMES else []
        message = f"the checkpoint has {count_of(len(names), 'tensor')} without a layer: {listed([*shown, *more])}"
        yield Finding(None, message, severity=ERROR, kind="surplus")


def _has_other_end(count: int, missing: Sequence[int]) -> bool:
    """Whether the layers that are missing are the first or the last ones, and not most of them."""
    is_beginning = list(missing) == list(range(len(missing)))
    is_end = list(missing) == list(range(count - len(missing), count))
    return (is_beginning or is_end) and 2 * len(missing) < count


def _missing(rows: Sequence[Row], missing: Sequence[int], is_part: bool) -> Iterator[Finding]:
    if is_part and missing:
        first, last = rows[missing[0]], rows[missing[-1]]
        message = "it has no tensors in the checkpoint, which holds only a part of the network"
        if len(missing) > 1:
            message = (
                f"the {len(missing)} layers to {last.name} have no tensors in the checkpoint, which holds only a part"
            )
        yield Finding(first, message, severity=WARNING, kind="part")
        return
    for index in missing:
        yield Finding(rows[index], "it has no tensors in the checkpoint", severity=ERROR, kind="missing")


def _sentence(matched: Match, checkpoint: Checkpoint) -> str:
    how = "by name" if matched.by_name else "by order and shape"
    parts = [f"{checkpoint.path} ({checkpoint.format}): {count_of(len(checkpoint.tensors), 'tensor')}, matched {how}"]
    parts += [f"without `{matched.prefix}`"] if matched.prefix else []
    parts += [f"as `{matched.block}`"] if matched.block else []
    left = checkpoint.left_out
    if left:
        more = [f"{len(left) - MOST_NAMES} more"] if len(left) > MOST_NAMES else []
        parts.append(f"not read: {listed([*left[:MOST_NAMES], *more])}")
    return ", ".join(parts)
