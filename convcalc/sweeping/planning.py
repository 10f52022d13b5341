"""Makes the plan of a sweep from what a call gives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import perf_counter

from convcalc import api, bounds
from convcalc.arith.units import count_of
from convcalc.errors import UsageError
from convcalc.language.overrides import Overrides
from convcalc.report.figures import BY_NAME
from convcalc.sweeping.axes import keys_of
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.formulas import name_of_column, parse_formula
from convcalc.sweeping.inputs import is_of_input
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.readings import read_with_each_input
from convcalc.sweeping.selection import ALL_ROWS, Selection
from convcalc.sweeping.texts import texts_of
from convcalc.targets.target import Target

DEFAULT_COLUMNS = ("params", "macs", "output_shape")
NSGA2 = "nsga2"
BUDGET = 2000  # candidates of a search
TIMED = 20  # candidates that are built to measure the rate
SAMPLE = 10_000  # the size of a sample that a message proposes
_UNITS = (("year", 365 * 86_400), ("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1))


def make_plan(
    target: Target,
    axes: Sequence[str],
    *,
    columns: Sequence[str] | None = None,
    selection: Selection = ALL_ROWS,
    settings: Sequence[str] = (),
    input: str | None = None,
    sharing: str | None = None,
    keep_size: bool = False,
    where: Sequence[str] = (),
    sample: int | None = None,
    seed: int = 0,
    search: str | None = None,
    budget: int | None = None,
    python: str | None = None,
) -> Plan:
    """The plan of a sweep of a target.

    Without `columns` it has the usual figures, and those of the network that conditions and the selection read. Raises
    UsageError and SpecError.
    """
    if not axes:
        raise UsageError("nothing varies", "write --vary KEY=VALUES, as in --vary width=16,32,64")
    if target.layer is not None:
        raise UsageError("a sweep takes whole networks", f"leave out #{target.layer}")
    keys = keys_of(axes)
    if target.foreign is not None:
        api.load_target(target, Overrides())  # raises where the spec differs from what it was made from
        input = None  # it was read with this input
    plan = Plan(target.label, texts_of(target.source), tuple(axes), (), target.variant, tuple(settings), input, sharing,
                keep_size, tuple(where), sample, seed, *_searched(search, budget, sample, selection))  # fmt: skip
    plan = replace(plan, columns=tuple(_columns(columns, selection, where, keys)))
    if target.foreign is None or not any(map(is_of_input, keys)):
        return plan
    return replace(plan, readings=read_with_each_input(plan, python))


def _searched(
    search: str | None, budget: int | None, sample: int | None, selection: Selection
) -> tuple[tuple[str, ...], int | None]:
    """The figures that a search improves, and how many candidates it builds. Raises UsageError."""
    if search is None:
        if budget is not None:
            raise UsageError("--budget is of a search", "add --search nsga2, or write --sample for a random sample")
        return (), None
    if search != NSGA2:
        raise UsageError(f"there is no search `{search}`", f"use {NSGA2}")
    if sample is not None:
        raise UsageError(
            "--search and --sample contradict each other", "--budget says how many networks a search builds"
        )
    if not selection.objectives:
        raise UsageError("a search needs figures to improve", "add --pareto params,-receptive_field, or --sort params")
    return tuple(map(str, selection.objectives)), BUDGET if budget is None else budget


def _columns(
    columns: Sequence[str] | None, selection: Selection, where: Sequence[str], keys: Sequence[str]
) -> Iterable[str]:
    """The columns of the plan, each once: those that are shown come first."""
    shown = [name_of_column(text, keys) for text in (DEFAULT_COLUMNS if columns is None else columns)]
    read: set[str] = set()
    if columns is None:
        quantities = [each for text in where for each in parse_formula(text, keys).quantities.values()]
        read = {quantity.name for quantity in quantities if quantity.is_total}
    return dict.fromkeys([*shown, *selection.columns, *[name for name in BY_NAME if name in read]])


def check_columns(selection: Selection, plan: Plan) -> None:
    """Raise UsageError where a selection reads a figure that the rows of a plan do not have."""
    for name in selection.columns:
        if name not in plan.columns:
            raise UsageError(f"the rows have no `{name}`", f"their figures are {', '.join(plan.columns)}")


def check_plan(evaluator: Evaluator, *, parts: int = 1) -> None:
    """Raise UsageError where a call is wrong, or asks for more candidates than can be built. `parts` share the work."""
    evaluator.check()
    wanted = evaluator.plan.budget or evaluator.size // parts
    if wanted <= bounds.MAX_CANDIDATES:
        return
    start = perf_counter()
    evaluator.run(0, TIMED)
    rate = TIMED / max(perf_counter() - start, 1e-9)
    seconds = int((evaluator.plan.budget or evaluator.size) / rate)
    message = f"{evaluator.size:,} candidates: at {rate:,.0f} a second one core takes {duration(seconds)}"
    help = f"--sample {SAMPLE} builds so many from all parts of the space, --search {NSGA2} looks for the best of it"
    raise UsageError(message, f"{help}; {bounds.how_to_raise('MAX_CANDIDATES')}")


def duration(seconds: int) -> str:
    """
    >>> duration(5400), duration(59), duration(10**11)
    ('1 hour 30 minutes', '59 seconds', '3,170 years')
    """
    found: list[str] = []
    for word, size in _UNITS:
        number, seconds = divmod(seconds, size)
        if number or (word == "second" and not found):
            found.append(count_of(number, word))
        if len(found) == 2 or (found and number >= 100):
            break
        if found and not number:
            break
    return " ".join(found)
