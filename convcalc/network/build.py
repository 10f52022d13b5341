"""One pass over a spec: entries are expanded, expressions evaluated and shapes propagated, from input to output.

Shapes are known while entries are expanded, which is what lets an expression say `groups: =in_channels`. A problem
makes the tensor of its entry unknown; what follows is still read, so that one run reports all that is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.errors import SpecError
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.overrides import as_value
from convcalc.language.spec import Spec, is_name
from convcalc.layers.parameters import show, whole_number
from convcalc.network.copying import Copier
from convcalc.network.graph import Graph
from convcalc.network.placing import MAX_AXES
from convcalc.network.scope import Level, Scope
from convcalc.network.trace import Trace
from convcalc.network.values import UNKNOWN, Reported
from convcalc.text.collector import Problems
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping


class Overrides:
    """What a call changes of a file: params, input and the sharing of every convolution."""

    __slots__ = ("params", "input", "sharing")

    def __init__(
        self,
        params: Mapping[str, Value] | None = None,
        input: Value = None,
        sharing: str | None = None,
    ) -> None:
        self.params = dict(params or {})
        self.input = input
        self.sharing = sharing


def build(
    spec: Spec,
    problems: Problems,
    variant: str | None = None,
    overrides: Overrides | None = None,
    trace: Trace | None = None,
) -> Graph:
    """The graph of a spec or of one of its variants. Raises SpecError with every problem of the file.

    `problems` are those that were found when it was read; they stay as they are, for a spec is built more than once.
    `trace` is filled with what is met on the way, also where the graph cannot be built.
    """
    if problems.has("library"):
        raise SpecError(problems.in_file_order())  # there is nothing to build
    problems = problems.copy()
    graph = Graph(spec.source, spec.name, variant)
    graph.description, graph.citation, graph.expect = spec.description, spec.citation, spec.expect
    if variant is not None:
        member = spec.variants[variant]
        graph.expect = member.expect
        graph.description = member.description or spec.description
    builder = _Builder(spec, problems, graph, overrides or Overrides())
    builder.trace = trace
    builder.run()
    if problems.found:
        raise SpecError(problems.in_file_order())
    return graph


class _Builder(Copier):
    """Builds the whole graph: params and inputs first, then the entries, then the outputs."""

    def __init__(self, spec: Spec, problems: Problems, graph: Graph, overrides: Overrides) -> None:
        super().__init__(spec, problems, graph, overrides.sharing)
        self.overrides = overrides

    def run(self) -> None:
        params = self.params()
        inputs = self.inputs(params)
        for name, shape in inputs.items():
            self.shapes.append(shape)
            self.graph.inputs[name] = shape if shape is not None else ()
        scope = Scope(Level("", None), params, params, {name: tensor for tensor, name in enumerate(inputs)})
        last = self.entries(self.spec.layers, scope, 0 if len(inputs) == 1 else -1)
        if not self.spec.layers and not self.problems.found:
            self.problems.add("no-layers", "the spec has no layers", 0, help="list at least one under `layers:`")
        self.outputs(scope, last)
        if self.graph.expect is not None:
            self.graph.expect = self.evaluated(self.graph.expect, params)

    def evaluated(self, mapping: YamlMapping, params: dict[str, Any]) -> YamlMapping:
        """The same mapping with its expressions over params evaluated; values keep their marks."""
        result = YamlMapping(mapping.mark)
        result.marks = mapping.marks
        for key, value in mapping.pairs.items():
            if isinstance(value, YamlMapping):
                value = self.evaluated(value, params)
            elif isinstance(value, (Expression, YamlList)):
                try:
                    value = as_value(self.values.plain(value, mapping.value_mark(key), params, has_input=False))
                except (Reported, UnknownValue):
                    value = None
            result.pairs[key] = value
        return result

    def params(self) -> dict[str, Any]:
        """The spec's params: overrides over the variant's, the variant's over the file's, in the file's order."""
        chosen: dict[str, tuple[Value, Mark]] = {}
        for name, raw in self.spec.params.pairs.items():
            chosen[name] = raw, self.spec.params.value_mark(name)
        if self.graph.variant is not None:
            given = self.spec.variants[self.graph.variant].params
            for name in chosen.keys() & given.pairs.keys():
                chosen[name] = given.pairs[name], given.value_mark(name)
        for name in self.overrides.params.keys() & chosen.keys():
            chosen[name] = self.overrides.params[name], chosen[name][1]
        values: dict[str, Any] = {}
        for name, (raw, mark) in chosen.items():
            try:
                values[name] = self.values.plain(raw, mark, values, has_input=False)
            except (Reported, UnknownValue):
                values[name] = UNKNOWN
        return values

    def inputs(self, params: dict[str, Any]) -> dict[str, Shape | None]:
        raw, mark = self.spec.input, self.spec.input_mark
        if self.graph.variant is not None:
            member = self.spec.variants[self.graph.variant]
            if member.input is not None:
                raw, mark = member.input, member.input_mark
        if self.overrides.input is not None:
            raw = self.overrides.input
        if raw is None:
            owners = [name for name, member in self.spec.variants.items() if member.input is not None]
            help = "for an image write `input: [channels, height, width]`"
            if owners:
                help = f"its variants have one: name {self.spec.source.name}@{owners[0]}"
            self.problems.add("missing-key", "`input` is missing", mark, help=help)
            return {"input": None}
        if not isinstance(raw, YamlMapping):
            return {"input": self.input_shape(raw, mark, params)}
        if not raw.pairs:
            self.problems.add("wrong-type", "`input` names no input", mark, help="write {left: [3, 64, 64], …}")
            return {"input": None}
        shapes: dict[str, Shape | None] = {}
        for name, item in raw.pairs.items():
            shapes[name] = self.input_shape(item, raw.value_mark(name), params)
            if not is_name(name) or name == "previous":
                help = "a name is made of letters, digits, - and _, and does not start with a digit"
                self.problems.add("bad-name", f"`{name}` cannot be a name", raw.key_mark(name), help=help)
        return shapes

    def input_shape(self, raw: Value, mark: Mark, params: dict[str, Any]) -> Shape | None:
        try:
            sizes = self.values.plain(raw, mark, params, has_input=False)
        except (Reported, UnknownValue):
            return None
        if not isinstance(sizes, list) or not sizes or len(sizes) > MAX_AXES:
            help = "for an image write [channels, height, width]"
            message = f"a shape must be a list of 1 to {MAX_AXES} sizes, not {show(sizes)}"
            self.problems.add("wrong-type", message, mark, help=help)
            return None
        shape: list[int] = []
        for index, size in enumerate(sizes):
            number = whole_number(size)
            if number is not None and number >= 1:
                shape.append(number)
                continue
            place = raw.marks[index] if isinstance(raw, YamlList) else mark
            self.problems.add("wrong-value", f"a size must be a positive whole number, not {show(size)}", place)
        return tuple(shape) if len(shape) == len(sizes) else None

    def outputs(self, scope: Scope, last: int) -> None:
        graph = self.graph
        if self.spec.outputs is None:
            if last >= len(graph.inputs):
                graph.outputs[self.nodes[last - len(graph.inputs)].name] = last
            elif not self.problems.found:
                graph.outputs[list(graph.inputs)[last]] = last
            return
        for item, mark in zip(self.spec.outputs.items, self.spec.outputs.marks):
            try:
                reference = self.values.plain(item, mark, scope.values)
                for named in self.find(reference, scope, mark, as_output=True):
                    if not named.skipped:
                        name = reference if "*" not in reference else self.nodes[named.tensor - len(graph.inputs)].name
                        graph.outputs[name] = named.tensor
            except (Reported, UnknownValue):
                continue
        if not graph.outputs and not self.problems.found:
            message = "`when` leaves out every output" if self.spec.outputs.items else "`outputs` names no entry"
            self.problems.add("no-outputs", message, self.spec.outputs.mark, help="name an entry that is always there")
