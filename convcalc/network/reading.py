"""What an entry says: its keys, the names it reads, and its own name."""

from __future__ import annotations

from typing import Any

from convcalc import bounds
from convcalc.arith.shape import Shape
from convcalc.language.spec import Entry, Spec, is_name
from convcalc.layers.base import Kind, Layer
from convcalc.layers.parameters import show
from convcalc.network.graph import Graph, Node
from convcalc.network.scope import Named, NameNotFound, Scope
from convcalc.network.trace import Trace
from convcalc.network.values import Reported, Values
from convcalc.problems import nearest
from convcalc.text.collector import Problems
from convcalc.text.source import Expression, Mark, YamlList, YamlMapping


class Reader:
    """The state of one expansion, and what every step of it reads from entries.

    `shapes` holds the shape of every tensor, None where an error leaves it unknown; `trace`, where one is kept, what
    was met on the way.
    """

    def __init__(self, spec: Spec, problems: Problems, graph: Graph) -> None:
        self.spec = spec
        self.problems = problems
        self.values = Values(problems)
        self.graph = graph
        self.nodes = graph.nodes
        self.shapes: list[Shape | None] = []
        self.steps = 0
        self.trace: Trace | None = None

    # -- keys ----------------------------------------------------------------------------------------------------

    def has(self, entry: Entry, key: str, scope: Scope) -> bool:
        """Whether the entry, or a column of its rows, gives the key."""
        return key in entry.body.pairs or (scope.row is not None and key in scope.columns_of(entry))

    def value(self, entry: Entry, key: str, scope: Scope, shape: Shape | None = None) -> Any:
        """The plain value of one of the entry's own keys, or of the column of that name."""
        if not entry.has(key):
            return scope.columns_of(entry).get(key)
        raw = entry.get(key)
        if type(raw) in (Expression, YamlList, YamlMapping):
            return self.values.plain(raw, entry.mark_of(key), scope.values, shape, trail=scope.trail)
        return raw

    def mark(self, entry: Entry, key: str, scope: Scope) -> Mark:
        """Where a value stands: with its key, in its cell of the rows, or (where it is missing) the entry."""
        if not entry.has(key) and key in scope.columns_of(entry):
            assert scope.row is not None
            return scope.row.marks.get(key, entry.mark_of("rows"))
        return entry.mark_of(key)

    def truth(self, entry: Entry, key: str, scope: Scope, shape: Shape | None) -> bool:
        value = self.value(entry, key, scope, shape)
        if isinstance(value, bool):
            return value
        raise self.refuse(
            "wrong-value", f"{key} must be true or false, not {show(value)}", self.mark(entry, key, scope), scope
        )

    def refuse(self, rule: str, message: str, mark: Mark, scope: Scope, help: str = "", subject: str = "") -> Reported:
        self.problems.add(rule, message, mark, help=help, subject=subject, trail=scope.trail)
        return Reported()

    def unknown_tensor(self) -> int:
        self.shapes.append(None)
        self.nodes.append(_UNKNOWN_NODE)
        return len(self.shapes) - 1

    def meet(self, name: str, entry: Entry, scope: Scope) -> None:
        """Note an entry under its name, for who wants to know where layers come from."""
        if self.trace is not None:
            self.trace.meet(name, entry, scope)

    def step(self, entry: Entry) -> None:
        """Count one copy of an entry, so that no nesting of blocks and repeats runs away."""
        self.steps += 1
        if self.steps > bounds.MAX_LAYERS:
            raise self.spec.source.error(
                "too-large",
                f"the network has more than {bounds.MAX_LAYERS:,} layers",
                entry.mark,
                bounds.how_to_raise("MAX_LAYERS"),
            )

    # -- names ---------------------------------------------------------------------------------------------------

    def reads(self, entry: Entry, scope: Scope, previous: int) -> list[int]:
        """The tensors that an entry reads, `previous` where it does not say."""
        if not self.has(entry, "from", scope):
            return [self.ready(previous, entry, scope)]
        return self.resolve(entry, scope, previous, self.value(entry, "from", scope, self.known_shape(previous)))

    def first_read(self, entry: Entry, scope: Scope, previous: int) -> int:
        """The first tensor that an entry reads; the rest of its `from` is not looked at."""
        raw = entry.get("from")
        if not isinstance(raw, YamlList) or not raw.items:
            return self.reads(entry, scope, previous)[0]
        shape = self.known_shape(previous)
        reference = self.values.plain(raw.items[0], raw.marks[0], scope.values, shape, trail=scope.trail)
        return self.resolve(entry, scope, previous, [reference])[0]

    def resolve(self, entry: Entry, scope: Scope, previous: int, references: Any) -> list[int]:
        """The tensors that a plain value of `from` names."""
        if references is None:
            return [self.ready(previous, entry, scope)]
        raw, mark = entry.get("from"), self.mark(entry, "from", scope)
        if not isinstance(references, list):
            references = [references]
        if not references:
            raise self.refuse("wrong-value", "`from` names nothing to read", mark, scope)
        tensors: list[int] = []
        for index, reference in enumerate(references):
            place = raw.marks[index] if isinstance(raw, YamlList) else mark
            if reference == "previous":
                tensors.append(self.ready(previous, entry, scope))
            else:
                tensors.extend(named.tensor for named in self.find(reference, scope, place))
        return tensors

    def ready(self, previous: int, entry: Entry, scope: Scope) -> int:
        """The tensor before an entry. Raises Reported for the first of a spec that has several inputs."""
        if previous >= 0:
            return previous
        raise self.refuse(
            "missing-from",
            "the spec has several inputs: the first entry must say which it reads",
            entry.mark,
            scope,
            help=f"add `from: {next(iter(scope.inputs))}`",
        )

    def find(self, reference: Any, scope: Scope, mark: Mark, *, as_output: bool = False) -> list[Named]:
        """What a reference names. Reports and raises Reported when there is no such name."""
        if not isinstance(reference, str):
            raise self.refuse("wrong-type", f"a name must stand here, not {show(reference)}", mark, scope)
        tensor = scope.inputs.get(reference, scope.first_input if reference == "input" else None)
        if tensor is not None:
            return [Named(tensor, 0, 0)]
        try:
            found = scope.level.find(reference)
            if self.trace is not None:
                self.trace.refer(reference, scope.level, mark)
            return found
        except NameNotFound:
            pass
        message = f"nothing before this entry is called `{reference}`"
        if as_output:
            message = f"there is no entry called `{reference}`"
        raise self.refuse("unknown-name", message, mark, scope, help=self.nearest_name(reference, scope))

    def nearest_name(self, reference: str, scope: Scope) -> str:
        """What may have been meant by a name that is not there."""
        written = reference in self.all_names(self.spec.layers)
        if scope.blocks and written:
            return "a block does not see the names around it: give it a second input under `inputs:`"
        inside = [node.name for node in self.nodes if node.name.endswith(f".{reference}")]
        if inside:
            return f"did you mean {' or '.join(inside[:2])}?"
        if written:
            return "references go backwards only"
        known = list(dict.fromkeys([*scope.level.visible(), *scope.inputs, "input", "previous"]))
        return nearest(reference, known) or "it can read " + ", ".join(known[-8:])

    def all_names(self, entries: list[Entry]) -> set[str]:
        names = {str(entry.get("name")) for entry in entries}
        return names.union(*(self.all_names(inner) for entry in entries for inner in entry.lists))

    def known_shape(self, tensor: int) -> Shape | None:
        return self.shapes[tensor] if tensor >= 0 else None

    def name_of(self, entry: Entry, scope: Scope, reads: list[int], kind: str) -> str:
        """The entry's own name, checked, or its number where it has none."""
        if not self.has(entry, "name", scope):
            return scope.level.number(kind)
        name = self.value(entry, "name", scope, self.known_shape(reads[0]))
        mark = self.mark(entry, "name", scope)
        if not isinstance(name, str):
            raise self.refuse("bad-name", f"a name must be text, not {show(name)}", mark, scope)
        self.check_name(name, mark, scope)
        return name

    def check_name(self, name: str, mark: Mark, scope: Scope) -> None:
        """Report a name that cannot be, and raise Reported."""
        if name in scope.inputs or name in ("input", "previous"):
            message, help = f"`{name}` already means something to `from`", "choose another name"
        elif not is_name(name):
            message = f"`{name}` cannot be a name"
            help = "a name is made of letters, digits, - and _, and does not start with a digit"
        elif name in scope.level.names:
            message, help = f"the name `{name}` is used twice in one scope", "choose another name"
        else:
            return
        raise self.refuse("bad-name", message, mark, scope, help=help)


class _NoLayer(Layer):
    """Stands where an entry could not be built; a graph that holds one is never returned."""


_UNKNOWN_NODE = Node("?", _NoLayer(Kind("unknown", _NoLayer), {}), (), (), Entry(None, 0, None), 0, True)
