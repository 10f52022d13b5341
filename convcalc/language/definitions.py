"""The definitions of a file: params, blocks and custom types."""

from __future__ import annotations

from collections.abc import Collection
from keyword import iskeyword

from convcalc import layers
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS, FUNCTION_NAMES, NAME_HELP, Block, Entry, is_name
from convcalc.language.structure import Structure, is_cut_expression
from convcalc.text.source import Mark, YamlList, YamlMapping


def check_param_names(structure: Structure, params: YamlMapping) -> None:
    """Report names that a param cannot have."""
    rests: Collection[str] = ()
    if any(is_cut_expression(name) for name in params.pairs):
        rests = structure.check_cut_lists(params, params.pairs)
    for name in params.pairs:
        if name in rests:
            continue
        if name in ENTRY_KEYS or name in FUNCTION_NAMES or name.startswith("in_"):
            structure.problems.add(
                "taken-name",
                f"a param cannot be called `{name}`: the word has another meaning in entries or expressions",
                params.key_mark(name),
                help="choose another name",
            )
        elif is_cut_expression(name) and params.pairs[name] is None:
            structure.unknown_key(params, name, (), "`params`")
        elif not name.isidentifier() or iskeyword(name):
            structure.problems.add(
                "bad-name",
                f"`{name}` cannot be read in an expression",
                params.key_mark(name),
                help="a param has letters, digits and _, does not start with a digit, and is not a word of Python",
            )


class DefinedTypes:
    """The blocks and custom types that a file and its included files define, by name."""

    __slots__ = ("bodies", "marks", "structure")

    def __init__(self, structure: Structure) -> None:
        self.structure = structure
        self.bodies: dict[str, YamlMapping] = {}
        self.marks: dict[str, Mark] = {}

    def add(self, root: YamlMapping, key: str, noun: str) -> list[tuple[str, Mark, YamlMapping]]:
        """Add the members of `blocks` or `custom`, and check their names. Gives the members."""
        members = self.structure.members(root, key)
        for name, mark, body in members:
            self._check_name(name, mark, noun)
            self.bodies[name] = body
            self.marks[name] = mark
        return members

    def _check_name(self, name: str, mark: Mark, noun: str) -> None:
        problems, source = self.structure.problems, self.structure.source
        if not is_name(name):
            help = NAME_HELP
            problems.add("bad-name", f"`{name}` cannot name a {noun}", mark, help=help)
        taken = "a container" if name in CONTAINERS else "a built-in layer" if layers.is_reserved(name) else ""
        first = self.marks.get(name)
        if first is not None and not taken:
            where = source.where(first)
            is_here = source.file_of(first) is source.file_of(mark)
            taken = "a block" if is_here else f"defined twice, here and at {where.file}:{where.line}"
        if taken:
            problems.add("taken-name", f"`{name}` is {taken}", mark, help=f"give the {noun} another name")


def signature(structure: Structure, mark: Mark, body: YamlMapping) -> tuple[YamlMapping, list[str]]:
    """The params and the names of the inputs of a type that the file defines."""
    params = structure.mapping(body, "params") or YamlMapping(mark)
    check_param_names(structure, params)
    inputs: list[str] = ["input"]
    given = body.pairs.get("inputs")
    if isinstance(given, YamlList) and given.items and all(isinstance(item, str) for item in given.items):
        inputs = [str(item) for item in given.items]
        for index, (name, place) in enumerate(zip(inputs, given.marks)):
            if not is_name(name) or name == "previous" or name in inputs[:index]:
                message = f"`{name}` cannot name an input here"
                structure.problems.add("bad-name", message, place, help="choose another name")
    elif given is not None:
        help = "write `inputs: [x, skip]`"
        structure.wrong_type(given, body.value_mark("inputs"), "`inputs`", "a list of names", help)
    return params, inputs


def check_cycles(structure: Structure, blocks: dict[str, Block]) -> None:
    """Report a block that uses itself. Types that are expressions are checked when the network is built."""
    uses = {name: _types(block.layers) & blocks.keys() for name, block in blocks.items()}
    for name, block in blocks.items():
        reached, waiting = set[str](), list(uses[name])
        while waiting:
            other = waiting.pop()
            if other not in reached:
                reached.add(other)
                waiting += uses[other]
        if name in reached:
            through = sorted(other for other in reached - {name} if name in uses[other])
            message = f"the block `{name}` uses itself" + (f", through {' and '.join(through)}" if through else "")
            structure.problems.add("block-cycle", message, block.mark)
            return  # for the other blocks of the cycle it is the same mistake


def _types(entries: list[Entry]) -> set[str]:
    """The types in a list of entries and in its containers, without those that are expressions."""
    found = {entry.type for entry in entries if isinstance(entry.type, str)}
    return found.union(*(_types(inner) for entry in entries for inner in entry.lists))
