"""Evaluates raw values: the expressions in them become plain values."""

from collections.abc import Callable
from functools import cache
from typing import Any

from convcalc.arith.shape import Shape, format_shape, named_sizes
from convcalc.language.expression_errors import ExpressionError, UnknownValue
from convcalc.problems import Problem, nearest
from convcalc.text.collector import Problems
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping


class _Unknown:
    def __repr__(self) -> str:
        return "unknown"


# The value of a param that is wrong. An expression that reads it is neither evaluated nor reported.
UNKNOWN: Any = _Unknown()


@cache
def _evaluator() -> Callable[[Expression, Callable[[str], Any]], Any]:
    """The evaluator of expressions. Only a spec with expressions loads it."""
    from convcalc.language.expressions import evaluate

    return evaluate


def names_in(expression: Expression) -> set[str]:
    """The names that an expression reads."""
    from convcalc.language import expressions  # as in _evaluator

    return expressions.names_in(expression)


class Reported(Exception):
    """A value or an entry is wrong, and the problem is reported; `problem` is that, where it is known."""

    def __init__(self, problem: Problem | None = None) -> None:
        super().__init__()
        self.problem = problem


def shape_names(shape: Shape) -> dict[str, int]:
    """The names that an expression can read of an input, such as `in_channels`, with their values."""
    return named_sizes(shape, "in")


def failure_message(expression: Expression, error: ExpressionError, read: dict[str, Any]) -> str:
    """The message for an expression that fails: its text, the reason, and the values of the names that it read."""
    values = ", ".join(f"{name} = {value}" for name, value in read.items())
    return f"={expression.text}: {error}" + (f" (with {values})" if values else "")


class Context:
    """What an expression may read: names, and the shape of the first input of its entry, None where it is unknown.

    `has_input` is false where there is no entry. Only a problem calls `about`: it gives its subject and its trail.
    """

    __slots__ = ("about", "has_input", "names", "shape")

    def __init__(
        self,
        names: dict[str, Any],
        shape: Shape | None = None,
        has_input: bool = True,
        about: Callable[[], tuple[str, tuple[str, ...]]] = lambda: ("", ()),
    ) -> None:
        self.names = names
        self.shape = shape
        self.has_input = has_input
        self.about = about


class Values:
    """Evaluates raw values, and reports mistakes in them to `problems`."""

    __slots__ = ("problems",)

    def __init__(self, problems: Problems) -> None:
        self.problems = problems

    def plain(self, raw: Value, mark: Mark | Callable[[], Mark], context: Context) -> Any:
        """The plain value. Raises Reported for a wrong expression, UnknownValue for one that reads an unknown value.

        Only a problem needs the mark: where that takes time to find, it may be a function.
        """
        if isinstance(raw, Expression):
            return self._evaluate(raw, mark, context)
        if isinstance(raw, YamlList):
            return self._items(raw, context)
        if isinstance(raw, YamlMapping):
            return {key: self.plain(item, raw.value_mark(key), context) for key, item in raw.pairs.items()}
        return raw

    def _items(self, raw: YamlList, context: Context) -> list[Any]:
        items: list[Any] = []
        failed: Exception | None = None
        for item, mark in zip(raw.items, raw.marks):
            try:
                if type(item) in (Expression, YamlList, YamlMapping):
                    item = self.plain(item, mark, context)
                items.append(item)
            except (Reported, UnknownValue) as error:
                failed = error  # the other items may have mistakes to report, too
        if failed is not None:
            raise failed
        return items

    def _evaluate(self, expression: Expression, mark: Mark | Callable[[], Mark], context: Context) -> Any:
        read: dict[str, Any] = {}
        names = context.names

        def lookup(name: str) -> Any:
            if name in names:
                value = names[name]
            elif context.has_input and name.startswith("in_"):
                value = _shape_value(name, context.shape)
            elif self.problems.source.incomplete:
                raise UnknownValue  # it may be a param of the file that could not be read
            else:
                raise KeyError(name)
            if value is UNKNOWN:
                raise UnknownValue
            read[name] = value
            return value

        try:
            return _evaluator()(expression, lookup)
        except ExpressionError as error:
            message, help = failure_message(expression, error, read), _help(error, context)
            place, (subject, trail) = mark() if callable(mark) else mark, context.about()
            self.problems.add("bad-expression", message, place, help=help, subject=subject, trail=trail)
            raise Reported from None


def similar_or_known(name: str, known: list[str]) -> str:
    """The help for an unknown name in an expression: the most similar known names, otherwise all known names."""
    return nearest(name, known) or "known here: " + ", ".join(known)


def _help(error: ExpressionError, context: Context) -> str:
    if error.help or not error.name:
        return error.help
    if error.name in ("index", "row"):
        return f"`{error.name}` is known in an entry with repeat or rows; give it to a block as a param"
    known = sorted({*context.names, *(["in_shape", *shape_names(context.shape)] if context.shape else ())})
    if known:
        return similar_or_known(error.name, known)
    return "" if context.has_input else "a param reads only the params before it"


def _shape_value(name: str, shape: Shape | None) -> Any:
    """The value of a name such as `in_channels` for a shape. Raises KeyError for a name that no shape has."""
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
