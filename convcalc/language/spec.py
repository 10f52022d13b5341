"""A spec as it is written: its structure is checked, and no expression is evaluated."""

from typing import Any

from convcalc.arith.wording import visible_lines
from convcalc.plain_tuple import PlainTuple
from convcalc.text.source import Expression, Mark, Source, Value, YamlList, YamlMapping

ENTRY_KEYS = frozenset(("name", "from", "repeat", "rows", "when", "trainable", "tied"))
# The keys of each container that have entries, and all its keys besides those of every entry.
ENTRY_LISTS = {"sequential": ("layers",), "residual": ("layers", "shortcut"), "parallel": ("branches",)}
CONTAINERS = {
    "sequential": (*ENTRY_LISTS["sequential"], "numbered"),
    "residual": ENTRY_LISTS["residual"],
    "parallel": (*ENTRY_LISTS["parallel"], "merge", "axis"),
}
# The keys that copy an entry or leave it out.
COPYING = frozenset(("rows", "repeat", "when"))
# The functions that expressions may call; `convcalc.language.expressions` defines them.
FUNCTION_NAMES = frozenset(["min", "max", "abs", "int", "round", "floor", "ceil", "sqrt", "len", "sum", "divisible"])
MERGES = ("concat", "add", "mul")

# The help of messages about names.
NAME_HELP = "a name is made of letters, digits, - and _, and does not start with a digit"
ENTRY_NAME_HELP = f"{NAME_HELP}; or it is a whole number"


def is_name(word: str) -> bool:
    """Whether a word can be a name: it has letters, digits, - and _, and does not start with a digit or -.

    >>> is_name("conv-1"), is_name("1a"), is_name("a.b"), is_name("-a")
    (True, False, False, False)
    """
    return word.replace("-", "_").isidentifier() and not word.startswith("-")


def is_entry_name(word: str) -> bool:
    """Whether an entry can have this name: a word, or a number, as the members of PyTorch's Sequential have.

    >>> is_entry_name("conv-1"), is_entry_name("12"), is_entry_name("1a")
    (True, True, False)
    """
    return is_name(word) or (word.isascii() and word.isdecimal())


_EMPTY_BODY = YamlMapping(0)


class Entry:
    """One entry of a list of layers.

    `type` is None where it is wrong: the problem is reported, and the rest of the file is still checked. `lists` are
    the lists of a container: body and shortcut of a residual one, the branches of a parallel one.
    """

    __slots__ = ("type", "mark", "body", "lists")

    def __init__(
        self,
        type: str | Expression | None,
        mark: Mark,
        body: YamlMapping | None,
        lists: "tuple[list[Entry], ...]" = (),
    ) -> None:
        self.type = type
        self.mark = mark
        self.body = body if body is not None else _EMPTY_BODY
        self.lists = lists

    def get(self, key: str) -> Value:
        return self.body.pairs.get(key)

    def has(self, key: str) -> bool:
        return key in self.body.pairs

    def mark_of(self, key: str) -> Mark:
        """The mark of the value of a key; the mark of the entry where it does not have the key."""
        return self.body.value_mark(key) if key in self.body.pairs else self.mark


class Block(PlainTuple):
    """A reusable block: its params with their defaults, the names of its inputs and outputs, and its entries.

    Where `outputs` is None, its output is that of its last entry.
    """

    name: str
    mark: Mark
    params: YamlMapping
    inputs: list[str]
    layers: "list[Entry]"
    outputs: YamlList | None = None


class CustomType(PlainTuple):
    """A layer type of the file: its params with their defaults, the names of its inputs, and its formulas in `body`.

    `is_sound` is false where a problem with its keys is reported. An entry of this type is then not built.
    """

    name: str
    mark: Mark
    params: YamlMapping
    inputs: list[str]
    body: YamlMapping
    is_sound: bool


class Variant:
    """A member of a family: the params, the input and the texts that it changes in the file."""

    __slots__ = ("name", "mark", "params", "input", "input_mark", "expect", "description")

    def __init__(self, name: str, mark: Mark, body: YamlMapping) -> None:
        self.name = name
        self.mark = mark
        params, expect = body.pairs.get("params"), body.pairs.get("expect")
        self.params = params if isinstance(params, YamlMapping) else YamlMapping(mark)
        self.expect = expect if isinstance(expect, YamlMapping) else None
        self.input = body.pairs.get("input")
        self.input_mark = body.value_mark("input") if "input" in body.pairs else mark
        self.description = visible_lines(str(body.pairs.get("description") or ""))


class Spec:
    """One file. `input` is the raw value: a list, or a mapping of inputs by name.

    `mark` is the mark of the key `name`, or of `layers` where the file has no name.
    """

    __slots__ = (
        "blocks",
        "citation",
        "constant_expectations",
        "custom",
        "description",
        "expanded_blocks",
        "expanded_nodes",
        "expect",
        "input",
        "input_mark",
        "layers",
        "mark",
        "name",
        "names_read",
        "outputs",
        "params",
        "source",
        "variants",
        "written_layers",
    )

    def __init__(self, source: Source) -> None:
        self.source = source
        self.mark: Mark = 0
        self.name = ""
        self.description = ""
        self.citation = ""
        self.input: Value = None
        self.input_mark: Mark = 0
        self.params = YamlMapping(0)
        self.variants: dict[str, Variant] = {}
        self.blocks: dict[str, Block] = {}
        self.custom: dict[str, CustomType] = {}
        self.layers: list[Entry] = []
        self.outputs: YamlList | None = None
        self.expect: YamlMapping | None = None
        # What one build finds and the next uses again: the text does not change.
        self.names_read: dict[str, frozenset[str]] = {}
        self.expanded_blocks: dict[Any, Any] = {}
        self.expanded_nodes = 0  # in these blocks
        self.written_layers: dict[Any, Any] = {}
        self.constant_expectations: dict[str | None, YamlMapping] = {}

    def mark_of_target(self, variant: str | None) -> Mark:
        """The mark of the file or of a variant, for problems of the network as a whole."""
        return self.mark if variant is None else self.variants[variant].mark
