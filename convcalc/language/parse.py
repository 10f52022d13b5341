"""From located values to a Spec: structure and words are checked here, values when the graph is built."""

from __future__ import annotations

from collections.abc import Collection
from keyword import iskeyword

from convcalc import bounds
from convcalc import layers as layer_types
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS, FUNCTION_NAMES, MERGES, Block, Entry, Spec, Variant, is_name
from convcalc.problems import nearest
from convcalc.text.collector import Problems
from convcalc.text.compose import compose
from convcalc.text.source import Expression, Mark, Source, Value, YamlList, YamlMapping

TOP_LEVEL = ("name", "description", "source", "include", "input", "params", "variants", "blocks", "custom", "layers",
             "outputs", "expect")  # fmt: skip
# All that a file has which is there to be included.
LIBRARY_KEYS = ("name", "description", "source", "include", "params", "blocks", "custom")
BLOCK_KEYS = ("params", "inputs", "layers")
VARIANT_KEYS = ("params", "input", "expect", "description")
WHAT = {YamlMapping: "a mapping", YamlList: "a list", str: "text", bool: "true or false", type(None): "nothing"}


def parse(source: Source, root: YamlMapping | None = None) -> tuple[Spec, Problems]:
    """The spec and the problems found so far. Raises SpecError where the text is not well-formed YAML.

    `root` is what `compose` made of the text, where it was composed before.
    """
    root = compose(source) if root is None else root
    parser = Parser(source)
    return parser.spec_of(root), parser.problems


class Parser:
    """Reads one file; what is wrong is noted in `problems`, and the rest still read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems = Problems(source)
        self.defined: dict[str, YamlMapping] = {}  # the spec's own types, blocks and custom ones, by name
        self.defined_at: dict[str, Mark] = {}

    def spec_of(self, root: YamlMapping) -> Spec:
        spec = Spec(self.source)
        pairs = root.pairs
        self.check_words(root, TOP_LEVEL, "a spec")
        spec.mark = next((root.key_mark(key) for key in ("name", "layers") if key in pairs), root.mark)
        spec.name = self.text(root, "name")
        spec.description = self.text(root, "description")
        spec.citation = self.text(root, "source")
        files = [root]
        if "include" in pairs:
            from convcalc.language.include import included, merged  # only a spec that includes pays

            files = [*included(self, root), root]
        params = [self.mapping(file, "params") or YamlMapping(file.mark) for file in files]
        for each in params:
            self.check_param_names(each)
        spec.params = params[0] if len(params) == 1 else merged(params)
        spec.expect = self.mapping(root, "expect")
        blocks = [member for file in files for member in self.defined_types(file, "blocks", "block")]
        customs = [member for file in files for member in self.defined_types(file, "custom", "custom type")]
        for name, mark, body in customs:
            from convcalc.language.custom import custom_type  # only a spec that has one pays

            spec.custom[name] = custom_type(self, name, mark, body)
        for name, mark, body in blocks:
            spec.blocks[name] = self.block(name, mark, body)
        self.check_cycles(spec.blocks)
        for name, mark, body in self.named(root, "variants"):
            spec.variants[name] = self.variant(name, mark, body, spec.params)
        if "input" in pairs:
            spec.input, spec.input_mark = pairs["input"], root.value_mark("input")
        if "layers" in pairs:
            spec.layers = self.entries(pairs["layers"], root.value_mark("layers"), "layers")
        elif is_library(root):
            self.problems.add(
                "library", "this is a library: a file to be included, without a network of its own", root.mark,
                help="a spec brings it in with `include: FILE`; a network has `input` and `layers`",
            )  # fmt: skip
        else:
            self.problems.add(
                "missing-key", "`layers` is missing", root.mark, help="a spec lists its layers under `layers:`"
            )
        outputs = pairs.get("outputs")
        if isinstance(outputs, YamlList):
            spec.outputs = outputs
        elif outputs is not None:
            spec.outputs = YamlList(root.value_mark("outputs"))
            spec.outputs.items.append(outputs)
            spec.outputs.marks.append(root.value_mark("outputs"))
        return spec

    # -- words ---------------------------------------------------------------------------------------------------

    def check_words(self, mapping: YamlMapping, known: Collection[str], of: str) -> None:
        for key in mapping.pairs:
            if key not in known:
                self.unknown_key(mapping, key, known, of)

    def unknown_key(self, mapping: YamlMapping, key: str, known: Collection[str], of: str) -> None:
        words = sorted(known)
        if _is_cut(key) and mapping.pairs[key] is None:
            self.problems.add(
                "cut-expression",
                f"`{key}` is the rest of an expression that YAML cut at a comma",
                mapping.key_mark(key),
                help='put quotes around the whole expression, as in {a: "=max(1, x)"}',
            )
            return
        if key == "<<":
            help = "merge keys are not part of the language: write the keys out, or use a block or params"
        else:
            help = nearest(key, words) or f"{of} takes {', '.join(words)}"
        self.problems.add("unknown-key", f"{of} has no `{key}`", mapping.key_mark(key), help=help)

    def wrong_type(self, value: Value, mark: Mark, what: str, expected: str, help: str = "") -> None:
        received = WHAT.get(type(value), "a number" if isinstance(value, (int, float)) else "an expression")
        self.problems.add("wrong-type", f"{what} must be {expected}, not {received}", mark, help=help)

    def text(self, mapping: YamlMapping, key: str) -> str:
        value = mapping.pairs.get(key)
        if value is None or (isinstance(value, (str, int, float)) and not isinstance(value, bool)):
            return "" if value is None else str(value)
        self.wrong_type(value, mapping.value_mark(key), f"`{key}`", "text")
        return ""

    def mapping(self, parent: YamlMapping, key: str) -> YamlMapping | None:
        value = parent.pairs.get(key)
        if value is None or isinstance(value, YamlMapping):
            return value
        self.wrong_type(value, parent.value_mark(key), f"`{key}`", "a mapping", f"write `{key}: {{name: value}}`")
        return None

    def named(self, root: YamlMapping, key: str) -> list[tuple[str, Mark, YamlMapping]]:
        """The members of a mapping of mappings, such as blocks."""
        members: list[tuple[str, Mark, YamlMapping]] = []
        for name, value in (self.mapping(root, key) or YamlMapping(0)).pairs.items():
            parent = root.pairs[key]
            assert isinstance(parent, YamlMapping)
            if isinstance(value, YamlMapping):
                members.append((name, parent.key_mark(name), value))
            elif value is None and key != "blocks":
                members.append((name, parent.key_mark(name), YamlMapping(parent.key_mark(name))))
            else:
                self.wrong_type(value, parent.value_mark(name), f"`{name}` of `{key}`", "a mapping")
        return members

    def defined_types(self, root: YamlMapping, key: str, what: str) -> list[tuple[str, Mark, YamlMapping]]:
        """The members of `blocks` or `custom`, their names checked."""
        members = self.named(root, key)
        for name, mark, body in members:
            self.check_type_name(name, mark, what)
            self.defined[name] = body
            self.defined_at[name] = mark
        return members

    def check_type_name(self, name: str, mark: Mark, what: str) -> None:
        if not is_name(name):
            help = "a name is made of letters, digits, - and _, and does not start with a digit"
            self.problems.add("bad-name", f"`{name}` cannot name a {what}", mark, help=help)
        taken = "a container" if name in CONTAINERS else "a built-in layer" if name in layer_types.names() else ""
        first = self.defined_at.get(name)
        if first is not None and not taken:
            where = self.source.where(first)
            is_here = self.source.file_of(first) is self.source.file_of(mark)
            taken = "a block" if is_here else f"defined twice, here and at {where.file}:{where.line}"
        if taken:
            self.problems.add("taken-name", f"`{name}` is {taken}", mark, help=f"give the {what} another name")

    def check_param_names(self, params: YamlMapping) -> None:
        for name in params.pairs:
            if name in ENTRY_KEYS or name in FUNCTION_NAMES or name.startswith("in_"):
                self.problems.add(
                    "taken-name",
                    f"a param cannot be called `{name}`: the word has a meaning of its own in entries and expressions",
                    params.key_mark(name),
                    help="choose another name",
                )
            elif _is_cut(name) and params.pairs[name] is None:
                self.unknown_key(params, name, (), "`params`")
            elif not name.isidentifier() or iskeyword(name):
                self.problems.add(
                    "bad-name",
                    f"`{name}` cannot be read in an expression",
                    params.key_mark(name),
                    help="a param is a word of letters, digits and _, not starting with a digit, and no word of Python",
                )

    # -- blocks, variants ----------------------------------------------------------------------------------------

    def variant(self, name: str, mark: Mark, body: YamlMapping, params: YamlMapping) -> Variant:
        self.check_words(body, VARIANT_KEYS, "a variant")
        for key in ("params", "expect"):
            self.mapping(body, key)
        variant = Variant(name, mark, body)
        if not self.source.incomplete:
            self.check_words(variant.params, tuple(params.pairs), "`params` of the file")
        return variant

    def block(self, name: str, mark: Mark, body: YamlMapping) -> Block:
        self.check_words(body, BLOCK_KEYS, "a block")
        params, inputs = self.signature(mark, body)
        if "layers" in body.pairs:
            entries = self.entries(body.pairs["layers"], body.value_mark("layers"), f"`layers` of block {name}")
        else:
            entries = []
            self.problems.add("missing-key", f"block `{name}` has no `layers`", mark, help="a block lists its layers")
        return Block(name, mark, params, inputs, entries)

    def signature(self, mark: Mark, body: YamlMapping) -> tuple[YamlMapping, list[str]]:
        """The params and the names of the inputs of a type that the file defines."""
        params = self.mapping(body, "params") or YamlMapping(mark)
        self.check_param_names(params)
        inputs: list[str] = ["input"]
        given = body.pairs.get("inputs")
        if isinstance(given, YamlList) and given.items and all(isinstance(item, str) for item in given.items):
            inputs = [str(item) for item in given.items]
            for index, (input_name, place) in enumerate(zip(inputs, given.marks)):
                if not is_name(input_name) or input_name == "previous" or input_name in inputs[:index]:
                    self.problems.add(
                        "bad-name", f"`{input_name}` cannot name an input here", place, help="choose another name"
                    )
        elif given is not None:
            self.wrong_type(
                given, body.value_mark("inputs"), "`inputs`", "a list of names", "write `inputs: [x, skip]`"
            )
        return params, inputs

    def check_cycles(self, blocks: dict[str, Block]) -> None:
        """Report blocks that use themselves, by written types; computed ones show when the graph is built."""
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
                self.problems.add("block-cycle", message, block.mark)
                return  # the other blocks of the cycle are the same mistake

    # -- entries -------------------------------------------------------------------------------------------------

    def entries(self, value: Value, mark: Mark, what: str) -> list[Entry]:
        if isinstance(value, YamlList):
            if len(value.items) > bounds.MAX_LAYERS:
                message = f"a list of more than {bounds.MAX_LAYERS:,} entries"
                raise self.source.error("too-large", message, mark, bounds.how_to_raise("MAX_LAYERS"))
            return [self.entry(item, item_mark) for item, item_mark in zip(value.items, value.marks)]
        self.wrong_type(value, mark, what, "a list of entries", "write one `- type: {…}` a line")
        return []

    def entry(self, item: Value, mark: Mark) -> Entry:
        if type(item) is YamlMapping:
            if len(item.pairs) == 1:
                key, body = next(iter(item.pairs.items()))
                key_mark = item.marks[0]
                if type(body) is YamlMapping or body is None:
                    return self.typed_entry(self.type_of(key), key_mark, body)
                self.wrong_type(
                    body, item.marks[1], f"what follows `{key}:`", "a mapping of parameters", f"write `- {key}: {{…}}`"
                )
            else:
                extra = list(item.pairs)[1:2]
                self.problems.add(
                    "bad-entry",
                    "an entry has one key, its type" if extra else "an entry without a type",
                    item.key_mark(extra[0]) if extra else mark,
                    help="put the parameters inside: `- conv2d: {out_channels: 6, kernel_size: 5}`",
                )
            return Entry(None, mark, None)
        if isinstance(item, (str, Expression)):
            return self.typed_entry(item, mark, None)
        self.wrong_type(item, mark, "an entry", "a type or a mapping `type: {…}`")
        return Entry(None, mark, None)

    @staticmethod
    def type_of(key: str) -> str | Expression:
        return Expression(key[1:].strip()) if key[:1] == "=" else key

    def typed_entry(self, kind: str | Expression, mark: Mark, body: YamlMapping | None) -> Entry:
        if isinstance(kind, Expression):
            return Entry(kind, mark, body)
        if kind in CONTAINERS:
            return self.container(kind, mark, body or YamlMapping(mark))
        found = layer_types.find(kind)
        if found is not None:
            if body is not None:
                self.check_parameters(body, kind, found.parameters)
        elif kind in self.defined:
            if body is not None:
                params = self.defined[kind].pairs.get("params")
                self.check_parameters(body, kind, params.pairs if isinstance(params, YamlMapping) else {})
        else:
            self.unknown_type(kind, mark)
            return Entry(None, mark, body)
        return Entry(kind, mark, body)

    def check_parameters(self, body: YamlMapping, kind: str, known: Collection[str]) -> None:
        for key in body.pairs:
            if key not in known and key not in ENTRY_KEYS:
                self.unknown_key(body, key, [*known, *ENTRY_KEYS], kind)

    def unknown_type(self, kind: str, mark: Mark) -> None:
        if self.source.incomplete:
            return  # it may well be defined in the file that could not be read
        known = [*layer_types.names(), *CONTAINERS, *self.defined]
        help = nearest(kind, known) or "`convcalc layers` lists the types; a block is defined under `blocks:`"
        self.problems.add("unknown-type", f"there is no layer, container or block `{kind}`", mark, help=help)

    def container(self, kind: str, mark: Mark, body: YamlMapping) -> Entry:
        self.check_words(body, frozenset((*CONTAINERS[kind], *ENTRY_KEYS)), kind)
        lists: tuple[list[Entry], ...]
        if kind == "parallel":
            branches = body.pairs.get("branches")
            if isinstance(branches, YamlList) and branches.items:
                lists = tuple(
                    self.entries(branch, branch_mark, "a branch")
                    for branch, branch_mark in zip(branches.items, branches.marks)
                )
            else:
                place = body.value_mark("branches") if "branches" in body.pairs else mark
                self.wrong_type(branches, place, "`branches`", "a list of lists of entries")
                lists = ()
            merge = body.pairs.get("merge")
            if isinstance(merge, (str, type(None))) and merge not in (None, *MERGES):
                self.problems.add(
                    "wrong-value",
                    f"merge must be one of {', '.join(MERGES)}, not '{merge}'",
                    body.value_mark("merge"),
                    help=nearest(str(merge), MERGES),
                )
                lists = ()
            if not lists:
                return Entry(None, mark, body)
        else:
            if "layers" not in body.pairs:
                self.problems.add("missing-key", f"{kind} has no `layers`", mark, help="it takes a list of entries")
                return Entry(None, mark, body)
            lists = tuple(
                self.entries(body.pairs[key], body.value_mark(key), f"`{key}`") if key in body.pairs else []
                for key in CONTAINERS[kind]
            )
        return Entry(kind, mark, body, lists)


def is_library(root: YamlMapping) -> bool:
    """Whether a file is there to be included: it defines something, and has no other key of a network."""
    return root.pairs.keys() <= set(LIBRARY_KEYS) and not root.pairs.keys().isdisjoint(LIBRARY_KEYS[3:])


def _types(entries: list[Entry]) -> set[str]:
    """The types written in a list of entries, those inside containers too."""
    found = {entry.type for entry in entries if isinstance(entry.type, str)}
    return found.union(*(_types(inner) for entry in entries for inner in entry.lists))


def _is_cut(key: str) -> bool:
    """Whether a key looks like the end of an expression that YAML cut at a comma."""
    return key.count(")") > key.count("(") or key.count("]") > key.count("[")
