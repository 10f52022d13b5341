"""One pass over a spec: entries are expanded, expressions evaluated and shapes propagated, from input to output.

Shapes are known while entries are expanded, which is what lets an expression say `groups: =in_channels`. A problem
makes the tensor of its entry unknown; what follows is still read, so that one run reports all that is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping as AbstractMapping
from typing import Any

from convcalc import layers as catalogue
from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import SpecError
from convcalc.graph.model import Graph, Node
from convcalc.graph.scope import Absent, Level, Named, Scope
from convcalc.graph.values import UNKNOWN, Broken, Values
from convcalc.layers.base import Kind, Layer
from convcalc.layers.parameters import LikeEntry, Misfit, show, whole_number
from convcalc.problems import nearest
from convcalc.spec import limits
from convcalc.spec.expressions_errors import UnknownValue
from convcalc.spec.model import CONTAINERS, ENTRY_KEYS, Block, Entry, Spec
from convcalc.spec.parse import NAME, Problems
from convcalc.spec.source import Expression, Mapping, Mark, Sequence, Value

_EMPTY: dict[str, Value] = {}


class Overrides:
    """What a call changes of a file: params, input and the sharing of every convolution."""

    __slots__ = ("params", "input", "sharing")

    def __init__(
        self,
        params: AbstractMapping[str, Value] | None = None,
        input: Value = None,
        sharing: str | None = None,
    ) -> None:
        self.params = dict(params or {})
        self.input = input
        self.sharing = sharing


def build(spec: Spec, problems: Problems, variant: str | None = None, overrides: Overrides | None = None) -> Graph:
    """The graph of a spec or of one of its variants. Raises SpecError with every problem of the file."""
    graph = Graph(spec.source, spec.name, variant)
    graph.description, graph.citation, graph.expect = spec.description, spec.citation, spec.expect
    if variant is not None:
        member = spec.variants[variant]
        graph.expect = member.expect
        graph.description = member.description or spec.description
    _Builder(spec, problems, graph, overrides or Overrides()).run()
    if problems.found:
        raise SpecError(problems.in_file_order())
    return graph


class _Builder:
    def __init__(self, spec: Spec, problems: Problems, graph: Graph, overrides: Overrides) -> None:
        self.spec = spec
        self.problems = problems
        self.values = Values(problems)
        self.graph = graph
        self.nodes = graph.nodes
        self.overrides = overrides
        self.shapes: list[Shape | None] = []  # of every tensor; None where an error leaves it unknown
        self.steps = 0
        self.made: dict[tuple[str, str], Layer] = {}  # equal entries share one layer
        self.fitted: dict[tuple[int, tuple[Shape, ...]], Shape] = {}
        self.first_copies: dict[tuple[int, ...], Named] = {}  # for `tied: true`

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

    # -- params, inputs, outputs ---------------------------------------------------------------------------------

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
            except (Broken, UnknownValue):
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
        if not isinstance(raw, Mapping):
            return {"input": self.input_shape(raw, mark, params)}
        if not raw.pairs:
            self.problems.add("wrong-type", "`input` names no input", mark, help="write {left: [3, 64, 64], …}")
            return {"input": None}
        for name in raw.pairs:
            self.check_name(name, raw.key_mark(name), Level("", None))
        return {name: self.input_shape(item, raw.value_mark(name), params) for name, item in raw.pairs.items()}

    def input_shape(self, raw: Value, mark: Mark, params: dict[str, Any]) -> Shape | None:
        try:
            sizes = self.values.plain(raw, mark, params, has_input=False)
        except (Broken, UnknownValue):
            return None
        if not isinstance(sizes, list) or not sizes:
            if raw is not None:  # a missing `input` was reported when the file was read
                self.problems.add(
                    "wrong-type", f"a shape must be a list of sizes, not {show(sizes)}", mark,
                    help="for an image write [channels, height, width]",
                )  # fmt: skip
            return None
        shape: list[int] = []
        for index, size in enumerate(sizes):
            number = whole_number(size)
            if number is None or number < 1:
                place = raw.marks[index] if isinstance(raw, Sequence) else mark
                self.problems.add("wrong-value", f"a size must be a positive whole number, not {show(size)}", place)
                return None
            shape.append(number)
        return tuple(shape)

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
                for named in self.find(reference, scope, mark):
                    if not named.skipped:
                        name = reference if "*" not in reference else self.nodes[named.tensor - len(graph.inputs)].name
                        graph.outputs[name] = named.tensor
            except (Broken, UnknownValue):
                continue

    # -- entries -------------------------------------------------------------------------------------------------

    def entries(self, entries: list[Entry], scope: Scope, source: int) -> int:
        """Expand a list of entries; `source` is what the first one reads. The tensor of the last."""
        tensor = source
        for entry in entries:
            tensor = self.entry(entry, scope, tensor)
        return tensor

    def entry(self, entry: Entry, scope: Scope, previous: int) -> int:
        try:
            body = entry.body
            pairs = body.pairs if body is not None else _EMPTY
            if "rows" in pairs or "repeat" in pairs or "when" in pairs:
                return self.copies(entry, scope, previous)
            return self.single(entry, scope, self.reads(entry, scope, previous)).tensor
        except (Broken, UnknownValue):
            tensor = self.unknown_tensor()
            name = entry.get("name")
            if isinstance(name, str):
                scope.level.names.setdefault(name, Named(tensor, len(self.nodes), len(self.nodes)))
            return tensor

    def unknown_tensor(self) -> int:
        self.shapes.append(None)
        self.nodes.append(_UNKNOWN_NODE)
        return len(self.shapes) - 1

    def step(self, entry: Entry) -> None:
        """Count one copy of an entry, so that no nesting of blocks and repeats runs away."""
        self.steps += 1
        if self.steps > limits.MAX_LAYERS:
            raise self.spec.source.error(
                "too-large",
                f"the network has more than {limits.MAX_LAYERS:,} layers",
                entry.mark,
                limits.how_to_raise("MAX_LAYERS"),
            )

    def has(self, entry: Entry, key: str) -> bool:
        """Whether the entry, or a column of its rows, gives the key."""
        return entry.has(key) or key in self.columns(entry)

    def value(self, entry: Entry, key: str, scope: Scope, shape: Shape | None = None) -> Any:
        """The plain value of one of the entry's own keys, or of the column of that name."""
        if not entry.has(key) and key in self.columns(entry):
            return scope.values.get(key)
        raw = entry.get(key)
        if type(raw) in (Expression, Sequence, Mapping):
            return self.values.plain(raw, entry.mark_of(key), scope.values, shape, trail=scope.trail)
        return raw

    def refuse(self, rule: str, message: str, mark: Mark, scope: Scope, help: str = "", subject: str = "") -> Broken:
        self.problems.add(rule, message, mark, help=help, subject=subject, trail=scope.trail)
        return Broken()

    # -- reading -------------------------------------------------------------------------------------------------

    def reads(self, entry: Entry, scope: Scope, previous: int) -> list[int]:
        """The tensors that an entry reads, `previous` where it does not say."""
        raw = entry.get("from")
        from_column = not entry.has("from") and "from" in self.columns(entry)
        if raw is None and not (from_column and scope.values.get("from") is not None):
            if previous < 0:
                raise self.refuse(
                    "missing-from", "the spec has several inputs: the first entry must say which it reads", entry.mark, scope,
                    help=f"add `from: {next(iter(scope.inputs))}`",
                )  # fmt: skip
            return [previous]
        mark = entry.mark_of("from")
        value = self.value(entry, "from", scope, self.known_shape(previous))
        references = value if isinstance(value, list) else [value]
        if not references:
            raise self.refuse("wrong-value", "`from` names nothing to read", mark, scope)
        tensors: list[int] = []
        for index, reference in enumerate(references):
            place = raw.marks[index] if isinstance(raw, Sequence) else mark
            if reference == "previous":
                tensors.append(previous)
            else:
                tensors.extend(named.tensor for named in self.find(reference, scope, place))
        return tensors

    def find(self, reference: Any, scope: Scope, mark: Mark) -> list[Named]:
        """What a reference names. Reports and raises Broken when there is no such name."""
        if not isinstance(reference, str):
            raise self.refuse("wrong-type", f"a name must stand here, not {show(reference)}", mark, scope)
        tensor = scope.inputs.get(reference, scope.first_input if reference == "input" else None)
        if tensor is not None:
            return [Named(tensor, 0, 0)]
        try:
            return scope.level.find(reference)
        except Absent:
            pass
        known = [*scope.level.visible(), *scope.inputs, "input", "previous"]
        later = reference in self.all_names(self.spec.layers)
        help = "references go backwards only" if later else nearest(reference, known)
        raise self.refuse(
            "unknown-name", f"nothing before this entry is called `{reference}`", mark, scope,
            help=help or "it can read " + ", ".join(known[-8:]),
        )  # fmt: skip

    def all_names(self, entries: list[Entry]) -> set[str]:
        names = {str(entry.get("name")) for entry in entries}
        return names.union(*(self.all_names(inner) for entry in entries for inner in entry.lists))

    def known_shape(self, tensor: int) -> Shape | None:
        return self.shapes[tensor] if tensor >= 0 else None

    # -- copies --------------------------------------------------------------------------------------------------

    def copies(self, entry: Entry, scope: Scope, previous: int) -> int:
        """An entry with rows, repeat or when: its copies in a row, each reading the one before."""
        columns = self.columns(entry)
        per_copy = {"index", "row", *columns}
        reads = self.reads(entry, scope, previous)
        shape = self.known_shape(reads[0])
        when = entry.get("when")
        varies = isinstance(when, Expression) and bool(per_copy & _names(when))
        if entry.has("when") and not varies and not self.truth(entry, "when", scope, shape):
            self.skip(entry, scope, reads[0], columns)
            return reads[0]
        if not entry.has("rows") and not entry.has("repeat"):
            if varies and not self.truth(entry, "when", scope, shape):
                self.skip(entry, scope, reads[0], columns)
                return reads[0]
            return self.single(entry, scope, reads).tensor
        rows = self.rows(entry, scope, shape)
        name = entry.get("name")
        own_names = "name" in columns or isinstance(name, Expression) and bool({"row", *columns} & _names(name))
        if not own_names:
            return self.collected(entry, scope, reads, rows, per_copy).tensor
        for number, row in enumerate(rows):
            inner = scope.with_values({**row, "row": number})
            reads = self.row_reads(entry, inner, reads, number)
            if self.has(entry, "repeat"):
                reads = [self.collected(entry, inner, reads, [{}], per_copy, row=number).tensor, *reads[1:]]
            else:
                reads = [self.copy(entry, inner, reads, None, number).tensor, *reads[1:]]
        return reads[0]

    def row_reads(self, entry: Entry, scope: Scope, reads: list[int], number: int) -> list[int]:
        """What a row's copies read, where a column says so; all rows but the first read the copy before, first."""
        if "from" not in self.columns(entry) or entry.has("from"):
            return reads
        own = self.reads(entry, scope, reads[0])
        return own if number == 0 else [reads[0], *own[1:]]

    def collected(
        self,
        entry: Entry,
        scope: Scope,
        reads: list[int],
        rows: list[dict[str, Any]],
        per_copy: set[str],
        row: int | None = None,
    ) -> Named:
        """Copies under one name: NAME.0, NAME.1, … or, of rows that are repeated as well, NAME.0.0, NAME.0.1, …"""
        name = self.name_of(entry, scope, reads)
        first = len(self.nodes)
        level = Level(f"{scope.level.prefix}{name}.", scope.level)
        collection = Named(reads[0], first, first, level)
        collection.copies = level.names
        scope.level.names[name] = collection
        nested = entry.has("rows") and row is None
        for number, values in enumerate(rows):
            inner = scope.with_values({**values, "row": number}) if nested else scope
            inner = inner.inside(level, inner.path, inner.trainable)
            if nested:
                reads = self.row_reads(entry, inner, reads, number)
            count = self.repeat_count(entry, inner, reads) if self.has(entry, "repeat") else None
            if nested and count is not None:
                deeper = Level(f"{level.prefix}{number}.", level)
                group = Named(reads[0], len(self.nodes), len(self.nodes), deeper)
                group.copies = deeper.names
                level.names[str(number)] = group
                inner = inner.inside(deeper, inner.path, inner.trainable)
            for index in range(1 if count is None else count):
                copy_scope = inner if count is None else inner.with_values({"index": index})
                copy_name = str(number if count is None else index)
                copy = self.copy(entry, copy_scope, reads, copy_name, number if row is None else row)
                reads = [copy.tensor, *reads[1:]]
            if nested and count is not None:
                group.tensor, group.last = reads[0], len(self.nodes)
        collection.tensor, collection.last = reads[0], len(self.nodes)
        return collection

    def copy(self, entry: Entry, scope: Scope, reads: list[int], name: str | None, row: int) -> Named:
        """One copy; `name` is its number, None where it has a name of its own."""
        if self.has(entry, "when") and not self.truth(entry, "when", scope, self.known_shape(reads[0])):
            skipped = Named(reads[0], len(self.nodes), len(self.nodes), skipped=True)
            scope.level.names[name or self.name_of(entry, scope, reads)] = skipped
            return skipped
        try:
            return self.single(entry, scope, reads, name, row)
        except (Broken, UnknownValue):
            first = len(self.nodes)
            broken = Named(self.unknown_tensor(), first, first + 1)
            if name is not None:
                scope.level.names.setdefault(name, broken)
            return broken

    def skip(self, entry: Entry, scope: Scope, tensor: int, columns: list[str]) -> None:
        """An entry whose `when` is false: its name stands for what it would have read."""
        name = entry.get("name")
        names = [name] if isinstance(name, str) else []
        rows = entry.get("rows")
        if not names and "name" in columns and isinstance(rows, Sequence):
            place = columns.index("name")
            names = [str(row.items[place]) for row in rows.items[1:] if isinstance(row, Sequence) and len(row.items) > place]
        for each in names:
            scope.level.names[each] = Named(tensor, len(self.nodes), len(self.nodes), skipped=True)

    def truth(self, entry: Entry, key: str, scope: Scope, shape: Shape | None) -> bool:
        value = self.value(entry, key, scope, shape)
        if isinstance(value, bool):
            return value
        raise self.refuse("wrong-value", f"{key} must be true or false, not {show(value)}", entry.mark_of(key), scope)

    def repeat_count(self, entry: Entry, scope: Scope, reads: list[int]) -> int:
        shape = self.known_shape(reads[0])
        value = self.value(entry, "repeat", scope, shape)
        count = whole_number(value)
        mark = entry.mark_of("repeat" if entry.has("repeat") else "rows")
        if count is None or count < 0:
            raise self.refuse("wrong-value", f"repeat must be a whole number of 0 or more, not {show(value)}", mark, scope)
        if count > limits.MAX_LAYERS:
            raise self.refuse(
                "too-large", f"repeat: {show(value)} makes more than {limits.MAX_LAYERS:,} layers", mark, scope,
                help=limits.how_to_raise("MAX_LAYERS"),
            )  # fmt: skip
        return count

    def columns(self, entry: Entry) -> list[str]:
        """The column names of `rows` as far as they can be read without evaluating anything."""
        rows = entry.get("rows")
        if rows is None:
            return []
        if isinstance(rows, Expression):
            table = self.spec.params.pairs.get(rows.text)
            rows = table
        if isinstance(rows, Sequence) and rows.items and isinstance(rows.items[0], Sequence):
            return [str(item) for item in rows.items[0].items]
        return []

    def rows(self, entry: Entry, scope: Scope, shape: Shape | None) -> list[dict[str, Any]]:
        """The table of `rows`, a dictionary a row; one empty row where there is no table."""
        if not entry.has("rows"):
            return [{}]
        table = self.value(entry, "rows", scope, shape)
        mark = entry.mark_of("rows")
        if not isinstance(table, list) or not table or not all(isinstance(row, list) for row in table):
            raise self.refuse(
                "wrong-value", "rows must be a list of lists", mark, scope, help="the first row names the columns"
            )
        raw = entry.get("rows")
        marks = list(raw.marks) if isinstance(raw, Sequence) else [mark] * len(table)
        header, *rows = table
        for column in header:
            if not isinstance(column, str) or not column.isidentifier() and column not in ENTRY_KEYS:
                raise self.refuse("bad-name", f"{show(column)} cannot name a column", marks[0], scope)
        for row, place in zip(rows, marks[1:]):
            if len(row) != len(header):
                raise self.refuse(
                    "wrong-value", f"this row has {len(row)} values for {len(header)} columns", place, scope,
                    help="the columns are " + ", ".join(header),
                )  # fmt: skip
        return [dict(zip(header, row)) for row in rows]

    # -- one entry -----------------------------------------------------------------------------------------------

    def single(
        self, entry: Entry, scope: Scope, reads: list[int], copy_name: str | None = None, row: int = 0
    ) -> Named:
        """One instance of an entry: a layer, a block or a container."""
        self.step(entry)
        kind = entry.type
        if isinstance(kind, Expression):
            kind = self.dynamic_type(entry, kind, scope, reads)
        if kind is None:
            raise Broken
        trainable = scope.trainable
        if self.has(entry, "trainable"):
            trainable = self.truth(entry, "trainable", scope, self.known_shape(reads[0])) and trainable
        if kind in CONTAINERS:
            named = self.container(entry, kind, scope, reads, copy_name, row, trainable)
        else:
            name = copy_name if copy_name is not None else self.name_of(entry, scope, reads, kind)
            if kind in self.spec.blocks:
                named = self.block(entry, self.spec.blocks[kind], scope, reads, name, row, trainable)
            else:
                named = self.layer(entry, kind, scope, reads, name, trainable)
            scope.level.names[name] = named
        if self.has(entry, "tied"):
            self.tie(entry, scope, named, row)
        return named

    def dynamic_type(self, entry: Entry, expression: Expression, scope: Scope, reads: list[int]) -> str:
        shape = self.known_shape(reads[0])
        kind = self.values.plain(expression, entry.mark, scope.values, shape, trail=scope.trail)
        if isinstance(kind, str) and (kind in self.spec.blocks or kind not in CONTAINERS and catalogue.find(kind)):
            return kind
        if kind in CONTAINERS:
            raise self.refuse("unknown-type", f"={expression.text} gives the container '{kind}'", entry.mark, scope,
                              help="a container is written out, not computed")  # fmt: skip
        help = nearest(kind, [*catalogue.names(), *self.spec.blocks]) if isinstance(kind, str) else ""
        raise self.refuse(
            "unknown-type", f"={expression.text} gives {show(kind)}, which is no layer or block", entry.mark, scope, help=help
        )

    def name_of(self, entry: Entry, scope: Scope, reads: list[int], kind: str | None = None) -> str:
        """The entry's own name, checked, or its number where it has none."""
        if self.has(entry, "name"):
            name = self.value(entry, "name", scope, self.known_shape(reads[0]))
        else:
            if kind is None:
                kind = entry.type if isinstance(entry.type, str) else self.dynamic_type(entry, entry.type, scope, reads)  # type: ignore[arg-type]  # a broken entry never gets here
            return scope.level.number(kind)
        mark = entry.mark_of("name") if entry.has("name") else entry.mark_of("rows")
        if not isinstance(name, str):
            raise self.refuse("bad-name", f"a name must be text, not {show(name)}", mark, scope)
        self.check_name(name, mark, scope.level, scope)
        return name

    def check_name(self, name: str, mark: Mark, level: Level, scope: Scope | None = None) -> None:
        trail = scope.trail if scope is not None else ()
        if scope is not None and name in (*scope.inputs, "input", "previous"):
            message, help = f"`{name}` already means something to `from`", "choose another name"
        elif not NAME.fullmatch(name):
            message = f"`{name}` cannot be a name"
            help = "a name is made of letters, digits, - and _, and does not start with a digit"
        elif name in level.names:
            message, help = f"the name `{name}` is used twice in one scope", "choose another name"
        else:
            return
        self.problems.add("bad-name", message, mark, help=help, trail=trail)
        raise Broken

    # -- layers --------------------------------------------------------------------------------------------------

    def layer(
        self, entry: Entry, type_name: str, scope: Scope, reads: list[int], name: str, trainable: bool
    ) -> Named:
        kind = catalogue.find(type_name)
        assert kind is not None  # checked where the type was read
        full_name = scope.level.prefix + name
        self.check_arity(entry, kind, scope, reads, full_name)
        shapes = [self.shapes[tensor] for tensor in reads]
        given = self.arguments(entry, kind, scope, shapes[0], full_name)
        layer = self.make(entry, kind, scope, given, full_name)
        if None in shapes:
            raise UnknownValue
        key = (id(layer), tuple(shapes))
        shape = self.fitted.get(key)  # type: ignore[arg-type]  # no None among them, see above
        if shape is None:
            try:
                shape = layer.output_shape(tuple(shapes))  # type: ignore[arg-type]  # as above
            except Misfit as misfit:
                raise self.report(misfit, entry, scope, f"{full_name} ({type_name})", reads) from None
            self.fitted[key] = shape  # type: ignore[index]  # as above
        tensor = len(self.shapes)
        self.shapes.append(shape)
        node = Node(full_name, layer, tuple(reads), shape, self.spec.source.line_of(entry.mark), trainable)
        self.nodes.append(node)
        return Named(tensor, len(self.nodes) - 1, len(self.nodes))

    def check_arity(self, entry: Entry, kind: Kind, scope: Scope, reads: list[int], full_name: str) -> None:
        least, most = kind.layer.arity
        count = len(reads)
        if least <= count and (most is None or count <= most):
            return
        subject = f"{full_name} ({kind.name})"
        if count < least and entry.has("from") and most is None:
            return  # a `*` may well find a single copy
        if count < least:
            raise self.refuse(
                "too-few-inputs", f"reads at least {least} entries, not {count}", entry.mark_of("from"), scope,
                help="list them: `from: [previous, NAME]`", subject=subject,
            )  # fmt: skip
        raise self.refuse(
            "too-many-inputs", f"reads {most} {'entry' if most == 1 else 'entries'}, not {count}", entry.mark_of("from"), scope,
            help="merge them first, with concat or add", subject=subject,
        )  # fmt: skip

    def arguments(
        self, entry: Entry, kind: Kind, scope: Scope, shape: Shape | None, full_name: str
    ) -> dict[str, Any]:
        """The plain parameter values of a layer: what the entry writes, then what columns of that name say."""
        given: dict[str, Any] = {}
        failed: Exception | None = None
        body = entry.body
        if body is not None:
            if isinstance(entry.type, Expression):
                self.check_dynamic(entry, kind.name, [*kind.parameters], scope)
            for key, raw in body.pairs.items():
                if key in ENTRY_KEYS:
                    continue
                if type(raw) in (Expression, Sequence, Mapping):
                    try:
                        raw = self.values.plain(
                            raw, body.value_mark(key), scope.values, shape,
                            subject=f"{full_name} ({kind.name})", trail=scope.trail,
                        )  # fmt: skip
                    except (Broken, UnknownValue) as error:
                        failed = error
                        continue
                if raw is None and kind.default(key) is not None:
                    continue  # null asks for the default
                given[key] = raw
            for column in self.columns(entry) if "rows" in body.pairs else ():
                if column in kind.parameters and column not in given and scope.values[column] is not None:
                    given[column] = scope.values[column]
        if failed is not None:
            raise failed
        return given

    def check_dynamic(self, entry: Entry, type_name: str, known: list[str], scope: Scope) -> None:
        """The words of an entry whose type is an expression; others were checked when the file was read."""
        body = entry.body
        assert body is not None
        for key in body.pairs:
            if key not in known and key not in ENTRY_KEYS:
                words = [*known, *sorted(ENTRY_KEYS)]
                self.problems.add(
                    "unknown-key", f"{type_name} has no `{key}`", body.key_mark(key),
                    help=nearest(key, words) or f"{type_name} takes {', '.join(words)}", trail=scope.trail,
                )  # fmt: skip
                raise Broken

    def make(self, entry: Entry, kind: Kind, scope: Scope, given: dict[str, Any], full_name: str) -> Layer:
        for key, parameter in kind.parameters.items():
            if isinstance(parameter, LikeEntry) and given.get(key) is not None:
                named = self.find(given[key], scope, entry.mark_of(key))[-1]
                shape = self.known_shape(named.tensor)
                if shape is None:
                    raise UnknownValue
                given[key] = shape[1:]
        if self.overrides.sharing is not None and "sharing" in kind.parameters:
            given["sharing"] = self.overrides.sharing
            if given.get("bias", True) is not False:
                given["bias"] = True
        cache_key = (kind.name, repr(given))
        layer = self.made.get(cache_key)
        if layer is None:
            try:
                layer = self.made[cache_key] = kind.build(given)
            except Misfit as misfit:
                subject = f"{full_name} ({kind.name})"
                broken = self.report(misfit, entry, scope, subject)
                for other in kind.misfits(given):
                    self.report(other, entry, scope, subject)
                raise broken from None
        return layer

    def report(
        self, misfit: Misfit, entry: Entry, scope: Scope, subject: str, reads: list[int] | None = None
    ) -> Broken:
        """Turn a layer's refusal into a problem at the very value it speaks of."""
        message, help = str(misfit), misfit.help
        if reads:
            source = self.graph.tensor_name(reads[0]) if reads[0] >= len(self.graph.inputs) else ""
            shape = self.shapes[reads[0]]
            name = f"output of {source}" if source else "input"
            full = f"{format_shape(shape)} {name}" if shape is not None else name
            message = message.replace("{input}", full).replace("{source}", name)
            help = help.replace("{input}", full).replace("{source}", name)
        raw = entry.get(misfit.parameter) if misfit.parameter else None
        mark = entry.mark
        if misfit.parameter and entry.has(misfit.parameter):
            mark = entry.mark_of(misfit.parameter)
        elif misfit.parameter and entry.has("rows"):
            mark = entry.mark_of("rows")
        for index in misfit.path:
            if not isinstance(raw, Sequence) or index >= len(raw.items):
                break
            mark, raw = raw.marks[index], raw.items[index]
        return self.refuse(misfit.rule, message, mark, scope, help=help, subject=subject)

    # -- blocks and containers -----------------------------------------------------------------------------------

    def block(
        self, entry: Entry, block: Block, scope: Scope, reads: list[int], name: str, row: int, trainable: bool
    ) -> Named:
        full_name = scope.level.prefix + name
        subject = f"{full_name} ({block.name})"
        if block.name in scope.blocks:
            chain = " -> ".join([*scope.blocks[scope.blocks.index(block.name) :], block.name])
            raise self.refuse("block-cycle", f"the block uses itself: {chain}", entry.mark, scope, subject=subject)
        if len(scope.blocks) >= limits.MAX_BLOCK_DEPTH:
            raise self.refuse(
                "too-deep", f"blocks nested over {limits.MAX_BLOCK_DEPTH} deep", entry.mark, scope,
                help=limits.how_to_raise("MAX_BLOCK_DEPTH"),
            )  # fmt: skip
        if len(reads) != len(block.inputs):
            names = ", ".join(block.inputs)
            raise self.refuse(
                "wrong-inputs", f"the block has {len(block.inputs)} inputs ({names}), and {len(reads)} are given",
                entry.mark_of("from"), scope, help="list them in order: `from: [previous, NAME]`", subject=subject,
            )  # fmt: skip
        line = self.spec.source.line_of(entry.mark)
        inner = Scope(
            Level(full_name + ".", None),
            self.block_params(entry, block, scope, reads, subject),
            scope.root,
            dict(zip(block.inputs, reads)),
            trainable=trainable,
            trail=(*scope.trail, f"in {full_name} ({block.name}), line {line}"),
            path=(*scope.path, id(entry), row),
            blocks=(*scope.blocks, block.name),
        )
        first = len(self.nodes)
        tensor = self.entries(block.layers, inner, reads[0])
        return Named(tensor, first, len(self.nodes), inner.level)

    def block_params(
        self, entry: Entry, block: Block, scope: Scope, reads: list[int], subject: str
    ) -> dict[str, Any]:
        """The params a block sees: the spec's, over them its own defaults, over them what the entry gives."""
        shape = self.known_shape(reads[0])
        body = entry.body
        pairs = body.pairs if body is not None else _EMPTY
        if isinstance(entry.type, Expression) and body is not None:
            self.check_dynamic(entry, block.name, [*block.params.pairs], scope)
        columns = self.columns(entry) if "rows" in pairs else []
        values = dict(scope.root)
        missing: list[str] = []
        for name, default in block.params.pairs.items():
            try:
                value: Any = None
                if name in pairs:
                    value = self.values.plain(
                        pairs[name], entry.mark_of(name), scope.values, shape, subject=subject, trail=scope.trail
                    )
                elif name in columns:
                    value = scope.values[name]
                if value is None:
                    value = self.values.plain(default, block.params.value_mark(name), values, shape, trail=scope.trail)
                if value is None:
                    missing.append(name)
                    value = UNKNOWN
            except (Broken, UnknownValue):
                value = UNKNOWN
            values[name] = value
        if missing:
            self.problems.add(
                "missing-parameter", f"{' and '.join(missing)} must be given", entry.mark, subject=subject,
                help=f"write `{block.name}: {{{', '.join(f'{name}: …' for name in missing)}}}`", trail=scope.trail,
            )  # fmt: skip
        return values

    def container(
        self,
        entry: Entry,
        kind: str,
        scope: Scope,
        reads: list[int],
        copy_name: str | None,
        row: int,
        trainable: bool,
    ) -> Named:
        """A container's entries belong to the scope around it; a name or a copy adds a level to full names."""
        if len(reads) != 1:
            raise self.refuse("too-many-inputs", f"{kind} reads 1 entry, not {len(reads)}", entry.mark_of("from"), scope,
                              help="merge them first, with concat or add")  # fmt: skip
        name = copy_name
        if name is None and self.has(entry, "name"):
            name = self.name_of(entry, scope, reads)
        level = scope.level if name is None else Level(f"{scope.level.prefix}{name}.", scope.level)
        inner = scope.inside(level, (*scope.path, id(entry), row), trainable)
        first = len(self.nodes)
        merged: Named | None = None
        if kind == "sequential":
            tensor = self.entries(entry.lists[0], inner, reads[0])
        else:
            row_name = name if name is not None else scope.level.number(kind)
            if name is None:
                scope.level.names[row_name] = Named(reads[0], first, first)  # keep the number while branches are made
            tensors = [self.entries(branch, inner, reads[0]) for branch in entry.lists]
            merge = "add" if kind == "residual" else self.value(entry, "merge", scope) or "concat"
            merged = self.merge(entry, merge, scope, tensors, row_name, trainable)
            tensor = merged.tensor
            scope.level.names[row_name] = merged
        named = Named(tensor, first, len(self.nodes), level if name is not None else None)
        if name is not None or merged is not None:
            scope.level.names[name if name is not None else row_name] = named
        return named

    def merge(
        self, entry: Entry, merge: Any, scope: Scope, tensors: list[int], name: str, trainable: bool
    ) -> Named:
        kind = catalogue.find(merge) if isinstance(merge, str) and merge in ("add", "mul", "concat") else None
        if kind is None:
            raise self.refuse("wrong-value", f"merge must be concat, add or mul, not {show(merge)}", entry.mark_of("merge"), scope)
        if any(self.shapes[tensor] is None for tensor in tensors):
            raise UnknownValue
        given = {"axis": self.value(entry, "axis", scope)} if entry.has("axis") and merge == "concat" else {}
        full_name = scope.level.prefix + name
        layer = self.make(entry, kind, scope, given, full_name)
        shapes = tuple([self.shapes[tensor] or () for tensor in tensors])
        try:
            shape = layer.output_shape(shapes)
        except Misfit as misfit:
            raise self.report(misfit, entry, scope, f"{full_name} ({entry.type})", tensors) from None
        self.shapes.append(shape)
        line = self.spec.source.line_of(entry.mark)
        self.nodes.append(Node(full_name, layer, tuple(tensors), shape, line, trainable))
        return Named(len(self.shapes) - 1, len(self.nodes) - 1, len(self.nodes))

    # -- tied parameters -----------------------------------------------------------------------------------------

    def tie(self, entry: Entry, scope: Scope, named: Named, row: int) -> None:
        """Let the nodes made for an entry use the parameters of an earlier one's."""
        value = self.value(entry, "tied", scope)
        mark = entry.mark_of("tied")
        if value is False or value is None:
            return
        if value is True:
            key = (*scope.path, id(entry), row)
            owner = self.first_copies.setdefault(key, named)
            if owner is named:
                return
        else:
            owner = self.find(value, scope, mark)[-1]
        own = [index for index in range(named.first, named.last) if self.nodes[index].layer.terms()]
        others = [index for index in range(owner.first, owner.last) if self.nodes[index].layer.terms()]
        if not others:
            raise self.refuse("nothing-to-tie", f"`{show(value)}` has no parameters to share", mark, scope)
        matching = len(own) == len(others) and all(
            self.parameter_shapes(mine) == self.parameter_shapes(other) for mine, other in zip(own, others)
        )
        if not matching:
            raise self.refuse(
                "tied-shapes-differ", "the parameters it would share have other shapes", mark, scope,
                help="tied entries must have the same layers, input channels and kernels",
            )  # fmt: skip
        for mine, other in zip(own, others):
            root = self.nodes[other].tied_to
            self.nodes[mine].tied_to = other if root is None else root

    def parameter_shapes(self, index: int) -> list[Any]:
        """What decides the shapes of a node's parameters: the values that its formulas read."""
        node = self.nodes[index]
        values = node.layer.values(tuple(self.shapes[tensor] or () for tensor in node.reads), node.output_shape)
        return [
            (term.name, [(name, values[name]) for name in term.written.names()]) for term in node.layer.terms()
        ]


def _names(expression: Expression) -> set[str]:
    from convcalc.spec.expressions import names_in

    return names_in(expression)


class _NoLayer(Layer):
    """Stands where an entry could not be built; a graph that holds one is never returned."""


_UNKNOWN_NODE = Node("?", _NoLayer(Kind("unknown", _NoLayer), {}), (), (), 0, True)
