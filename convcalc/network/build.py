"""One pass over a spec: entries are expanded, expressions evaluated and shapes propagated, from input to output.

Shapes are known while entries are expanded, so that an expression can read them: `groups: =in_channels`. After a
problem the tensor of its entry is unknown, and the next entries are still expanded: one run reports all problems.

`expand` goes through the entries. Each is a `site`, an entry in its `scope`. `references` finds the tensors that it
reads, `identity` its type and name, `arguments` its parameters. `copies` and `rows` repeat it, `place` adds its node,
`blocks` makes the scope of a block, and `tie` ties its params. All of them add to one `construction`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.errors import SpecError
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.overrides import Overrides, as_value
from convcalc.language.spec import Spec
from convcalc.network.construction import Construction, UnbuiltError
from convcalc.network.expand import Expander
from convcalc.network.graph import Graph
from convcalc.network.inputs import input_shapes, param_values
from convcalc.network.references import resolve_reference
from convcalc.network.scope import Binding, Level, Scope
from convcalc.network.values import Context, Reported
from convcalc.text.collector import Problems
from convcalc.text.source import Expression, YamlList, YamlMapping, as_plain, has_expressions

if TYPE_CHECKING:
    from convcalc.layers.base import Layer
    from convcalc.network.keep_size import SizeKeeper
    from convcalc.network.trace import Trace

_NO_OVERRIDES = Overrides()
MAX_WRITTEN = 64  # networks as they are written, with other inputs, whose layers are kept for sizes


def build(
    spec: Spec,
    problems: Problems,
    variant: str | None = None,
    overrides: Overrides = _NO_OVERRIDES,
    trace: Trace | None = None,
) -> Graph:
    """The graph of a spec or of one of its variants. Raises SpecError with every problem of the file.

    `problems` are those of reading the spec. They are not changed: a spec may be built several times. `trace` records
    entries and references, even where the graph cannot be built.
    """
    if problems.has("library"):
        raise SpecError(problems.in_file_order())  # a library has no network
    construction = Construction(spec, problems.copy(), _empty_graph(spec, variant), trace)
    keeper = None
    if overrides.layers or overrides.keep_size:
        from convcalc.network.layer_changes import LayerChanges  # an option: most calls change no single layer

        construction.changes = LayerChanges(spec, overrides.layers, keep_size=overrides.keep_size)
    if overrides.keep_size and overrides.changes_values:
        from convcalc.network.keep_size import SizeKeeper  # as above

        keeper = SizeKeeper(_written_layers(spec, problems, variant, overrides) if overrides.params else {})
    _expand_spec(construction, overrides, keeper)
    if construction.problems.has("shapes-do-not-agree") and not (overrides.layers or overrides.keep_size):
        from convcalc.network.fitting import say_what_fits  # only a spec with this problem loads it

        say_what_fits(construction, lambda shape: _builds(spec, problems, variant, overrides, shape))
    if construction.problems:
        raise UnbuiltError(construction.problems.in_file_order(), construction.misfit)
    if construction.changes is not None and construction.changes.has_unmatched and trace is None:
        # With a trace every entry is expanded, so that the message knows the names inside copied blocks.
        from convcalc.network.trace import Trace  # as above

        return build(spec, problems, variant, overrides, Trace())
    construction.graph.changes = construction.changes
    return construction.graph


def shapes_of_inputs(
    spec: Spec, problems: Problems, variant: str | None, overrides: Overrides = _NO_OVERRIDES
) -> dict[str, Shape]:
    """The shapes of the inputs alone: no layer is built. Raises SpecError where one cannot be known."""
    construction = Construction(spec, problems.copy(), _empty_graph(spec, variant), None)
    shapes = input_shapes(construction, overrides, param_values(construction, overrides))
    if construction.problems:
        raise SpecError(construction.problems.in_file_order())
    return {name: shape for name, shape in shapes.items() if shape is not None}


def _written_layers(spec: Spec, problems: Problems, variant: str | None, overrides: Overrides) -> dict[str, Layer]:
    """The layers by full name where no value is overridden; none where that does not build."""
    key = variant, repr(as_plain(overrides.input)), overrides.sharing
    known = spec.written_layers.get(key)
    if known is None:
        try:
            written = build(spec, problems, variant, overrides.without_values()).nodes
        except SpecError:
            written = []
        known = bounds.emptied(spec.written_layers, MAX_WRITTEN)[key] = {node.name: node.layer for node in written}
    return known


def _builds(spec: Spec, problems: Problems, variant: str | None, overrides: Overrides, shape: Shape) -> bool:
    """Whether the network can be built on another input."""
    construction = Construction(spec, problems.copy(), _empty_graph(spec, variant), None)
    _expand_spec(construction, Overrides(overrides.params, as_value(shape), overrides.sharing), None)
    return not construction.problems


def _empty_graph(spec: Spec, variant: str | None) -> Graph:
    graph = Graph(spec.source, spec.name, variant, spec.description, spec.citation, expect=spec.expect)
    if variant is not None:
        member = spec.variants[variant]
        graph.expect = member.expect
        graph.description = member.description or spec.description
    return graph


def _expand_spec(construction: Construction, overrides: Overrides, keeper: SizeKeeper | None) -> None:
    spec, graph, problems = construction.spec, construction.graph, construction.problems
    params = param_values(construction, overrides)
    inputs = input_shapes(construction, overrides, params)
    for name, shape in inputs.items():
        construction.shapes.append(shape)
        graph.inputs[name] = shape if shape is not None else ()
    scope = Scope(Level("", None), params, params, {name: tensor for tensor, name in enumerate(inputs)})
    expander = Expander(construction, overrides.sharing, keeper)
    last = expander.expand(spec.layers, scope, [0 if len(inputs) == 1 else -1])
    if not spec.layers and not problems:
        problems.add("no-layers", "the spec has no layers", 0, help="list at least one under `layers:`")
    if spec.outputs is not None:
        _add_outputs(construction, scope, spec.outputs)
    elif last[0] >= len(inputs) or not problems:
        graph.outputs.update((graph.tensor_name(tensor), tensor) for tensor in last)
    if graph.expect is not None:
        graph.expect = _evaluate_expectations(construction, graph.expect, params)


def _add_outputs(construction: Construction, scope: Scope, outputs: YamlList) -> None:
    graph, problems = construction.graph, construction.problems
    for item, mark in zip(outputs.items, outputs.marks):
        try:
            reference = construction.values.plain(item, mark, Context(scope.values))
            missing = f"there is no entry called `{reference}`"
            for binding in resolve_reference(construction, scope, reference, mark, missing):
                _add_output(graph, reference, binding)
        except (Reported, UnknownValue):
            continue
    if not graph.outputs and not problems:
        message = "`when` leaves out every output" if outputs.items else "`outputs` names no entry"
        problems.add("no-outputs", message, outputs.mark, help="name an entry that is always there")


def _add_output(graph: Graph, reference: str, binding: Binding) -> None:
    """Add the tensors of a reference under its name; several tensors have the names of their nodes."""
    if binding.skipped:
        return
    is_one = "*" not in reference and not binding.outputs
    for tensor in binding.tensors:
        graph.outputs[reference if is_one else graph.tensor_name(tensor)] = tensor


def _evaluate_expectations(construction: Construction, expect: YamlMapping, params: dict[str, Any]) -> YamlMapping:
    """The figures under `expect`. Without expressions they are the same in each build."""
    known, variant = construction.spec.constant_expectations, construction.graph.variant
    if variant in known:
        return known[variant]
    evaluated = _evaluate_mapping(construction, expect, params)
    if not has_expressions(expect):
        known[variant] = evaluated
    return evaluated


def _evaluate_mapping(construction: Construction, mapping: YamlMapping, params: dict[str, Any]) -> YamlMapping:
    """The same mapping with its expressions evaluated; the marks stay the same."""
    result = YamlMapping(mapping.mark)
    result.marks = mapping.marks
    for key, value in mapping.pairs.items():
        if isinstance(value, YamlMapping):
            value = _evaluate_mapping(construction, value, params)
        elif isinstance(value, (Expression, YamlList)):
            try:
                mark = mapping.value_mark(key)
                value = as_value(construction.values.plain(value, mark, Context(params, has_input=False)))
            except (Reported, UnknownValue):
                value = None
        result.pairs[key] = value
    return result
