"""From an outline to the text of a spec."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from convcalc import layers
from convcalc.importers.lines import lines_of
from convcalc.importers.naming import name_entries, of_level, rename, row_names
from convcalc.importers.outline import Argument, Block, Entry, Outline, Ref, Stepwise, last_leaf, walk
from convcalc.importers.params import without_defaults

# The names of a block's inputs where it has several.
ARGUMENTS = ("x", "y", "z")


def text_of(outline: Outline, head: dict[str, Any], tail: dict[str, Any]) -> str:
    """The text of a spec: the keys of `head`, the entries, and the keys of `tail`."""
    scopes = {block: _Scope(block.entries, [_argument(block, index) for index in range(block.inputs)], block.output)
              for block in outline.blocks}  # fmt: skip
    whole = _Scope(outline.entries, _inputs(outline), is_network=True)
    needed = {part for scope in [*scopes.values(), whole] for part in scope.named_from_outside()}
    needed.update(part for ref in outline.outputs for part in (ref.of, *ref.path) if isinstance(part, Entry))
    for scope in [*scopes.values(), whole]:
        scope.choose_names(needed)
    spec = dict(head)
    spec["input"] = _input(outline)
    if outline.blocks:
        spec["blocks"] = {block.name: _block(block, scopes[block], scopes) for block in outline.blocks}
    if outline.custom:
        spec["custom"] = outline.custom
    spec["layers"] = whole.written(scopes)
    if outline.outputs != [whole.last()]:
        spec["outputs"] = [whole.text(ref, (), scopes) for ref in outline.outputs]
    spec.update(tail)
    return "".join(line + "\n" for key, value in spec.items() for line in lines_of(key, value))


def _input(outline: Outline) -> Any:
    shapes = {name: list(shape) for name, shape in outline.inputs.items()}
    return next(iter(shapes.values())) if len(shapes) == 1 else shapes


def _inputs(outline: Outline) -> list[str]:
    """The names by which entries read the inputs of the network."""
    return list(outline.inputs) if len(outline.inputs) > 1 else ["input"]


def _argument(block: Block, index: int) -> str:
    if block.inputs == 1:
        return "input"
    return ARGUMENTS[index] if block.inputs <= len(ARGUMENTS) else f"x{index + 1}"


def _block(block: Block, scope: _Scope, scopes: dict[Block, _Scope]) -> dict[str, Any]:
    written: dict[str, Any] = {}
    if block.inputs > 1:
        written["inputs"] = scope.arguments
    if block.params:
        written["params"] = block.params
    if block.output is not None and block.output != scope.last():
        written["outputs"] = [scope.text(block.output, (), scopes)]
    written["layers"] = scope.written(scopes)
    return written


class _Scope:
    """The entries of the network or of a block, with what each of them reads when nothing is written."""

    def __init__(
        self, entries: list[Entry], arguments: list[str], output: Ref | None = None, *, is_network: bool = False
    ) -> None:
        self.entries = entries
        self.arguments = arguments
        self.explicit: set[Entry] = set()
        self.sources: dict[Entry, Ref] = {}  # what a container reads
        self.output = output
        self._containers: dict[Entry, tuple[Entry, ...]] = {}
        is_network_of_several = is_network and len(arguments) > 1  # its first entry must say what it reads
        self._follow(entries, [] if is_network_of_several else [Ref(Argument(0))], ())

    def _follow(self, entries: list[Entry], previous: list[Ref], around: tuple[Entry, ...]) -> list[Ref]:
        """Find out which entries must say what they read; what the last one gives."""
        for entry in entries:
            self._containers[entry] = around
            if entry.entries is not None:
                source = _source(entry) or (previous or [Ref(Argument(0))])[0]
                self.sources[entry] = source
                if [source] != previous:
                    self.explicit.add(entry)
                previous = self._follow(entry.entries, [source], (*around, entry))
            else:
                if entry.reads and (entry.reads != previous or _always_says_what_it_reads(entry)):
                    self.explicit.add(entry)
                previous = [Ref(entry)]
        return previous

    def last(self) -> Ref:
        """What the scope gives if nothing is written."""
        return Ref(last_leaf(self.entries[-1]))

    def named_from_outside(self) -> Iterator[Entry]:
        """The entries that need a name because their output is read by name."""
        refs = [ref for entry in self.explicit for ref in self._reads(entry)]
        refs += [entry.tied for entry in walk(self.entries) if entry.tied is not None]
        refs += [self.output] if self.output is not None else []
        for ref in refs:
            yield from (part for part in (ref.of, *ref.path) if isinstance(part, Entry))

    def _reads(self, entry: Entry) -> list[Ref]:
        return [self.sources[entry]] if entry.entries is not None else entry.reads

    def choose_names(self, needed: set[Entry]) -> None:
        name_entries(self.entries, needed, set(self.arguments))
        for entry in walk(self.entries):
            around = self._containers[entry]
            reads = self._reads(entry) if entry in self.explicit else []
            for ref, is_exact in [*((ref, False) for ref in reads), *([(entry.tied, True)] if entry.tied else [])]:
                if isinstance(ref.of, Entry):
                    first = self._path(ref, around, is_exact=is_exact)[0]
                    for hiding in self._hiding(first, around):
                        rename(hiding, {each.name for each in walk(self.entries)})

    def written(self, scopes: dict[Block, _Scope]) -> list[Any]:
        return [self._entry(entry, scopes) for entry in self.entries]

    def _entry(self, entry: Entry, scopes: dict[Block, _Scope]) -> Any:
        body: dict[str, Any] = {"name": entry.name} if entry.name else {}
        if entry in self.explicit:
            texts = [self.text(ref, self._containers[entry], scopes) for ref in self._reads(entry)]
            body["from"] = texts[0] if len(texts) == 1 and not _always_says_what_it_reads(entry) else texts
        body.update(entry.keys)
        if entry.tied is not None:
            body["tied"] = self.text(entry.tied, self._containers[entry], scopes, is_exact=True)
        body.update({key: _plain(value) for key, value in without_defaults(entry, entry.parameters).items()})
        if entry.entries is not None:
            body["layers"] = [self._entry(inner, scopes) for inner in entry.entries]
        return {entry.type: body} if body else entry.type

    def text(self, ref: Ref, around: Sequence[Entry], scopes: dict[Block, _Scope], *, is_exact: bool = False) -> str:
        """A reference as an entry inside the containers `around` writes it; `is_exact` for the entry itself."""
        if isinstance(ref.of, Argument):
            return self.arguments[ref.of.number]
        chain = self._path(ref, around, is_exact=is_exact)
        parts = [entry.name or row_names(entry)[-1] for entry in chain]
        block = ref.of.block
        if ref.path and not ref.of.name:  # the path begins with the name of a row
            parts.pop()
        for part in ref.path:
            if isinstance(part, str):
                parts.append(part)
                continue
            assert block is not None
            parts += [entry.name for entry in (*scopes[block]._containers[part], part) if entry.name]
            block = part.block
        return ".".join(parts)

    def _path(self, ref: Ref, around: Sequence[Entry], *, is_exact: bool) -> list[Entry]:
        """The entries by whose names an entry inside the containers `around` reaches another."""
        assert isinstance(ref.of, Entry)
        rows = row_names(ref.of)  # each row has a name of its own
        chain = [each for each in (*self._containers[ref.of], ref.of) if each.name or (rows and each is ref.of)]
        if not ref.path and not is_exact:  # the name of a container gives the output of its last entry
            while len(chain) > 1 and last_leaf(chain[-2]) is ref.of and chain[-2] not in around:
                chain.pop()
        shared = 0
        names_around = [entry for entry in around if entry.name]
        while shared < min(len(chain) - 1, len(names_around)) and chain[shared] is names_around[shared]:
            shared += 1
        while shared and self._hiding(chain[shared], around):
            shared -= 1
        return chain[shared:]

    def _hiding(self, first: Entry, around: Sequence[Entry]) -> list[Entry]:
        """The entries that the name of `first` means inside the containers `around` in its place."""
        name = first.name or row_names(first)[-1]
        depth = sum(bool(container.name) for container in self._containers[first])
        nearer = [container for container in around if container.name][depth:]
        return [entry for container in nearer for entry in of_level(container.inner) if entry.name == name]


def _source(container: Entry) -> Ref | None:
    """What a container reads: the first input of its first entry."""
    first = container.inner[0]
    if first.entries is not None:
        return _source(first)
    return first.reads[0] if len(first.reads) == 1 else None


def _always_says_what_it_reads(entry: Entry) -> bool:
    """Whether an entry of this type is refused without `from`: merges, and other types of several inputs."""
    if entry.block is not None or entry.entries is not None:
        return False
    layer_type = layers.find(entry.type)
    return layer_type is not None and layer_type.layer_class.arity != (1, 1)


def _plain(value: Any) -> Any:
    if isinstance(value, Stepwise):
        return _stepwise(value)
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


def _stepwise(value: Stepwise) -> str:
    """The expression for a value that the first of several copies has for itself."""
    if isinstance(value.first, bool) and isinstance(value.others, bool):
        return "=index == 0" if value.first else "=index > 0"
    first, others = (each[1:] if isinstance(each, str) else str(each) for each in value)
    return f"={first} if index == 0 else {others}"
