"""A layer that no other layer reads and that is not an output.

The loss does not depend on it: the parameters of its branch are counted and stored, but never trained. Most often the
next layer has no `from`, or the layer is missing in `outputs`.

Fails:
    input: [3, 32, 32]
    layers:
      - conv2d: {name: stem, out_channels: 16, kernel_size: 3, padding: 1}
      - conv2d: {name: wide, out_channels: 16, kernel_size: 5, padding: 2}
      - conv2d: {name: narrow, from: stem, out_channels: 16, kernel_size: 3, padding: 1}

Passes:
    input: [3, 32, 32]
    layers:
      - conv2d: {name: stem, out_channels: 16, kernel_size: 3, padding: 1}
      - conv2d: {name: wide, out_channels: 16, kernel_size: 5, padding: 2}
      - conv2d: {name: narrow, from: stem, out_channels: 16, kernel_size: 3, padding: 1}
      - add: {from: [wide, narrow]}
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row


def check(network: Network) -> Iterator[Finding]:
    ends = [row for row in network.rows if not network.readers(row) and row not in network.outputs]
    if not ends:
        return
    dead: set[Row] = set()
    for row in reversed(network.rows):
        if row not in network.outputs and dead.issuperset(network.readers(row)):
            dead.add(row)
    used = {network.node(row).tied_to for row in network.rows if row not in dead}
    for end in ends:
        branch = _branch(network, end, dead)
        # Parameters that a layer of the network uses are not lost.
        params = sum(row.params or 0 for row in branch if row.index not in used)
        lost = f" with {params:,} parameters" if params else ""
        leads = f"{len(branch):,} layers{lost} lead" if len(branch) > 1 else f"a layer{lost} leads"
        yield Finding(
            end,
            f"no layer reads it, and it is not an output: {leads} nowhere",
            help="read it with `from`, name it under `outputs`, or remove it",
        )


def _branch(network: Network, end: Row, dead: set[Row]) -> list[Row]:
    """The layers that lead only to this one; a layer that leads to several unread layers counts with the first."""
    branch, waiting = [], [end]
    while waiting:
        row = waiting.pop()
        if row in dead:
            dead.discard(row)
            branch.append(row)
            waiting += [read for read in network.reads(row) if read is not None]
    return branch
