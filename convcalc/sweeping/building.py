"""Builds the network of a candidate: the spec is parsed once, and built with the values of each candidate."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from convcalc.arith.shape import Shape
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides, as_value, parse_input_shape, parse_setting
from convcalc.language.parse import parse
from convcalc.language.spec import Spec
from convcalc.network.build import build, shapes_of_inputs
from convcalc.network.graph import Graph
from convcalc.problems import Problem, nearest
from convcalc.sweeping.axes import VARIANT, Axis
from convcalc.sweeping.inputs import INPUT, change_shapes, is_of_input, shapes_text
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.texts import Reading, SpecText, source_of
from convcalc.targets.find import unknown_variant
from convcalc.text.collector import Problems
from convcalc.text.source import Mark, Value

_NOTHING = Overrides()


class FirstProblem(Problems):
    """Ends a build at its first problem: a candidate that does not build is only counted, by one reason."""

    def add(self, rule: str, message: str, mark: Mark, **details: Any) -> NoReturn:
        raise SpecError([self.source.problem(rule, message, mark, **details)])

    def add_existing(self, problem: Problem) -> NoReturn:
        raise SpecError([problem])


class Builder:
    """A spec that is parsed once, ready to be built with other values. `fixed` are those of every candidate."""

    def __init__(
        self,
        parsed: tuple[Spec, Problems],
        label: str,
        variant: str | None = None,
        fixed: Overrides = _NOTHING,
        readings: Iterable[Reading] = (),
    ) -> None:
        self.spec, self._problems = parsed
        self.label = label
        self.variant = variant
        self._fixed = {**fixed.params, **{f"{each.layers}.{each.key}": each.value for each in fixed.layers}}
        self._overrides = fixed
        self._readings = {reading.input: reading for reading in readings}
        self._parsed: dict[str, tuple[Spec, Problems]] = {}

    @classmethod
    def of(cls, plan: Plan) -> Builder:
        """The builder of a plan. Raises SpecError and UsageError."""
        settings = dict(parse_setting(text) for text in plan.settings)
        input = None if plan.input is None else parse_input_shape(plan.input)
        fixed = Overrides(settings, input, plan.sharing, plan.keep_size)
        return cls(_parsed(plan.texts), plan.label, plan.variant, fixed, plan.readings)

    def graph(self, values: Mapping[str, Any]) -> Graph:
        """The network with these values of keys. Raises SpecError and UsageError where it does not build."""
        variant, shapes, params = self.variant, {}, dict(self._fixed)
        for key, value in values.items():
            if not self._is_special(key):
                params.pop(key, None)  # of two settings that match a layer the last counts
                params[key] = value if type(value) is int else as_value(value)
            elif key == VARIANT:
                variant = str(value)
            else:
                shapes[key] = value
        fixed = self._overrides
        spec, problems, input = self.spec, self._problems, fixed.input
        if shapes and self._readings:
            spec, problems = self._read_with(self.shapes_with(shapes, variant, params))
        elif shapes:
            input = self._input_with(shapes, variant, params)
        graph = build(spec, problems, variant, Overrides(params, input, fixed.sharing, fixed.keep_size))
        graph.check_changes()
        return graph

    @property
    def varies_variant(self) -> bool:
        """Whether the key `variant` means the variants of the file, and no param of this name."""
        return VARIANT not in self.spec.params.pairs

    def _is_special(self, key: str) -> bool:
        return is_of_input(key) or (key == VARIANT and self.varies_variant)

    def _input_with(self, given: Mapping[str, Any], variant: str | None, params: Mapping[str, Value]) -> Value:
        """The input with the shapes and sizes that a candidate gives."""
        if set(given) == {INPUT}:
            return as_value(given[INPUT])
        shapes = self.shapes_with(given, variant, params)
        return as_value(shapes if len(shapes) > 1 else next(iter(shapes.values())))

    def shapes_with(
        self, given: Mapping[str, Any], variant: str | None = None, params: Mapping[str, Value] | None = None
    ) -> dict[str, list[int]]:
        """The shapes of the inputs with what keys of the input give."""
        base = as_value(given[INPUT]) if INPUT in given else self._overrides.input
        shapes = {name: list(shape) for name, shape in self.inputs(variant, params or {}, base).items()}
        for key, value in given.items():
            if key != INPUT:
                change_shapes(shapes, key, value)
        return shapes

    def _read_with(self, shapes: Mapping[str, Sequence[int]]) -> tuple[Spec, Problems]:
        """The spec of a network of another format that was read with these shapes. Raises UsageError."""
        text = shapes_text(shapes)
        reading = self._readings[text]
        if reading.problem:
            raise UsageError(reading.problem)
        if text not in self._parsed:
            self._parsed[text] = _parsed(reading.texts)
        return self._parsed[text]

    def inputs(self, variant: str | None, params: Mapping[str, Value], input: Value = None) -> dict[str, Shape]:
        """The shapes of the inputs without those that vary. Raises SpecError where one has none."""
        overrides = Overrides({name: value for name, value in params.items() if "." not in name}, input)
        return shapes_of_inputs(self.spec, self._problems, variant, overrides)

    # -- the call itself -----------------------------------------------------------------------------------------------

    def check(self, axes: Sequence[Axis]) -> None:
        """Raise UsageError or SpecError for keys that no candidate has, and for variants that are not there."""
        keys = [key for axis in axes for key in axis.keys]
        for key in keys:
            if key in self._fixed:
                raise UsageError(f"`{key}` is varied and set", f"leave out --set {key}=… or --vary {key}=…")
        names = {key: None for key in keys if "." not in key and not self._is_special(key)}
        names.update({name: None for name in self._fixed if "." not in name})
        if not self.spec.source.incomplete:
            self._check_params(names)
        for axis in axes:
            self._check_variants(axis)
        self._check_inputs([key for key in keys if is_of_input(key) and key != INPUT])

    def _check_params(self, names: Mapping[str, Value]) -> None:
        known = self.spec.params.pairs
        for name in names:
            if name in known:
                continue
            words = [*known, INPUT, *([VARIANT] if self.spec.variants else [])]
            try:
                Overrides({name: None}).check_params(known, self.label)
            except UsageError as error:
                raise UsageError(error.message, nearest(name, words) or error.help) from None

    def _check_variants(self, axis: Axis) -> None:
        if VARIANT not in axis.keys or not self.varies_variant:
            return
        if self.variant is not None:
            raise UsageError(f"{self.label} is one variant already", "name the file alone to vary its variants")
        place = axis.keys.index(VARIANT)
        for index in range(min(axis.size, len(self.spec.variants) + 1)):
            name = str(axis.at(index)[place])
            if name not in self.spec.variants:
                raise unknown_variant(self.spec.source, name, list(self.spec.variants))

    def _check_inputs(self, keys: Sequence[str]) -> None:
        if not keys:
            return
        try:
            variant = self.variant or next(iter(self.spec.variants), None)
            shapes = self.inputs(variant, self._fixed, self._overrides.input)
        except SpecError:
            return  # another candidate may have an input: each is counted for itself
        for key in keys:
            change_shapes({name: list(shape) for name, shape in shapes.items()}, key, 1)


def _parsed(texts: Sequence[SpecText]) -> tuple[Spec, Problems]:
    """The spec, and the collector of the problems of its builds. Raises SpecError for those that it has itself."""
    spec, problems = parse(source_of(texts))
    if problems:
        raise SpecError(problems.in_file_order())
    return spec, FirstProblem(spec.source)
