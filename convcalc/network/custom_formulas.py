"""The formulas of custom types as functions of names. An error has the mark of the value that is wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.language.custom import TERMS
from convcalc.language.expression_errors import ExpressionError
from convcalc.language.expressions import evaluate, names_in
from convcalc.language.spec import CustomType
from convcalc.layers.base import Flow, LayerError
from convcalc.layers.custom import CustomFormula, Formulas, Names, seen
from convcalc.layers.parameters import show, whole_number
from convcalc.network.values import failure_message, similar_or_known
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping

MAX_COUNT = 10**bounds.MAX_DIGITS


def formulas_of(custom: CustomType) -> Formulas:
    """The formulas of a custom type."""
    body = custom.body
    shape = body.pairs.get("output_shape")
    output = None if shape is None else _shape_formula(shape, body.value_mark("output_shape"))
    parameters, macs, buffers = (_term_formulas(body, key) for key in TERMS)
    return Formulas(output, parameters, macs, buffers or {}, _flow_formula(custom))


def check_finite(params: dict[str, Any]) -> None:
    """Raise LayerError for a param that is infinite or not a number: JSON cannot write it."""
    for name, value in params.items():
        if not _is_finite(value):
            raise LayerError("wrong-value", f"{name} must be finite, not {show(value)}", parameter=name)


def _is_finite(value: Any) -> bool:
    if isinstance(value, (list, dict)):
        return all(map(_is_finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, float) or value - value == 0  # inf - inf is nan


def _plain(raw: Value, mark: Mark, names: Names) -> Any:
    """The plain value of a raw one, with its expressions evaluated. Raises LayerError."""
    if isinstance(raw, YamlList):
        return [_plain(item, place, names) for item, place in zip(raw.items, raw.marks)]
    if isinstance(raw, YamlMapping):
        return {key: _plain(item, raw.value_mark(key), names) for key, item in raw.pairs.items()}
    if not isinstance(raw, Expression):
        return raw
    read: dict[str, Any] = {}

    def lookup(name: str) -> Any:
        read[name] = names[name]
        return read[name]

    try:
        return evaluate(raw, lookup)
    except ExpressionError as error:
        help = error.help
        if not help and error.name:
            help = similar_or_known(error.name, sorted(names))
        raise LayerError("bad-expression", failure_message(raw, error, read), mark=mark, help=help) from None


def _text_and_names(raw: Value) -> tuple[str, tuple[str, ...]]:
    """The text of a formula, and the names that it reads."""
    if isinstance(raw, Expression):
        return raw.text, tuple(sorted(names_in(raw)))
    if isinstance(raw, YamlList):
        parts = [_text_and_names(item) for item in raw.items]
        return f"[{', '.join(text for text, _ in parts)}]", tuple(name for _, names in parts for name in names)
    return str(raw), ()


def _whole_number(value: Any, least: int, what: str, mark: Mark) -> int:
    number = whole_number(value)
    if number is None or number < least:
        expected = f"a whole number of {least} or more" if least < 1 else "a positive whole number"
        raise LayerError("wrong-value", f"{what} must be {expected}, not {show(value)}", mark=mark)
    if number > MAX_COUNT:
        help = bounds.how_to_raise("MAX_DIGITS")
        raise LayerError("too-large", f"{what} has more than {bounds.MAX_DIGITS} digits", mark=mark, help=help)
    return number


def _shape_formula(raw: Value, mark: Mark) -> CustomFormula:
    def shape(names: Names) -> Shape:
        sizes = _plain(raw, mark, names)
        if not isinstance(sizes, list) or not sizes:
            help = "for an image write [channels, height, width]"
            raise LayerError(
                "wrong-type", f"output_shape must be a list of sizes, not {show(sizes)}", mark=mark, help=help
            )
        marks = raw.marks if isinstance(raw, YamlList) else [mark] * len(sizes)
        return tuple(_whole_number(size, 1, "a size of output_shape", place) for size, place in zip(sizes, marks))

    return CustomFormula(*_text_and_names(raw), shape)


def _term_formulas(body: YamlMapping, key: str) -> dict[str, CustomFormula] | None:
    raw = body.pairs.get(key)
    if raw is None:
        return None
    if isinstance(raw, YamlMapping):
        return {
            name: _count_formula(f"{name} of {key}", term, raw.value_mark(name)) for name, term in raw.pairs.items()
        }
    return {TERMS[key]: _count_formula(key, raw, body.value_mark(key))}


def _count_formula(what: str, raw: Value, mark: Mark) -> CustomFormula:
    return CustomFormula(*_text_and_names(raw), lambda names: _whole_number(_plain(raw, mark, names), 0, what, mark))


def _flow_formula(custom: CustomType) -> Callable[[Names, tuple[Shape, ...], Shape], tuple[Flow, ...]]:
    """The function that gives the flow of each input. One window applies to all inputs; a list has one for each."""
    raw = custom.body.pairs.get("window")
    mark = custom.body.value_mark("window") if raw is not None else custom.mark

    def flows(names: Names, inputs: tuple[Shape, ...], output: Shape) -> tuple[Flow, ...]:
        plain = _plain(raw, mark, names)
        each = plain if isinstance(plain, list) else [plain] * len(inputs)
        if len(each) != len(inputs):
            message = f"window has {len(each)} items for {len(inputs)} inputs"
            raise LayerError("wrong-value", message, mark=mark, help="write one for each input, or one for all")
        result = []
        for index, (window, shape) in enumerate(zip(each, inputs)):
            try:
                result.append(seen(window, shape, output))
            except LayerError as error:
                error.mark = _mark_of_error(raw, mark, index if isinstance(plain, list) else None, error)
                raise
        return tuple(result)

    return flows


def _mark_of_error(raw: Value, mark: Mark, index: int | None, error: LayerError) -> Mark:
    """The mark of the value in a window that causes an error."""
    steps: list[int | str] = [] if index is None else [index]
    steps += [error.parameter, *error.path] if error.parameter is not None else []
    for step in steps:
        if isinstance(raw, YamlMapping) and isinstance(step, str) and step in raw.pairs:
            mark, raw = raw.value_mark(step), raw.pairs[step]
        elif isinstance(raw, YamlList) and isinstance(step, int) and step < len(raw.items):
            mark, raw = raw.marks[step], raw.items[step]
        else:
            break
    return mark
