"""The values of the params of a network and the shapes of its inputs."""

from __future__ import annotations

from typing import Any

from convcalc.arith.shape import Shape
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.overrides import Overrides
from convcalc.language.spec import NAME_HELP, is_name
from convcalc.layers.parameters import show, whole_number
from convcalc.network.construction import Construction
from convcalc.network.place import MAX_AXES
from convcalc.network.values import UNKNOWN, Context, Reported
from convcalc.text.source import Mark, Value, YamlList, YamlMapping

# In `input: {channels: 3, height: 32, width: 32}` the names are of axes, not of inputs.
AXIS_NAMES = frozenset(("channels", "height", "width", "length", "depth", "features", "c", "h", "w", "l", "d"))


def param_values(construction: Construction, overrides: Overrides) -> dict[str, Any]:
    """The values of the spec's params, in file order: from the call, else from the variant, else from the file."""
    params = construction.spec.params
    chosen: dict[str, tuple[Value, Mark]] = {name: (raw, params.value_mark(name)) for name, raw in params.pairs.items()}
    if construction.graph.variant is not None:
        given = construction.spec.variants[construction.graph.variant].params
        for name in chosen.keys() & given.pairs.keys():
            chosen[name] = given.pairs[name], given.value_mark(name)
    for name in overrides.params.keys() & chosen.keys():
        chosen[name] = overrides.params[name], chosen[name][1]
    values: dict[str, Any] = {}
    for name, (raw, mark) in chosen.items():
        try:
            values[name] = construction.values.plain(raw, mark, Context(values, has_input=False))
        except (Reported, UnknownValue):
            values[name] = UNKNOWN
    return values


def input_shapes(construction: Construction, overrides: Overrides, params: dict[str, Any]) -> dict[str, Shape | None]:
    """The shape of each input by its name; None for a shape that is wrong. The graph gets the marks of the shapes."""
    raw, mark = _written_input(construction)
    marks = construction.graph.input_marks
    marks["input"] = mark
    if overrides.input is not None:
        raw = overrides.input
    if raw is None:
        _report_missing_input(construction, mark)
        return {"input": None}
    if not isinstance(raw, YamlMapping):
        return {"input": _shape(construction, raw, mark, params)}
    problems = construction.problems
    if raw.pairs and all(name in AXIS_NAMES and type(size) is int for name, size in raw.pairs.items()):
        return {"input": _shape(construction, raw, mark, params)}  # a mistake, which is one problem
    if not raw.pairs:
        problems.add("wrong-type", "`input` has no inputs", mark, help="write {left: [3, 64, 64], …}")
        return {"input": None}
    shapes: dict[str, Shape | None] = {}
    for name, item in raw.pairs.items():
        marks[name] = raw.value_mark(name)
        shapes[name] = _shape(construction, item, raw.value_mark(name), params)
        if not is_name(name) or name == "previous":
            help = NAME_HELP
            problems.add("bad-name", f"`{name}` cannot be a name", raw.key_mark(name), help=help)
    return shapes


def _written_input(construction: Construction) -> tuple[Value, Mark]:
    spec, variant = construction.spec, construction.graph.variant
    if variant is not None and spec.variants[variant].input is not None:
        return spec.variants[variant].input, spec.variants[variant].input_mark
    return spec.input, spec.input_mark


def _report_missing_input(construction: Construction, mark: Mark) -> None:
    spec = construction.spec
    owners = [name for name, member in spec.variants.items() if member.input is not None]
    help = "for an image write `input: [channels, height, width]`"
    if owners:
        help = f"its variants have one: name {spec.source.name}@{owners[0]}"
    construction.problems.add("missing-key", "`input` is missing", mark, help=help)


def _shape(construction: Construction, raw: Value, mark: Mark, params: dict[str, Any]) -> Shape | None:
    problems = construction.problems
    try:
        sizes = construction.values.plain(raw, mark, Context(params, has_input=False))
    except (Reported, UnknownValue):
        return None
    if not isinstance(sizes, list) or not sizes or len(sizes) > MAX_AXES:
        from convcalc.language.corrections import shape_help  # only a spec with a problem loads it

        help = shape_help(raw, params)
        message = f"a shape must be a list of 1 to {MAX_AXES} sizes, not {show(sizes)}"
        problems.add("wrong-type", message, mark, help=help)
        return None
    shape: list[int] = []
    for index, size in enumerate(sizes):
        number = whole_number(size)
        if number is not None and number >= 1:
            shape.append(number)
            continue
        from convcalc.language.corrections import size_help  # as above

        place = raw.marks[index] if isinstance(raw, YamlList) else mark
        message = f"a size must be a positive whole number, not {show(size)}"
        problems.add("wrong-value", message, place, help=size_help(raw, index, size, params))
    return tuple(shape) if len(shape) == len(sizes) else None
