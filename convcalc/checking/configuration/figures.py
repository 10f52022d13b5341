"""The kinds of configuration values with figures: budgets, as in `expect`, and growth."""

from __future__ import annotations

from dataclasses import dataclass

from convcalc.arith.units import quantity_pattern
from convcalc.checking.configuration.kinds import FileContext, NamedKind, Paths, Table, WordList
from convcalc.checking.configuration.patterns import WILDCARDS, Patterns
from convcalc.checking.configuration.rules import OptionsOfRules, Rules, Severities
from convcalc.errors import UsageError
from convcalc.limits.figures import BOUNDS, LAYER_NUMBERS, TOTALS, counted
from convcalc.limits.growth import Growth, growth
from convcalc.limits.limit import EXACT, Limit, how_to_write, quantity, why_no_number
from convcalc.schema.fragments import Schema, reference
from convcalc.text.source import Mark, Value, YamlMapping


class Bounds:
    """The limits of a figure, as in `expect`: an exact number, or `min`, `max` or both."""

    def __init__(self, figure: str) -> None:
        self.figure = figure

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> list[Limit] | None:
        if not isinstance(value, YamlMapping):
            return self.limit(EXACT, value, mark, context)
        if not value.pairs:
            context.wrong_value(f"{what} has no bound", mark, f"write {{max: …}}; {how_to_write(self.figure)}")
        found: list[Limit] = []
        for side, number in value.pairs.items():
            if side in BOUNDS:
                found += self.limit(side, number, value.value_mark(side), context)
            else:
                context.unknown(what, side, BOUNDS, value.key_mark(side))
        return found

    def limit(self, side: str, value: Value, mark: Mark, context: FileContext) -> list[Limit]:
        number = quantity(value, self.figure)
        if number is None:
            context.wrong_value(why_no_number(value, self.figure), mark, how_to_write(self.figure))
            return []
        return [Limit("", self.figure, side, number, f"that of {context.place(mark)}")]

    def schema(self) -> Schema:
        return reference(counted(self.figure))

    def definition(self) -> Schema:
        number = {
            "anyOf": [
                {"type": "integer", "minimum": 0},
                {"type": "string", "pattern": quantity_pattern(counted(self.figure))},
            ]
        }
        sides = {"type": "object", "properties": dict.fromkeys(BOUNDS, number), "additionalProperties": False}
        return {"anyOf": [*number["anyOf"], {**sides, "minProperties": 1}]}


class Layers:
    """The limits of layers: by full name or pattern, the limits of figures."""

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> list[Limit] | None:
        if not isinstance(value, YamlMapping) or value.pairs.keys() <= set(BOUNDS):
            return Bounds("layers").read(value, mark, what, context)
        found: list[Limit] = []
        table = Table({figure: (Bounds(figure), "") for figure in LAYER_NUMBERS})
        for name, figures in value.pairs.items():
            whose = f"`{name}` of {what}"
            for limits in (table.read(figures, value.value_mark(name), whose, context) or {}).values():
                for limit in limits:
                    limit.layer = name
                    found.append(limit)
        return found

    def schema(self) -> Schema:
        return reference("layer_figures")

    def definition(self) -> Schema:
        figures = Table({figure: (Bounds(figure), "") for figure in LAYER_NUMBERS}).schema()
        return {"anyOf": [Bounds("layers").schema(), {"type": "object", "additionalProperties": figures}]}


@dataclass(slots=True, eq=False)
class Budget:
    """Some limits, with the paths of their files."""

    paths: Patterns | None
    limits: list[Limit]


class BudgetTable:
    """A table of budgets: figures as in `expect`, with their paths and variants."""

    def __init__(self) -> None:
        self.table = Table(
            {
                "paths": (Paths(must_exist=True), "The files of this budget; by default all."),
                "variants": (
                    WordList(),
                    "The variants of this budget, as patterns; by default the file and all variants.",
                ),
                **{name: (Bounds(name), "") for name in TOTALS if name != "layers"},
                "layers": (Layers(), "How many layers, or the figures of layers by full name or pattern."),
            }
        )

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> Budget | None:
        read = self.table.read(value, mark, what, context)
        if read is None:
            return None
        limits = [limit for name, found in read.items() if name in TOTALS for limit in found]
        assert isinstance(value, YamlMapping)
        if value.pairs.keys() <= {"paths", "variants"}:
            context.wrong_value("a budget without a figure", mark, "as in `params: {max: 5M}`")
        paths: Patterns | None = read.get("paths")
        for limit in limits:
            limit.variants = tuple(name for name, _ in read.get("variants", ()))
            limit.for_file = (
                paths is not None and paths.is_one_file and not limit.variants and not WILDCARDS.search(limit.layer)
            )
        return Budget(paths, limits)

    def schema(self) -> Schema:
        return reference("budget")

    def definition(self) -> Schema:
        return self.table.schema()


class Amount:
    """The growth that a figure may have: a number, or per cent."""

    def __init__(self, figure: str) -> None:
        self.figure = figure

    def read(self, value: Value, mark: Mark, what: str, context: FileContext) -> Growth | None:
        try:
            return growth(self.figure, value, f"that of {context.place(mark)}")
        except UsageError as error:
            context.wrong_value(why_no_number(value, self.figure), mark, error.help)
            return None

    def schema(self) -> Schema:
        return reference("amount")

    def definition(self) -> Schema:
        return {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "string", "pattern": r"^\s*\d+(\.\d+)?"}]}


# The schema of each of these kinds is defined once, under a name to which other kinds refer.
DEFINED: dict[str, NamedKind] = {
    "words": WordList(),
    "rules": Rules(),
    "severities": Severities(),
    "options": OptionsOfRules(),
    **{counted(figure): Bounds(figure) for figure in (*TOTALS, *LAYER_NUMBERS)},
    "layer_figures": Layers(),
    "budget": BudgetTable(),
    "amount": Amount("params"),
}
