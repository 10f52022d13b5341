"""`?` in `convcalc layer`: the values of unknown parameters with which a layer has the output that is wanted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.arith.wording import listed
from convcalc.cli.layer import SHAPE, UNKNOWN
from convcalc.cli.output import Printer
from convcalc.errors import UsageError
from convcalc.language.overrides import parse_input_shape, parse_setting
from convcalc.language.spec import ENTRY_KEYS
from convcalc.layers.base import LayerType
from convcalc.layers.parameters import show
from convcalc.network.values import Context, Reported, Values
from convcalc.render.layer_answers import LayerAnswersPrintout
from convcalc.solving.choices import Choices
from convcalc.solving.layer import solve_layer
from convcalc.solving.layer_question import LayerQuestion
from convcalc.sweeping.conditions import parse_conditions
from convcalc.sweeping.values import parse_values, size_of
from convcalc.text.collector import Problems
from convcalc.text.source import Source, Value, YamlMapping, as_plain

WITHOUT_MEANING = ("name", "trainable")  # keys of entries that change no answer
MAX_VALUES = 1_000_000


def answer(
    kind: LayerType, given: Mapping[str, str], input: str, wants: Sequence[str], everything: bool, printer: Printer
) -> int:
    """Print the answers; the exit code is 1 where there are none. Raises UsageError."""
    output = None
    if printer.file is not None and SHAPE.fullmatch(printer.file):
        output = _sizes(parse_input_shape(printer.file))
        printer = printer._replace(file=None)
    if output is None and not wants:
        help = "add --output SHAPE, as in --output 96x55x55, or --want 'params < 10K'"
        raise UsageError(f"what is wanted of {kind.name} is not given", help)
    unknowns = {name: value[1:].strip() for name, value in given.items() if value.startswith(UNKNOWN)}
    refused = [name for name in [*unknowns, *given] if name in ENTRY_KEYS and name not in (*WITHOUT_MEANING, "from")]
    refused += [name for name in unknowns if name not in kind.parameters]
    if refused:
        raise UsageError(f"`{refused[0]}` has no value to be found", f"{kind.name} takes {', '.join(kind.parameters)}")
    inputs = _inputs(input, given.get("from"))
    question = LayerQuestion(
        kind,
        _plain_values(kind, {name: value for name, value in given.items() if name not in unknowns}, inputs),
        list(unknowns),
        inputs,
        output,
        parse_conditions(wants, kind.parameters),
        {name: _choices(name, text) for name, text in unknowns.items() if text},
    )
    found = solve_layer(question)
    printer.show(LayerAnswersPrintout(found, everything))
    return 0 if found.answers else 1


def _inputs(text: str, order: str | None) -> tuple[Shape, ...]:
    """The shapes that the layer reads, in the order of `from`."""
    shape = parse_input_shape(text)
    if not isinstance(shape, YamlMapping):
        return (_sizes(shape),)
    named = {name: _sizes(value) for name, value in shape.pairs.items()}
    names: Any = list(named) if order is None else as_plain(parse_setting(f"from={order}")[1])
    names = names if isinstance(names, list) else [names]
    missing = [name for name in names if name not in named]
    if missing:
        raise UsageError(f"there is no input `{missing[0]}`", f"the inputs are {listed(list(named))}")
    return tuple(named[name] for name in names)


def _sizes(shape: Value) -> Shape:
    """The sizes of a shape. Raises UsageError."""
    sizes: Any = as_plain(shape)
    if not isinstance(sizes, list) or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise UsageError(f"{show(sizes)} is not a shape", "sizes are positive whole numbers, as in 3x227x227")
    return tuple(sizes)


def _choices(name: str, text: str) -> Choices:
    """The values that the user gives behind the `?`."""
    values = parse_values(text, f"{name}=?{text}")
    if size_of(values) > MAX_VALUES:
        raise UsageError(f"`{name}=?{text}` are too many values", "give a smaller range")
    return Choices(values, text)


def _plain_values(kind: LayerType, given: Mapping[str, str], inputs: tuple[Shape, ...]) -> dict[str, Any]:
    """The parameters that are given. Raises UsageError for one that is wrong."""
    found: dict[str, Any] = {}
    for name, text in given.items():
        if name not in kind.parameters:
            continue
        problems = Problems(Source("", ""))
        try:
            found[name] = Values(problems).plain(parse_setting(f"{name}={text}")[1], 0, Context({}, inputs[0]))
        except Reported:
            problem = problems.in_file_order()[0]
            raise UsageError(f"{name}: {problem.message}", problem.help) from None
    for error in kind.errors({name: value for name, value in found.items() if value is not None}):
        raise UsageError(str(error), error.help)
    return found
