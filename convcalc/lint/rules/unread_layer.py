"""A layer that nobody reads and that is no output.

Its outputs are computed for nobody, and the parameters of the branch that ends in it are counted, stored and never
trained: the loss does not depend on them. Most often the next layer lacks a `from`, or `outputs` a name.

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

from convcalc.lint.network import Finding, Network, Step


def check(network: Network) -> Iterator[Finding]:
    ends = [step for step in network.steps if not step.readers and step not in network.outputs]
    if not ends:
        return
    dead: set[Step] = set()
    for step in reversed(network.steps):
        if step not in network.outputs and dead.issuperset(step.readers):
            dead.add(step)
    used = {step.node.tied_to for step in network.steps if step not in dead}
    for end in ends:
        branch = _branch(end, dead)
        # Parameters that a living layer is tied to are not lost.
        params = sum(step.row.params or 0 for step in branch if step.index not in used)
        lost = f" with {params:,} parameters" if params else ""
        leads = f"{len(branch):,} layers{lost} lead" if len(branch) > 1 else f"a layer{lost} leads"
        yield Finding(
            end,
            f"no layer reads it, and it is no output: {leads} nowhere",
            help="read it with `from`, name it under `outputs`, or remove it",
        )


def _branch(end: Step, dead: set[Step]) -> list[Step]:
    """The layers that lead to this one and to no living one; each is told once, with the first end."""
    branch, waiting = [], [end]
    while waiting:
        step = waiting.pop()
        if step in dead:
            dead.discard(step)
            branch.append(step)
            waiting += [read for read in step.reads if read is not None]
    return branch
