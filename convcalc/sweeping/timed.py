"""The evaluation of one range, wherever it happens."""

from __future__ import annotations

from time import perf_counter
from typing import NamedTuple

from convcalc.bugs import reported
from convcalc.errors import SpecError, UsageError
from convcalc.sweeping.batch import Batch
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.ranges import Range


class Timed(NamedTuple):
    """A batch, and the seconds that it took."""

    batch: Batch
    seconds: float


def evaluated(evaluator: Evaluator, range: Range) -> Timed:
    """The batch of a range. A bug is raised as one that names the range."""
    start = perf_counter()
    try:
        batch = evaluator.run(*range)
    except (UsageError, SpecError, OSError):
        raise
    except Exception as error:
        raise reported(error, f"candidates {range}") from error
    return Timed(batch, perf_counter() - start)
