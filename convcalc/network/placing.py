"""Layers in their place: parameters evaluated, shapes checked, nodes made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from convcalc import bounds
from convcalc import layers as layer_types
from convcalc.arith.shape import Shape, format_shape
from convcalc.language.expression_errors import UnknownValue
from convcalc.language.spec import ENTRY_KEYS, MERGES, Entry, Spec
from convcalc.layers.base import Kind, Layer
from convcalc.layers.parameters import Misfit, show
from convcalc.network.graph import Graph, Node
from convcalc.network.reading import Reader
from convcalc.network.scope import Named, Scope
from convcalc.network.values import Reported
from convcalc.problems import nearest
from convcalc.text.collector import Problems
from convcalc.text.source import Expression, YamlList, YamlMapping

if TYPE_CHECKING:
    from convcalc.layers.custom import Formulas

# With sizes of at most MAX_DIGITS digits, every count stays an integer that Python is willing to print.
MAX_AXES = 16


class Placer(Reader):
    """Makes nodes. Equal entries share one layer, and equal layers on equal shapes are fitted once."""

    def __init__(self, spec: Spec, problems: Problems, graph: Graph, sharing: str | None) -> None:
        super().__init__(spec, problems, graph)
        self.sharing = sharing  # rewrites every convolution so
        self.made: dict[tuple[str, str], Layer] = {}
        self.formulas: dict[str, Formulas] = {}  # of the custom types that were met
        self.fitted: dict[tuple[int, tuple[Shape, ...]], Shape] = {}

    def layer(self, entry: Entry, kind: Kind, scope: Scope, reads: list[int], name: str, trainable: bool) -> Named:
        """The node of an entry that is a built-in layer."""
        full_name = scope.level.prefix + name
        shape = self.shapes[reads[0]]
        if kind.layer.arity[1] == 0 and not self.has(entry, "from", scope):
            reads = []  # its expressions may still speak of the entry before it
        self.check_arity(entry, kind, scope, reads, full_name)
        given = self.arguments(entry, kind, scope, shape, full_name)
        return self.place(entry, kind, scope, reads, given, full_name, trainable)

    def merge(self, entry: Entry, merge: Any, scope: Scope, reads: list[int], name: str, trainable: bool) -> Named:
        """The node that joins the branches of a container, under the container's name."""
        if merge not in MERGES:
            message = f"merge must be one of {', '.join(MERGES)}, not {show(merge)}"
            raise self.refuse("wrong-value", message, entry.mark_of("merge"), scope)
        kind = layer_types.find(merge)
        assert kind is not None  # the merges are built-in layers
        given = {"axis": self.value(entry, "axis", scope)} if entry.has("axis") else {}
        if given and merge != "concat":
            help = "leave it out: sums and products are taken element by element"
            raise self.refuse("unknown-key", f"merge: {merge} has no axis", entry.mark_of("axis"), scope, help=help)
        return self.place(entry, kind, scope, reads, given, scope.level.prefix + name, trainable)

    def place(
        self,
        entry: Entry,
        kind: Kind,
        scope: Scope,
        reads: list[int],
        given: dict[str, Any],
        full_name: str,
        trainable: bool,
    ) -> Named:
        """A node of a layer with these parameter values. Raises Reported where it does not fit what it reads."""
        layer = self.make(entry, kind, scope, given, full_name)
        return self.fit(entry, layer, scope, reads, full_name, trainable)

    def fit(self, entry: Entry, layer: Layer, scope: Scope, reads: list[int], full_name: str, trainable: bool) -> Named:
        """A node of a layer. Raises Reported where it does not fit what it reads."""
        shapes: list[Shape] = []
        for tensor in reads:
            shape = self.shapes[tensor]
            if shape is None:
                raise UnknownValue
            shapes.append(shape)
        key = (id(layer), tuple(shapes))
        output = self.fitted.get(key)
        if output is None:
            try:
                output = self.fitted[key] = layer.output_shape(key[1])
            except Misfit as misfit:
                subject = _subject(entry, layer.kind, full_name)
                raise self.report(misfit, entry, scope, subject, reads) from None
            if len(output) > MAX_AXES or max(output) > 10**bounds.MAX_DIGITS:
                message = f"an output of more than {MAX_AXES} axes, or of over {bounds.MAX_DIGITS} digits along one"
                subject = _subject(entry, layer.kind, full_name)
                raise self.refuse("too-large", message, entry.mark, scope, subject=subject)
        self.shapes.append(output)
        line = self.spec.source.line_of(scope.own_mark(entry))
        self.nodes.append(Node(full_name, layer, tuple(reads), output, entry, line, trainable))
        return Named(len(self.shapes) - 1, len(self.nodes) - 1, len(self.nodes))

    def check_arity(self, entry: Entry, kind: Kind, scope: Scope, reads: list[int], full_name: str) -> None:
        """Refuse more or fewer inputs than the kind reads; a `*` may well find a single copy."""
        least, most = kind.layer.arity
        count = len(reads)
        if count < least and not (entry.has("from") and most is None):
            message, help = f"reads at least {least} entries, not {count}", "list them: `from: [previous, NAME]`"
            rule = "too-few-inputs"
        elif most is not None and count > most:
            message = f"reads {most} {'entry' if most == 1 else 'entries'}, not {count}"
            rule, help = "too-many-inputs", "merge them first, with concat or add"
        else:
            return
        subject = f"{full_name} ({kind.name})"
        raise self.refuse(rule, message, entry.mark_of("from"), scope, help=help, subject=subject)

    def arguments(self, entry: Entry, kind: Kind, scope: Scope, shape: Shape | None, full_name: str) -> dict[str, Any]:
        """The plain parameter values of a layer: what the entry writes, then what columns of that name say."""
        given: dict[str, Any] = {}
        failed: Exception | None = None
        body = entry.body
        if isinstance(entry.type, Expression):
            self.check_dynamic(entry, kind.name, [*kind.parameters], scope)
        for key, raw in body.pairs.items():
            if key in ENTRY_KEYS:
                continue
            if key not in kind.parameters:
                failed = Reported()  # reported when the file was read
                continue
            if type(raw) in (Expression, YamlList, YamlMapping):
                try:
                    raw = self.values.plain(
                        raw, body.value_mark(key), scope.values, shape,
                        subject=f"{full_name} ({kind.name})", trail=scope.trail,
                    )  # fmt: skip
                except (Reported, UnknownValue) as error:
                    failed = error
                    continue
            if raw is None and kind.default(key) is not None:
                continue  # null asks for the default
            given[key] = raw
        for column, value in scope.columns_of(entry).items():
            if column in kind.parameters and column not in given and value is not None:
                given[column] = value
        if failed is not None:
            raise failed
        return given

    def check_dynamic(self, entry: Entry, type_name: str, known: list[str], scope: Scope) -> None:
        """The words of an entry whose type is an expression; others were checked when the file was read."""
        body = entry.body
        for key in body.pairs:
            if key not in known and key not in ENTRY_KEYS:
                words = [*known, *sorted(ENTRY_KEYS)]
                self.problems.add(
                    "unknown-key", f"{type_name} has no `{key}`", body.key_mark(key),
                    help=nearest(key, words) or f"{type_name} takes {', '.join(words)}", trail=scope.trail,
                )  # fmt: skip
                raise Reported

    def make(self, entry: Entry, kind: Kind, scope: Scope, given: dict[str, Any], full_name: str) -> Layer:
        """The layer of these parameter values. Reports all that are wrong and raises Reported."""
        for key in kind.like_parameters:
            if given.get(key) is not None:
                shape = self.shapes[self.find(given[key], scope, self.mark(entry, key, scope))[-1].tensor]
                if shape is None:
                    raise UnknownValue
                given[key] = shape[1:]
        if self.sharing is not None and "sharing" in kind.parameters:
            given["sharing"] = self.sharing
            if given.get("bias", True) is not False:
                given["bias"] = True
        cache_key = (kind.name, repr(given))
        layer = self.made.get(cache_key)
        if layer is None:
            try:
                layer = self.made[cache_key] = kind.build(given)
            except Misfit as misfit:
                subject = _subject(entry, kind, full_name)
                broken = self.report(misfit, entry, scope, subject)
                for other in kind.misfits(given):
                    self.report(other, entry, scope, subject)
                raise broken from None
        return layer

    def report(
        self, misfit: Misfit, entry: Entry, scope: Scope, subject: str, reads: list[int] | None = None
    ) -> Reported:
        """Turn a layer's refusal into a problem at the very value it speaks of."""
        message, help = str(misfit), misfit.help
        if reads:
            source = self.graph.tensor_name(reads[0]) if reads[0] >= len(self.graph.inputs) else ""
            shape = self.shapes[reads[0]]
            name = f"output of {source}" if source else "input"
            full = f"{format_shape(shape)} {name}" if shape is not None else name
            message = message.replace("{input}", full).replace("{source}", name)
            help = help.replace("{input}", full).replace("{source}", name)
        if misfit.mark is not None:
            trail = (*scope.trail, f"in {subject}, {self.spec.source.place_of(entry.mark)}")
            self.problems.add(misfit.rule, message, misfit.mark, help=help, trail=trail)
            return Reported()
        raw = entry.get(misfit.parameter) if misfit.parameter else None
        mark = self.mark(entry, misfit.parameter, scope) if misfit.parameter else entry.mark
        for index in misfit.path:
            if not isinstance(raw, YamlList) or index >= len(raw.items):
                break
            mark, raw = raw.marks[index], raw.items[index]
        return self.refuse(misfit.rule, message, mark, scope, help=help, subject=subject)


def _subject(entry: Entry, kind: Kind, full_name: str) -> str:
    """The entry as messages call it: its name, and the type that was written."""
    return f"{full_name} ({entry.type if isinstance(entry.type, str) else kind.name})"
