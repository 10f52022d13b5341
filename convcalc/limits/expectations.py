"""Compares the figures that a spec expects with the report.

A number is exact; `{min: …, max: …}` bounds it; text such as 500k or 4MiB is a number with a unit. Shapes and
receptive fields are lists; a single number means every axis of a field.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.arith.units import parse_quantity
from convcalc.limits.figures import (
    BOUNDS,
    LEFT_OUT,
    counted,
    number,
    other_unit,
    show,
    why_not_known,
    why_unseen,
)
from convcalc.problems import Problem, nearest
from convcalc.report.figure import FIELD
from convcalc.report.figures import BY_NAME, expected_of_layers, expected_of_networks
from convcalc.report.report import Report
from convcalc.report.rows import Row
from convcalc.report.sums import status
from convcalc.text.source import Mark, Value, YamlList, YamlMapping

RULE = "expectation"
OF_LAYERS = tuple(figure.name for figure in expected_of_layers())
OF_NETWORKS = tuple(figure.name for figure in expected_of_networks())


def check_expectations(report: Report) -> list[Problem]:
    """The failed expectations of the report's spec, or of its variant, in file order."""
    expect = report.graph.expect
    return list(_ExpectationCheck(report).network(expect)) if expect is not None else []


class _ExpectationCheck:
    def __init__(self, report: Report) -> None:
        self.report = report
        self.source = report.graph.source

    def network(self, expect: YamlMapping) -> Iterator[Problem]:
        for key, wanted in expect.pairs.items():
            mark = expect.value_mark(key)
            if key == "layers" and isinstance(wanted, YamlMapping):
                yield from self.layers(wanted)
            elif key == "output_shape":
                yield from self.output_shapes(wanted, mark)
            elif key == FIELD:
                yield from self.field(wanted, mark, BY_NAME[key].of_network(self.report), "the output")
            elif key in OF_NETWORKS:
                yield from self.figure(key, wanted, mark, BY_NAME[key].of_network(self.report), "")
            else:
                yield self.unknown(expect, key, OF_NETWORKS)

    def layers(self, expect: YamlMapping) -> Iterator[Problem]:
        rows = {row.name: row for row in self.report.rows}
        for name, figures in expect.pairs.items():
            if name not in rows:
                yield self.problem(f"there is no layer `{name}`", expect.key_mark(name), nearest(name, rows))
            elif isinstance(figures, YamlMapping):
                yield from self.layer(rows[name], figures)
            else:
                yield self.problem(f"`{name}` must be a mapping of figures", expect.value_mark(name))

    def layer(self, row: Row, expect: YamlMapping) -> Iterator[Problem]:
        for key, wanted in expect.pairs.items():
            mark = expect.value_mark(key)
            if key == FIELD:
                yield from self.field(wanted, mark, row.field_size, row.name)
            elif key in OF_LAYERS:
                value = BY_NAME[key].of_layer(row)
                yield from self.figure(key, wanted, mark, list(value) if isinstance(value, tuple) else value, row.name)
            else:
                yield self.unknown(expect, key, OF_LAYERS)

    # -- one figure ----------------------------------------------------------------------------------------------

    def figure(self, key: str, wanted: Value, mark: Mark, actual: Any, subject: str) -> Iterator[Problem]:
        if BY_NAME[key].is_sum and status(actual):
            yield self.not_known(key, mark, actual, subject)
            return
        if isinstance(wanted, YamlMapping):
            yield from self.bounds(key, wanted, actual, subject)
            return
        other = other_unit(wanted, key)
        if other:
            yield self.problem(other, mark, subject=subject)
            return
        plain = [number(item, key) for item in wanted.items] if isinstance(wanted, YamlList) else number(wanted, key)
        if plain != actual:
            yield self.differs(key, show(plain), actual, mark, subject)

    def bounds(self, key: str, wanted: YamlMapping, actual: Any, subject: str) -> Iterator[Problem]:
        for bound, value in wanted.pairs.items():
            limit = number(value, key)
            mark = wanted.value_mark(bound)
            other = other_unit(value, key)
            if other:
                yield self.problem(other, mark, subject=subject)
            elif bound not in BOUNDS or not isinstance(limit, (int, float)):
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
            if isinstance(wanted, YamlMapping) and not set(wanted.pairs) <= set(BOUNDS):
                for name, value in wanted.pairs.items():
                    if name in actual:
                        yield from self.field(value, wanted.value_mark(name), actual[name], f"{subject} {name}")
                    else:
                        yield self.unknown(wanted, name, actual)
            else:
                for name, size in actual.items():
                    yield from self.field(wanted, mark, size, f"{subject} {name}")
            return
        if isinstance(wanted, YamlList) or actual is None:
            yield from self.figure(FIELD, wanted, mark, actual, subject)
            return
        for axis in actual:
            found = list(self.figure(FIELD, wanted, mark, axis, subject))
            if found:
                yield from found
                return

    def output_shapes(self, wanted: Value, mark: Mark) -> Iterator[Problem]:
        shapes = {name: list(shape) for name, shape in self.report.outputs.items()}
        if not isinstance(wanted, YamlMapping):
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

    # -- problems ------------------------------------------------------------------------------------------------

    def differs(self, key: str, wanted: str, actual: Any, mark: Mark, subject: str) -> Problem:
        change = ""
        if key == FIELD and actual is None:
            change = self.why_unseen(subject)
        expected = parse_quantity(wanted.replace(",", ""), counted(key))
        if isinstance(actual, int) and not isinstance(actual, bool) and expected is not None:
            change = f" ({actual - expected:+,})"
        return self.problem(f"{key} is {show(actual)}, expected {wanted}{change}", mark, subject=subject)

    def why_unseen(self, subject: str) -> str:
        """Why a receptive field is not known: an earlier layer has no window."""
        layer = [row for row in self.report.rows if row.name == subject]
        reason = why_unseen(self.report, *layer)
        return f" ({reason})" if reason else ""

    def not_known(self, key: str, mark: Mark, actual: int | None, subject: str) -> Problem:
        """The problem of a count, or a sum, that is unknown because of custom types."""
        rows = [row for row in self.report.rows if row.name == subject or not subject]
        return self.problem(why_not_known(key, actual, rows), mark, LEFT_OUT, subject)

    def unknown(self, expect: YamlMapping, key: str, known: Any) -> Problem:
        words = list(known)
        help = nearest(key, words) or "the figures are " + ", ".join(words)
        return self.problem(f"there is no figure `{key}`", expect.key_mark(key), help)

    def problem(self, message: str, mark: Mark, help: str = "", subject: str = "") -> Problem:
        variant = f"{self.report.variant}: " if self.report.variant else ""
        return self.source.problem(RULE, message, mark, help=help, subject=f"{variant}{subject}".rstrip(": "))
