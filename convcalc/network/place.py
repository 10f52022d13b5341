"""Makes layers from their parameter values, computes their output shapes, and adds their nodes to the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convcalc import bounds, layers
from convcalc.arith.shape import Shape, format_shape
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import ENTRY_KEYS, MERGES, CustomType
from convcalc.layers.base import LEADING_AXES, Layer, LayerError, LayerType
from convcalc.layers.parameters import show, whole_number
from convcalc.network.arguments import check_inputs, layer_arguments, visible_params
from convcalc.network.construction import Construction, Misfit
from convcalc.network.graph import Node
from convcalc.network.references import resolve_reference
from convcalc.network.scope import Binding
from convcalc.network.site import Site
from convcalc.network.values import UNKNOWN, Reported
from convcalc.text.source import YamlList, line_and_column

if TYPE_CHECKING:
    from convcalc.layers.custom import Formulas
    from convcalc.network.keep_size import SizeKeeper

# With at most this many axes, and sizes of at most MAX_DIGITS digits, Python can print every count.
MAX_AXES = 16
# Layers by type and the text of the values given, and output shapes by layer and input shapes.
_LAYERS: dict[tuple[str, str], Layer] = {}
_SHAPES: dict[tuple[Layer, tuple[Shape | None, ...]], Shape] = {}


class Placer:
    """Makes layers and their nodes.

    Most layers of a large network repeat, and most layers of the next network too where it is the same spec with other
    values. Entries of one type with equal parameters share one layer, and the output shape of a layer is computed once
    for equal input shapes. Layers of custom types depend on the spec, and are kept for one build. `sharing` replaces
    that of every convolution, unless None. `keeper` pads layers whose kernel the call changes.
    """

    __slots__ = ("construction", "custom_layers", "formula_cache", "keeper", "layers", "sharing", "shapes")

    def __init__(self, construction: Construction, sharing: str | None, keeper: SizeKeeper | None) -> None:
        self.construction = construction
        self.sharing = sharing
        self.keeper = keeper
        self.layers = bounds.emptied(_LAYERS)
        self.shapes = bounds.emptied(_SHAPES)
        self.custom_layers: dict[tuple[str, str], Layer] = {}
        self.formula_cache: dict[str, Formulas] = {}  # by custom type

    def add_layer(self, site: Site, layer_type: LayerType) -> Binding:
        """Add the node of a built-in layer."""
        reads = site.reads
        if layer_type.layer_class.arity[1] == 0 and not site.has("from"):
            reads = []  # its expressions may still read the shape of the entry before it
        _check_arity(site, layer_type, len(reads))
        given = layer_arguments(site, layer_type)
        return self._add_node(site, self._make_layer(site, layer_type, given), reads)

    def add_merge(self, site: Site, merge: Any, tensors: list[int]) -> Binding:
        """Add the node that merges the branches of a container, under the name of the container."""
        entry = site.entry
        if merge not in MERGES:
            message = f"merge must be one of {', '.join(MERGES)}, not {show(merge)}"
            raise site.refuse("wrong-value", message, entry.mark_of("merge"))
        layer_type = layers.find(merge)
        assert layer_type is not None  # the merges are built-in layers
        given = {"axis": site.value("axis")} if site.has("axis") else {}
        if given and merge != "concat":
            help = "leave it out: sums and products are taken element by element"
            raise site.refuse("unknown-key", f"merge: {merge} has no axis", entry.mark_of("axis"), help)
        return self._add_node(site, self._make_layer(site, layer_type, given), tensors)

    def add_custom_layer(self, site: Site, custom: CustomType) -> Binding:
        """Add the node of a custom type."""
        if not custom.is_sound or self.construction.spec.source.incomplete:
            raise Reported  # reported when the file was read; or the formulas may need the file that could not be read
        subject = f"{site.full_name} ({custom.name})"
        check_inputs(site, "the type", custom.inputs, subject)
        params = visible_params(site, custom, subject)
        if any(value is UNKNOWN for value in params.values()):
            raise Reported  # reported where the value is written
        given = {param: params[param] for param in custom.params.pairs}
        key = (custom.name, repr(given))
        if key not in self.custom_layers:
            self.custom_layers[key] = self._make_custom_layer(site, custom, given, subject)
        return self._add_node(site, self.custom_layers[key], site.reads)

    def _make_custom_layer(self, site: Site, custom: CustomType, given: dict[str, Any], subject: str) -> Layer:
        # Few specs have custom types, and the others start without these modules.
        from convcalc.layers.custom import CustomLayer
        from convcalc.network.custom_formulas import check_finite, formulas_of

        if custom.name not in self.formula_cache:
            self.formula_cache[custom.name] = formulas_of(custom)
        try:
            check_finite(given)
        except LayerError as error:
            raise _report(site, error, subject) from None
        formulas = self.formula_cache[custom.name]
        return CustomLayer(custom.name, tuple(custom.inputs), given, site.scope.spec_params, formulas)

    def _make_layer(self, site: Site, layer_type: LayerType, given: dict[str, Any]) -> Layer:
        """The layer with these parameter values. Reports every wrong value and raises Reported."""
        for key in layer_type.like_parameters:
            if given.get(key) is not None:
                given[key] = self._size_like(site, key, given[key])[_leading_axes(given) :]
        if self.sharing is not None and "sharing" in layer_type.parameters:
            given["sharing"] = self.sharing
            if given.get("bias", True) is not False:
                given["bias"] = True
        if self.keeper is not None:
            self._keep_size(self.keeper, site, layer_type, given)
        cache_key = (layer_type.name, repr(given))
        layer = self.layers.get(cache_key)
        if layer is None:
            try:
                layer = self.layers[cache_key] = layer_type.build(given)
            except LayerError as error:
                subject = _subject(site, layer_type)
                reported = _report(site, error, subject)
                for other in layer_type.errors(given):
                    _report(site, other, subject)
                raise reported from None
        return layer

    def _keep_size(self, keeper: SizeKeeper, site: Site, layer_type: LayerType, given: dict[str, Any]) -> None:
        """Add the padding to the values of a layer with which its output keeps its size."""
        changes = self.construction.changes
        assert changes is not None  # the call changes values
        if site.shape is None:
            return
        try:
            padding = keeper.padding(site, layer_type, given, site.shape)
        except LayerError as error:
            raise _report(site, error, _subject(site, layer_type)) from None
        for key, value in padding.items():
            if given.get(key, layer_type.default(key)) != value:
                changes.add_padding(site.full_name, key, value)
        given.update(padding)

    def _size_like(self, site: Site, key: str, reference: Any) -> Shape:
        """The spatial sizes of the entry that a parameter such as `like` names."""
        binding = resolve_reference(self.construction, site.scope, reference, site.mark(key))[-1]
        shape = self.construction.shapes[binding.tensor]
        if shape is None:
            raise UnknownValue
        return shape[1:]

    def _add_node(self, site: Site, layer: Layer, reads: list[int]) -> Binding:
        """Add the node of a layer. Raises Reported where the layer cannot read these tensors."""
        shapes, nodes, entry = self.construction.shapes, self.construction.nodes, site.entry
        key = layer, tuple([shapes[tensor] for tensor in reads])
        output = self.shapes.get(key)
        if output is None:
            output = self.shapes[key] = _output_shape(site, layer, key[1], reads)
        shapes.append(output)
        line = line_and_column(site.scope.own_mark(entry))[0] + 1
        nodes.append(Node(site.full_name, layer, tuple(reads), output, entry, line, site.trainable))
        return Binding(len(shapes) - 1, len(nodes) - 1, len(nodes))


def _output_shape(site: Site, layer: Layer, shapes: tuple[Shape | None, ...], reads: list[int]) -> Shape:
    inputs = tuple([shape for shape in shapes if shape is not None])
    if len(inputs) < len(shapes):
        raise UnknownValue
    try:
        output = layer.output_shape(inputs)
    except LayerError as error:
        from convcalc.network.help import with_hint  # only a spec with a problem loads it

        error = with_hint(site, layer, inputs, _with_input(site, error, reads))
        reported = _report(site, error, _subject(site, layer.type))
        construction = site.construction
        if construction.misfit is None and reported.problem is not None:
            construction.misfit = Misfit(reported.problem, construction.graph, tuple(reads))
        raise reported from None
    if len(output) > MAX_AXES or max(output) > 10**bounds.MAX_DIGITS:
        message = f"the output has more than {MAX_AXES} axes, or a size of over {bounds.MAX_DIGITS} digits"
        raise site.refuse("too-large", message, subject=_subject(site, layer.type))
    return output


def _check_arity(site: Site, layer_type: LayerType, count: int) -> None:
    """Refuse a number of inputs that the type cannot read. One input is enough for a merge with `from`, as of `*`."""
    least, most = layer_type.layer_class.arity
    body = site.entry.body.pairs
    if count < least and not body.keys() <= {*layer_type.parameters, *ENTRY_KEYS}:
        raise Reported  # its inputs may be under the wrong key, which is reported
    if count < least and not (most is None and site.entry.has("from")):
        rule, message = "too-few-inputs", f"reads at least {least} entries, not {count}"
        help = "list them: `from: [previous, NAME]`"
    elif most is not None and count > most:
        rule, message = "too-many-inputs", f"reads {most} {'entry' if most == 1 else 'entries'}, not {count}"
        help = "merge them first, with concat or add"
        if not site.entry.has("from"):
            names = [site.construction.graph.tensor_name(tensor) for tensor in site.reads]
            help = f"the entry before it has several outputs: name one, as in `from: {names[0]}`"
    else:
        return
    subject = f"{site.full_name} ({layer_type.name})"
    raise site.refuse(rule, message, site.entry.mark_of("from"), help, subject)


def _leading_axes(given: dict[str, Any]) -> int:
    """The number of axes before the channels in an entry; 0 where it is missing or wrong. They are not spatial axes."""
    return max(whole_number(given.get(LEADING_AXES)) or 0, 0)


def _with_input(site: Site, error: LayerError, reads: list[int]) -> LayerError:
    """The error with the name of the tensor that the layer reads in place of {input} and {source}."""
    if not reads:
        return error
    construction, tensor = site.construction, reads[0]
    graph, shape = construction.graph, construction.shapes[tensor]
    name = f"output of {graph.tensor_name(tensor)}" if tensor >= len(graph.inputs) else "input"
    full = f"{format_shape(shape)} {name}" if shape is not None else name
    return error.reading(full, name)


def _report(site: Site, error: LayerError, subject: str) -> Reported:
    """Report the error of a layer at the value that causes it."""
    construction, message = site.construction, str(error)
    if error.mark is not None:
        trail = (*site.trail, f"in {subject}, {construction.spec.source.place_of(site.entry.mark)}")
        return Reported(construction.problems.add(error.rule, message, error.mark, help=error.help, trail=trail))
    if error.parameter is None:
        return site.refuse(error.rule, message, help=error.help, subject=subject)
    raw, mark = site.entry.get(error.parameter), site.mark(error.parameter)
    for index in error.path:
        if not isinstance(raw, YamlList) or index >= len(raw.items):
            break
        mark, raw = raw.marks[index], raw.items[index]
    help = error.help
    if error.rule == "wrong-value" and not help:
        from convcalc.network.help import help_for_value  # only a spec with a problem loads it

        help = help_for_value(site, error, site.changes.get(error.parameter, raw))
    return site.refuse(error.rule, message, mark, help, subject)


def _subject(site: Site, layer_type: LayerType) -> str:
    """The name of an entry for messages: its full name and its type as written."""
    written = site.entry.type
    return f"{site.full_name} ({written if isinstance(written, str) else layer_type.name})"
