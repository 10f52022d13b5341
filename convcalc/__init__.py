"""Parameter counts, shapes and receptive fields of convolutional networks, from an architecture file alone.

>>> import convcalc
>>> convcalc.analyse("lenet").totals.params
44426
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from convcalc.api import analyse, compare, difference, load, loads, zoo
    from convcalc.checking.api import check
    from convcalc.checking.results import Results
    from convcalc.errors import ConvcalcError, SpecError, UsageError
    from convcalc.network.graph import Graph
    from convcalc.problems import Problem
    from convcalc.report.comparison import Comparison
    from convcalc.report.difference import Difference
    from convcalc.report.report import Report
    from convcalc.report.rows import Row
    from convcalc.solving.api import solve
    from convcalc.solving.solution import Solution
    from convcalc.sweeping.api import sweep
    from convcalc.sweeping.sweep import Sweep, SweepRow

__version__ = "0.2.0"

# Where each public name lives; modules are imported when a name is first used, so that starting costs what is used.
_HOMES = {
    "analyse": "api", "check": "checking.api", "compare": "api", "difference": "api",
    "load": "api", "loads": "api", "zoo": "api",
    "ConvcalcError": "errors", "SpecError": "errors", "UsageError": "errors",
    "Graph": "network.graph", "Problem": "problems", "Comparison": "report.comparison",
    "Difference": "report.difference", "Results": "checking.results",
    "Report": "report.report", "Row": "report.rows",
    "solve": "solving.api", "Solution": "solving.solution",
    "sweep": "sweeping.api", "Sweep": "sweeping.sweep", "SweepRow": "sweeping.sweep",
}  # fmt: skip

__all__ = [
    "Comparison", "ConvcalcError", "Difference", "Graph", "Problem", "Report", "Results", "Row", "Solution",
    "SpecError", "Sweep", "SweepRow", "UsageError", "__version__", "analyse", "check", "compare", "difference", "load",
    "loads", "solve", "sweep", "zoo",
]  # fmt: skip


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'convcalc' has no attribute {name!r}")
    value = getattr(import_module(f"convcalc.{_HOMES[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_HOMES})
