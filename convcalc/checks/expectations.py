"""What a spec expects of its own figures, held against the report.

A number is exact; `{min: …, max: …}` bounds it; text such as 500k or 4MiB is a number with a unit. Shapes and
receptive fields are lists, one number standing for every axis of a field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from operator import attrgetter
from typing import Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import group_digits, parse_quantity
from convcalc.problems import Problem, nearest
from convcalc.report.gaps import names_of, upstream, without_window
from convcalc.report.model import SUMMED, Report, Row
from convcalc.report.receptive_field import ReceptiveField
from convcalc.report.sums import status
from convcalc.spec.source import Mapping, Mark, Sequence, Value

RULE = "expectation"
ROW_FIGURES = (
    *SUMMED, "weights", "biases", "units", "output_elements", "output_shape", "receptive_field", "type", "tied_to",
)  # fmt: skip
BOUNDS = ("min", "max")
# Of totals that are no sum of a column, what they rest on.
BEHIND: dict[str, Callable[[Row], Any]] = {
    "activations": lambda row: row.facts.is_weighted,
    "param_bytes": lambda row: row.params,
}
NOT_TOLD = "what a custom type leaves out is unknown; an empty mapping or 0 says that there is none"
# The figures that can be unknown.
COUNTS = (*SUMMED, "weights", "biases", *BEHIND)


def check_expectations(report: Report) -> list[Problem]:
    """The expectations of the report's spec, or of its variant, that do not hold; in file order."""
    expect = report.graph.expect
    return list(_Checker(report).network(expect)) if expect is not None else []


class _Checker:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.source = report.graph.source

    def network(self, expect: Mapping) -> Iterator[Problem]:
        totals = self.report.totals.to_dict()
        for key, wanted in expect.pairs.items():
            mark = expect.value_mark(key)
            if key == "layers" and isinstance(wanted, Mapping):
                yield from self.layers(wanted)
            elif key == "output_shape":
                yield from self.output_shapes(wanted, mark)
            elif key == "receptive_field":
                yield from self.field(wanted, mark, totals[key], "the output")
            elif key in totals:
                yield from self.figure(key, wanted, mark, totals[key], "")
            else:
                yield self.unknown(expect, key, [*totals, "output_shape", "layers"])

    def layers(self, expect: Mapping) -> Iterator[Problem]:
        rows = {row.name: row for row in self.report.rows}
        for name, figures in expect.pairs.items():
            if name not in rows:
                yield self.problem(f"there is no layer `{name}`", expect.key_mark(name), nearest(name, rows))
            elif isinstance(figures, Mapping):
                yield from self.layer(rows[name], figures)
            else:
                yield self.problem(f"`{name}` must be a mapping of figures", expect.value_mark(name))

    def layer(self, row: Row, expect: Mapping) -> Iterator[Problem]:
        for key, wanted in expect.pairs.items():
            mark = expect.value_mark(key)
            if key == "receptive_field":
                found = row.receptive_field
                size = found.size if isinstance(found, ReceptiveField) else None
                if isinstance(found, dict):
                    size = {name: field and field.size for name, field in found.items()}  # type: ignore[assignment]
                yield from self.field(wanted, mark, size, row.name)
            elif key in ROW_FIGURES:
                value = getattr(row, key)
                yield from self.figure(key, wanted, mark, list(value) if isinstance(value, tuple) else value, row.name)
            else:
                yield self.unknown(expect, key, ROW_FIGURES)

    # -- one figure ----------------------------------------------------------------------------------------------

    def figure(self, key: str, wanted: Value, mark: Mark, actual: Any, subject: str) -> Iterator[Problem]:
        if key in COUNTS and status(actual):
            yield self.not_known(key, mark, actual, subject)
            return
        if isinstance(wanted, Mapping):
            yield from self.bounds(key, wanted, actual, subject)
            return
        plain = [self.number(item) for item in wanted.items] if isinstance(wanted, Sequence) else self.number(wanted)
        if plain != actual:
            yield self.differs(key, show(plain), actual, mark, subject)

    def bounds(self, key: str, wanted: Mapping, actual: Any, subject: str) -> Iterator[Problem]:
        for bound, value in wanted.pairs.items():
            limit = self.number(value)
            mark = wanted.value_mark(bound)
            if bound not in BOUNDS or not isinstance(limit, (int, float)):
                yield self.problem(
                    f"{key} takes a number, min or max", wanted.key_mark(bound), "as in {min: 28, max: 5M}"
                )
            elif not isinstance(actual, (int, float)):
                yield self.differs(key, f"{bound} {show(limit)}", actual, mark, subject)
            elif actual < limit if bound == "min" else actual > limit:
                yield self.differs(
                    key, f"at {'least' if bound == 'min' else 'most'} {show(limit)}", actual, mark, subject
                )

    def field(self, wanted: Value, mark: Mark, actual: Any, subject: str) -> Iterator[Problem]:
        """A receptive field's size: a number or bound for every axis, a list, or a mapping by output or input."""
        if isinstance(actual, dict):
            if isinstance(wanted, Mapping) and not set(wanted.pairs) <= set(BOUNDS):
                for name, value in wanted.pairs.items():
                    if name in actual:
                        yield from self.field(value, wanted.value_mark(name), actual[name], f"{subject} {name}")
                    else:
                        yield self.unknown(wanted, name, actual)
            else:
                for name, size in actual.items():
                    yield from self.field(wanted, mark, size, f"{subject} {name}")
            return
        if isinstance(wanted, Sequence) or actual is None:
            yield from self.figure("receptive_field", wanted, mark, actual, subject)
            return
        for axis in actual:
            found = list(self.figure("receptive_field", wanted, mark, axis, subject))
            if found:
                yield from found
                return

    def output_shapes(self, wanted: Value, mark: Mark) -> Iterator[Problem]:
        shapes = {name: list(shape) for name, shape in self.report.outputs.items()}
        if not isinstance(wanted, Mapping):
            if len(shapes) == 1:
                yield from self.figure("output_shape", wanted, mark, next(iter(shapes.values())), "")
            else:
                names = ", ".join(shapes)
                yield self.problem("there are several outputs", mark, f"write one shape for each: {{{names}}}")
            return
        for name, shape in wanted.pairs.items():
            if name in shapes:
                yield from self.figure("output_shape", shape, wanted.value_mark(name), shapes[name], name)
            else:
                yield self.unknown(wanted, name, shapes)

    @staticmethod
    def number(value: Value) -> Any:
        """A number with its unit read, anything else as it is."""
        if isinstance(value, str):
            quantity = parse_quantity(value)
            return value if quantity is None else quantity
        if isinstance(value, float) and value.is_integer():
            return int(value)
        return value

    # -- problems ------------------------------------------------------------------------------------------------

    def differs(self, key: str, wanted: str, actual: Any, mark: Mark, subject: str) -> Problem:
        change = ""
        if key == "receptive_field" and actual is None:
            change = self.why_unseen(subject)
        expected = parse_quantity(wanted.replace(",", ""))
        if isinstance(actual, int) and not isinstance(actual, bool) and expected is not None:
            change = f" ({actual - expected:+,})"
        return self.problem(f"{key} is {show(actual)}, expected {wanted}{change}", mark, subject=subject)

    def why_unseen(self, subject: str) -> str:
        """Why a receptive field is not known, where a layer before it gives no window."""
        report, first = self.report, len(self.report.inputs)
        outputs = [tensor - first for tensor in report.graph.outputs.values() if tensor >= first]
        layer = [row.index for row in report.rows if row.name == subject]
        reason = without_window(upstream(report, *(layer or outputs)))
        return f" ({reason})" if reason else ""

    def not_known(self, key: str, mark: Mark, actual: int | None, subject: str) -> Problem:
        """The problem of a count, or of a sum, that the custom types of some layers do not give."""
        known = "is not known" if actual is None else f"is at least {group_digits(actual)}, and not known in full"
        rows = [row for row in self.report.rows if row.name == subject or not subject]
        lacking = [row for row in rows if BEHIND.get(key, attrgetter(key))(row) is None]
        return self.problem(f"{key} {known}: no formula of {names_of(lacking)} tells it", mark, NOT_TOLD, subject)

    def unknown(self, expect: Mapping, key: str, known: Any) -> Problem:
        words = list(known)
        help = nearest(key, words) or "the figures are " + ", ".join(words)
        return self.problem(f"there is no figure `{key}`", expect.key_mark(key), help)

    def problem(self, message: str, mark: Mark, help: str = "", subject: str = "") -> Problem:
        variant = f"{self.report.variant}: " if self.report.variant else ""
        return self.source.problem(RULE, message, mark, help=help, subject=f"{variant}{subject}".rstrip(": "))


def show(value: Any) -> str:
    """A figure as people read it."""
    if value is None:
        return "unknown"
    if isinstance(value, int) and not isinstance(value, bool):
        return group_digits(value)
    if isinstance(value, list) and value and all(isinstance(item, int) for item in value):
        return format_shape(value)
    return str(value)
