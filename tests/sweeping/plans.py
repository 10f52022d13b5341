"""Plans of small sweeps, and what they give in one process."""

from __future__ import annotations

from convcalc.sweeping.batch import Batch, Row
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.runner import Run, run
from convcalc.sweeping.texts import SpecText

NET = """\
params: {width: 8, kernel: 3}
input: [3, 12, 12]
layers:
  - conv2d: {name: first, out_channels: =width, kernel_size: =kernel}
  - max_pool2d: {name: pool, kernel_size: 2}
  - flatten
  - linear: {name: last, out_features: 10}
"""


def plan(
    *axes: str,
    text: str = NET,
    columns: tuple[str, ...] = ("params", "macs"),
    where: tuple[str, ...] = (),
    sample: int | None = None,
) -> Plan:
    """The sweep of a small network; by default of 96 candidates, of which some do not build."""
    return Plan(
        "net.yaml", (SpecText("net.yaml", text),), axes or ("width=1..8", "kernel=1..12"), columns,
        where=where, sample=sample,
    )  # fmt: skip


def alone(plan: Plan) -> Batch:
    """The results of all candidates, evaluated at once, without a runner."""
    evaluator = Evaluator(plan)
    return evaluator.run(0, evaluator.size)


def rows_of(plan: Plan, **how: object) -> list[Row]:
    """The rows of a run."""
    return list(run(plan, **how))  # type: ignore[arg-type]  # each test gives options of `run`


def finished(plan: Plan, **how: object) -> tuple[Run, list[Row]]:
    """A run that is over, and its rows."""
    started = run(plan, **how)  # type: ignore[arg-type]  # as above
    return started, list(started)
