"""From raw values to plain ones: expressions are evaluated."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape, format_shape, named_sizes
from convcalc.language.expression_errors import ExpressionError, UnknownValue
from convcalc.text.collector import Problems
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping


class _Unknown:
    def __repr__(self) -> str:
        return "unknown"


# The value of a param that is wrong. What reads it is not evaluated, and not reported a second time.
UNKNOWN: Any = _Unknown()


def names_in(expression: Expression) -> set[str]:
    """The names that an expression reads."""
    from convcalc.language import expressions  # a spec without expressions does not load their parser

    return expressions.names_in(expression)


class Reported(Exception):
    """A value or an entry that is wrong and has been reported."""


def shape_names(shape: Shape) -> dict[str, int]:
    """What expressions may read of an entry's first input."""
    return named_sizes(shape, "in")


def with_values(expression: Expression, error: ExpressionError, read: dict[str, Any]) -> str:
    """The message of an expression that fails: its text, why, and the values of the names that it read."""
    values = ", ".join(f"{name} = {value}" for name, value in read.items())
    return f"={expression.text}: {error}" + (f" (with {values})" if values else "")


class Values:
    """Evaluates raw values against names and the shape of an entry's first input; reports to `problems`."""

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def plain(
        self,
        raw: Value,
        mark: Mark,
        names: dict[str, Any],
        shape: Shape | None = None,
        *,
        has_input: bool = True,
        subject: str = "",
        trail: tuple[str, ...] = (),
    ) -> Any:
        """The plain value. Raises Reported when an expression is wrong, UnknownValue when it reads what is unknown."""
        kind = type(raw)
        if kind is Expression:
            return self._evaluate(raw, mark, names, shape, has_input, subject, trail)  # type: ignore[arg-type]
        if kind is YamlList:
            assert isinstance(raw, YamlList)
            items: list[Any] = []
            failed: Exception | None = None
            for item, place in zip(raw.items, raw.marks):
                try:
                    if type(item) in (Expression, YamlList, YamlMapping):
                        item = self.plain(item, place, names, shape, has_input=has_input, subject=subject, trail=trail)
                    items.append(item)
                except (Reported, UnknownValue) as error:
                    failed = error  # the other items have mistakes of their own to report
            if failed is not None:
                raise failed
            return items
        if kind is YamlMapping:
            assert isinstance(raw, YamlMapping)
            return {
                key: self.plain(
                    item, raw.value_mark(key), names, shape, has_input=has_input, subject=subject, trail=trail
                )
                for key, item in raw.pairs.items()
            }
        return raw

    def _evaluate(
        self,
        expression: Expression,
        mark: Mark,
        names: dict[str, Any],
        shape: Shape | None,
        has_input: bool,
        subject: str,
        trail: tuple[str, ...],
    ) -> Any:
        from convcalc.language.expressions import evaluate

        read: dict[str, Any] = {}

        def lookup(name: str) -> Any:
            if name in names:
                value = names[name]
            elif has_input and name.startswith("in_"):
                value = self._of_shape(name, shape)
            elif self.problems.source.incomplete:
                raise UnknownValue  # it may well be a param of the file that could not be read
            else:
                raise KeyError(name)
            if value is UNKNOWN:
                raise UnknownValue
            read[name] = value
            return value

        try:
            return evaluate(expression, lookup)
        except ExpressionError as error:
            help = error.help
            if not help and error.name:
                from convcalc.problems import nearest

                known = sorted({*names, *(["in_shape", *shape_names(shape)] if shape else ())})
                help = nearest(error.name, known) or ("known here: " + ", ".join(known) if known else "")
                if error.name in ("index", "row"):
                    help = f"`{error.name}` is known in an entry with repeat or rows; hand it to a block as a param"
                elif not has_input:
                    help = help or "a param reads only the params before it"
            message = with_values(expression, error, read)
            self.problems.add("bad-expression", message, mark, help=help, subject=subject, trail=trail)
            raise Reported from None

    @staticmethod
    def _of_shape(name: str, shape: Shape | None) -> Any:
        if name == "in_shape":
            return list(shape) if shape is not None else UNKNOWN
        if shape is None:
            if name in ("in_channels", "in_features") or name[3:] in ("length", "height", "width", "depth"):
                return UNKNOWN
            raise KeyError(name)
        values = shape_names(shape)
        if name not in values and name[3:] in ("length", "height", "width", "depth"):
            raise ExpressionError(f"the input has the shape {format_shape(shape)} and no {name}")
        return values[name]
