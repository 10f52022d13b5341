"""Layers in their place: made of their parameter values, fitted to the shapes they read, added to the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convcalc import bounds, layers
from convcalc.arith.shape import Shape, format_shape
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import MERGES, CustomType
from convcalc.layers.base import LEADING_AXES, Layer, LayerError, LayerType
from convcalc.layers.parameters import show, whole_number
from convcalc.network.arguments import check_inputs, layer_arguments, params_inside
from convcalc.network.construction import Construction
from convcalc.network.graph import Node
from convcalc.network.references import find
from convcalc.network.scope import Named
from convcalc.network.site import Site
from convcalc.network.values import UNKNOWN, Reported
from convcalc.text.source import YamlList

if TYPE_CHECKING:
    from convcalc.layers.custom import Formulas

# With sizes of at most MAX_DIGITS digits, every count stays an integer that Python is willing to print.
MAX_AXES = 16


class Placer:
    """Makes layers and their nodes.

    Entries of one type and equal parameters share one layer, and a layer is fitted once to inputs of equal shapes: most
    layers of a large network repeat. `sharing`, where given, replaces the sharing of every convolution.
    """

    __slots__ = ("construction", "fitted", "formulas", "made", "sharing")

    def __init__(self, construction: Construction, sharing: str | None) -> None:
        self.construction = construction
        self.sharing = sharing
        self.made: dict[tuple[str, str], Layer] = {}
        self.fitted: dict[tuple[Layer, tuple[Shape, ...]], Shape] = {}
        self.formulas: dict[str, Formulas] = {}  # by custom type

    def layer(self, site: Site, layer_type: LayerType) -> Named:
        """The node of an entry that is a built-in layer."""
        reads = site.reads
        if layer_type.layer_class.arity[1] == 0 and not site.has("from"):
            reads = []  # its expressions may still read the shape of the entry before it
        _check_arity(site, layer_type, len(reads))
        given = layer_arguments(site, layer_type)
        return self._fit(site, self._make(site, layer_type, given), reads)

    def merge(self, site: Site, merge: Any, tensors: list[int]) -> Named:
        """The node that joins the branches of a container, under the container's name."""
        entry = site.entry
        if merge not in MERGES:
            message = f"merge must be one of {', '.join(MERGES)}, not {show(merge)}"
            raise site.refuse("wrong-value", message, entry.mark_of("merge"))
        layer_type = layers.find(merge)
        assert layer_type is not None  # the merges are built-in layers
        given = {"axis": site.value("axis")} if entry.has("axis") else {}
        if given and merge != "concat":
            help = "leave it out: sums and products are taken element by element"
            raise site.refuse("unknown-key", f"merge: {merge} has no axis", entry.mark_of("axis"), help)
        return self._fit(site, self._make(site, layer_type, given), tensors)

    def custom(self, site: Site, custom: CustomType) -> Named:
        """The node of an entry whose type the file defines by formulas."""
        if not custom.is_sound or self.construction.spec.source.incomplete:
            raise Reported  # reported when the file was read, or its formulas may read what could not be read
        subject = f"{site.full_name} ({custom.name})"
        check_inputs(site, "the type", custom.inputs, subject)
        params = params_inside(site, custom, subject)
        if any(value is UNKNOWN for value in params.values()):
            raise Reported  # reported where the value is written
        given = {param: params[param] for param in custom.params.pairs}
        key = (custom.name, repr(given))
        if key not in self.made:
            self.made[key] = self._make_custom(site, custom, given, subject)
        return self._fit(site, self.made[key], site.reads)

    def _make_custom(self, site: Site, custom: CustomType, given: dict[str, Any], subject: str) -> Layer:
        # Few specs have custom types, and the others start without these modules.
        from convcalc.layers.custom import CustomLayer
        from convcalc.network.custom_formulas import check_finite, formulas_of

        if custom.name not in self.formulas:
            self.formulas[custom.name] = formulas_of(custom)
        try:
            check_finite(given)
        except LayerError as error:
            raise _report(site, error, subject) from None
        return CustomLayer(custom.name, tuple(custom.inputs), given, site.scope.root, self.formulas[custom.name])

    def _make(self, site: Site, layer_type: LayerType, given: dict[str, Any]) -> Layer:
        """The layer of these parameter values. Reports all that are wrong and raises Reported."""
        for key in layer_type.like_parameters:
            if given.get(key) is not None:
                given[key] = self._size_like(site, key, given[key])[_leading_axes(given) :]
        if self.sharing is not None and "sharing" in layer_type.parameters:
            given["sharing"] = self.sharing
            if given.get("bias", True) is not False:
                given["bias"] = True
        cache_key = (layer_type.name, repr(given))
        layer = self.made.get(cache_key)
        if layer is None:
            try:
                layer = self.made[cache_key] = layer_type.build(given)
            except LayerError as error:
                subject = _subject(site, layer_type)
                reported = _report(site, error, subject)
                for other in layer_type.errors(given):
                    _report(site, other, subject)
                raise reported from None
        return layer

    def _size_like(self, site: Site, key: str, reference: Any) -> Shape:
        """The sizes, without the channels, of the entry that a parameter such as `like` names."""
        named = find(self.construction, site.scope, reference, site.mark(key))[-1]
        shape = self.construction.shapes[named.tensor]
        if shape is None:
            raise UnknownValue
        return shape[1:]

    def _fit(self, site: Site, layer: Layer, reads: list[int]) -> Named:
        """Add the node of a layer. Raises Reported where the layer does not fit what it reads."""
        construction = self.construction
        shapes = construction.shapes
        inputs: list[Shape] = []
        for tensor in reads:
            shape = shapes[tensor]
            if shape is None:
                raise UnknownValue
            inputs.append(shape)
        key = (layer, tuple(inputs))
        output = self.fitted.get(key)
        if output is None:
            output = self.fitted[key] = _output_shape(site, layer, key[1], reads)
        nodes = construction.nodes
        shapes.append(output)
        line = construction.spec.source.line_of(site.scope.own_mark(site.entry))
        nodes.append(Node(site.full_name, layer, tuple(reads), output, site.entry, line, site.trainable))
        return Named(len(shapes) - 1, len(nodes) - 1, len(nodes))


def _output_shape(site: Site, layer: Layer, inputs: tuple[Shape, ...], reads: list[int]) -> Shape:
    try:
        output = layer.output_shape(inputs)
    except LayerError as error:
        raise _report(site, _with_input(site, error, reads), _subject(site, layer.type)) from None
    if len(output) > MAX_AXES or max(output) > 10**bounds.MAX_DIGITS:
        message = f"an output of more than {MAX_AXES} axes, or of over {bounds.MAX_DIGITS} digits along one"
        raise site.refuse("too-large", message, subject=_subject(site, layer.type))
    return output


def _check_arity(site: Site, layer_type: LayerType, count: int) -> None:
    """Refuse more or fewer inputs than the type reads; a `*` may well find a single copy."""
    least, most = layer_type.layer_class.arity
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
    """How many axes before the channels an entry names, whose sizes are no spatial ones; 0 where it is no number."""
    return max(whole_number(given.get(LEADING_AXES)) or 0, 0)


def _with_input(site: Site, error: LayerError, reads: list[int]) -> LayerError:
    """The error with {input} and {source} replaced by the name of what the layer reads."""
    if not reads:
        return error
    construction, tensor = site.construction, reads[0]
    graph, shape = construction.graph, construction.shapes[tensor]
    name = f"output of {graph.tensor_name(tensor)}" if tensor >= len(graph.inputs) else "input"
    full = f"{format_shape(shape)} {name}" if shape is not None else name
    message, help = (text.replace("{input}", full).replace("{source}", name) for text in (str(error), error.help))
    return LayerError(error.rule, message, parameter=error.parameter, path=error.path, help=help, mark=error.mark)


def _report(site: Site, error: LayerError, subject: str) -> Reported:
    """Report a layer's error at the value that is wrong."""
    construction, message = site.construction, str(error)
    if error.mark is not None:
        trail = (*site.scope.trail, f"in {subject}, {construction.spec.source.place_of(site.entry.mark)}")
        construction.problems.add(error.rule, message, error.mark, help=error.help, trail=trail)
        return Reported()
    if error.parameter is None:
        return site.refuse(error.rule, message, help=error.help, subject=subject)
    raw, mark = site.entry.get(error.parameter), site.mark(error.parameter)
    for index in error.path:
        if not isinstance(raw, YamlList) or index >= len(raw.items):
            break
        mark, raw = raw.marks[index], raw.items[index]
    return site.refuse(error.rule, message, mark, error.help, subject)


def _subject(site: Site, layer_type: LayerType) -> str:
    """The entry as messages call it: its name, and the type that was written."""
    written = site.entry.type
    return f"{site.full_name} ({written if isinstance(written, str) else layer_type.name})"
