"""Modules of one class become uses of one block."""

from __future__ import annotations

from collections import defaultdict

from convcalc import layers
from convcalc.importers.merging import Template, flat
from convcalc.importers.naming import in_snake_case
from convcalc.importers.outline import Argument, Block, Entry, Moves, Outline, Ref, last_leaf, replace_refs, walk
from convcalc.importers.params import Parametrised
from convcalc.importers.runs import join_numbered
from convcalc.language.spec import CONTAINERS

# Classes that only hold others: they are no block, whatever they hold.
HOLDERS = frozenset(("", "Sequential", "ModuleList", "ModuleDict", "Functional"))
# Lines that a block adds beside its entries: its name, its params, the key of its layers.
OVERHEAD = 3
_Readers = dict[Entry, list[tuple["Entry | None", Ref]]]


def make_blocks(outline: Outline) -> None:
    """Turn the classes that are used more than once into blocks, inner classes first."""
    done: set[tuple[str, int]] = set()
    while True:
        groups = _ready(outline.entries, done)
        if not groups:
            return
        kind = next(iter(groups))
        done.add(kind)
        _make(outline, kind[0], groups[kind])
        join_numbered(outline)


def make_blocks_of_containers(outline: Outline) -> None:
    """Turn containers without a class into a block where they are alike, names included, and the spec gets shorter."""
    while True:
        groups: dict[str, list[Entry]] = defaultdict(list)
        for entry in walk(outline.entries):
            if entry.entries is not None and not any(inner.entries is not None for inner in entry.inner):
                groups[f"{entry.inner[0].type} {entry.inner[0].name}"].append(entry)
        useful = [group for group in groups.values() if _saves_lines(group)]
        if not useful or not _make(outline, _kind_of(useful[0][0]), useful[0]):
            return
        join_numbered(outline)


def _saves_lines(containers: list[Entry]) -> bool:
    """Whether uses of a block take fewer lines than the entries of the containers."""
    length = min(len(each.inner) for each in containers)
    return len(containers) * (length - 1) > length + OVERHEAD


def _kind_of(container: Entry) -> str:
    """A name for a block of such containers: what they hold."""
    stems = [entry.type.rstrip("123d").rstrip("_").rpartition("_")[2] or entry.type for entry in container.inner]
    return "_".join(stems) if len(stems) <= 3 else "block"


def _ready(entries: list[Entry], done: set[tuple[str, int]]) -> dict[tuple[str, int], list[Entry]]:
    """The containers of each class that hold no container of a class that may become a block."""
    groups: dict[tuple[str, int], list[Entry]] = defaultdict(list)
    waiting: set[tuple[str, int]] = set()

    def visit(entry: Entry) -> bool:
        """Whether a class inside, or this one, waits."""
        waits_inside = sum(visit(inner) for inner in entry.inner) > 0  # every one is visited
        if entry.kind in HOLDERS or entry.entries is None:
            return waits_inside
        kind = (entry.kind, _depth(entry))
        if kind in done:
            return waits_inside
        if waits_inside:
            waiting.add(kind)
        groups[kind].append(entry)
        return True

    for entry in entries:
        visit(entry)
    return {kind: found for kind, found in groups.items() if kind not in waiting}


def _depth(entry: Entry) -> int:
    """How many containers of the same class are inside one another, from this one on."""
    return max((_depth_of(inner, entry.kind) for inner in entry.inner), default=0)


def _depth_of(entry: Entry, kind: str) -> int:
    below = max((_depth_of(inner, kind) for inner in entry.inner), default=0)
    return below + (entry.kind == kind)


class _Use:
    """One container that may become the use of a block."""

    def __init__(self, container: Entry, readers: _Readers) -> None:
        self.container = container
        self.inside = set(flat(container.inner))
        self.arguments: list[Ref] = []
        for entry in flat(container.inner):
            for ref in (*entry.reads, *([entry.tied] if entry.tied else [])):
                if ref.of not in self.inside and ref not in self.arguments:
                    self.arguments.append(ref)
        uses = (use for entry in flat(container.inner) for use in readers.get(entry, ()))
        read = list(dict.fromkeys(ref for reader, ref in uses if reader not in self.inside))
        last = Ref(last_leaf(container))
        self.output = read[0] if len(read) == 1 and not read[0].path else last

    def is_possible(self) -> bool:
        """A block cannot be tied to a layer around it."""
        return bool(self.arguments) and not any(
            entry.tied is not None and entry.tied.of not in self.inside for entry in self.inside
        )

    def bind(self) -> None:
        """Let the entries inside read the inputs of the block."""
        positions = {ref: Ref(Argument(index)) for index, ref in enumerate(self.arguments)}
        for entry in self.inside:
            entry.reads = [positions.get(ref, ref) for ref in entry.reads]

    def restore(self) -> None:
        """Let them read what is outside again."""
        for entry in self.inside:
            entry.reads = [
                self.arguments[ref.of.number] if isinstance(ref.of, Argument) else ref for ref in entry.reads
            ]


def _make(outline: Outline, kind: str, containers: list[Entry]) -> bool:
    """Find the blocks among containers, and put their uses in place of the containers; whether there are any."""
    if len(containers) < 2:
        return False
    templates: list[tuple[Template, list[_Use], list[dict[Entry, Entry]]]] = []
    readers = _readers(outline)
    for container in containers:
        use = _Use(container, readers)
        if use.is_possible():
            _sort(use, templates)
    for template, uses, partners in templates:
        if len(uses) == 1:
            uses[0].restore()
            continue
        change = _replace(outline, kind, template, uses, partners)
        for use in (use for _, others, _ in templates for use in others):
            use.arguments[:] = [change(ref) for ref in use.arguments]
    return any(len(uses) > 1 for _, uses, _ in templates)


def _readers(outline: Outline) -> _Readers:
    """For each entry, the references to it and the entries that have them; None for the outputs of the network."""
    readers: _Readers = defaultdict(list)
    for entry in walk(outline.entries):
        for ref in (*entry.reads, *([entry.tied] if entry.tied else [])):
            if isinstance(ref.of, Entry):
                readers[ref.of].append((entry, ref))
    for ref in outline.outputs:
        if isinstance(ref.of, Entry):
            readers[ref.of].append((None, ref))
    return readers


def _sort(use: _Use, templates: list[tuple[Template, list[_Use], list[dict[Entry, Entry]]]]) -> None:
    """Add a use to the first template that it fits, or begin another."""
    use.bind()
    for template, uses, partners in templates:
        if len(uses[0].arguments) != len(use.arguments):
            continue
        partner = template.add(use.container.inner, use.output)
        if partner is not None:
            uses.append(use)
            partners.append(partner)
            return
    template = Template(use.container.inner, use.output)
    templates.append((template, [use], [{entry: entry for entry in use.inside}]))


def _replace(
    outline: Outline, kind: str, template: Template, uses: list[_Use], partners: list[dict[Entry, Entry]]
) -> Moves:
    """Put uses of a block in place of the containers; the change of the references to what was inside them."""
    for use in uses:
        use.container.reads = list(use.arguments)
        use.container.entries, use.container.kind = None, ""
    parametrised = Parametrised(template, _place_names(template.entries))
    pairs = [(use.container, partner) for use, partner in zip(uses, partners)]
    outputs = [use.output for use in uses]
    name = free_block_name(outline, in_snake_case(kind.rpartition(".")[2]) or "block")
    moves = place_block(outline, name, template, pairs, parametrised, outputs)
    outline.blocks[-1].kind = kind
    return moves


def place_block(
    outline: Outline,
    name: str,
    template: Template,
    uses: list[tuple[Entry, dict[Entry, Entry]]],
    parametrised: Parametrised,
    outputs: list[Ref] | None = None,
) -> Moves:
    """Make a block of a template, and let the `uses` use it.

    A use comes with the entry of the template for each entry that it replaces; `outputs` are what it gives, by default
    the output of the last. Returns the change of the references to what was replaced.
    """
    inputs = len(uses[0][0].reads)
    output = None if template.output == Ref(last_leaf(template.entries[-1])) else template.output
    block = Block(name, inputs, template.entries, output, parametrised.defaults(), parametrised.origins())
    moves = Moves()
    for index, (use, partner) in enumerate(uses):
        use.type, use.block, use.in_shape = name, block, parametrised.in_shapes[index]
        use.parameters = parametrised.arguments(index)
        given = outputs[index] if outputs is not None else Ref(list(partner)[-1])
        for entry, ours in partner.items():
            moves.add(entry, Ref(use, (ours,)), Ref(use) if Ref(entry) == given else None)
    replace_refs(outline.entries, moves)
    outline.outputs = [moves(ref) for ref in outline.outputs]
    outline.blocks.append(block)
    return moves


def _place_names(entries: list[Entry], prefix: str = "") -> dict[Entry, str]:
    """The names that lead to each entry, joined by underscores."""
    names: dict[Entry, str] = {}
    for entry in entries:
        names[entry] = "_".join(filter(None, (prefix, entry.name)))
        names.update(_place_names(entry.inner, names[entry]))
    return names


def free_block_name(outline: Outline, stem: str) -> str:
    """The name, or one like it, that no type, container or other block has."""
    taken = {block.name for block in outline.blocks} | set(outline.custom)
    candidates = [stem, f"{stem}_block", *(f"{stem}_{number}" for number in range(2, len(taken) + 3))]
    return next(name for name in candidates if name not in taken and name not in CONTAINERS and not layers.find(name))
