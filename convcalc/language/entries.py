"""Reads lists of entries and checks their types and keys. Values are checked when the network is built."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from convcalc import bounds
from convcalc import layers as layer_types
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS, ENTRY_LISTS, MERGES, Entry
from convcalc.language.structure import Structure
from convcalc.problems import nearest
from convcalc.text.source import Expression, Mark, Value, YamlList, YamlMapping, as_plain

MAX_CALL = 300  # a longer text is no call


def is_cut_call(text: str) -> bool:
    """Whether a text looks like the begin of a call or a list in ( ) that YAML cut at a comma."""
    return len(text) <= MAX_CALL and text.count("(") > text.count(")")


def with_whole_calls(entries: YamlList) -> YamlList:
    """The same list, with the calls that YAML cut at their commas as one item each: `[Conv2d(3, 64), relu]`."""
    whole = YamlList(entries.mark)
    for item, mark in zip(entries.items, entries.marks):
        last = whole.items[-1] if whole.items else None
        if isinstance(last, str) and is_cut_call(last) and isinstance(item, (str, int, float)):
            whole.items[-1] = f"{last}, {item}"
        else:
            whole.items.append(item)
            whole.marks.append(mark)
    return whole


class EntryParser:
    """Reads lists of entries. `defined` has the blocks and custom types of the file, by name."""

    __slots__ = ("defined", "structure")

    def __init__(self, structure: Structure, defined: Mapping[str, YamlMapping]) -> None:
        self.structure = structure
        self.defined = defined

    def entries(self, value: Value, mark: Mark, what: str) -> list[Entry]:
        """The entries of a list; `what` is the name of the list in messages."""
        if isinstance(value, YamlList):
            if len(value.items) > bounds.MAX_LAYERS:
                message = f"the list has more than {bounds.MAX_LAYERS:,} entries"
                raise self.structure.source.error("too-large", message, mark, bounds.how_to_raise("MAX_LAYERS"))
            if any(type(item) is str and is_cut_call(item) for item in value.items):
                value = with_whole_calls(value)
            return [self._entry(item, item_mark) for item, item_mark in zip(value.items, value.marks)]
        help = self._help_for_list(value)
        self.structure.wrong_type(value, mark, what, "a list of entries", help)
        return []

    def _help_for_list(self, value: Value) -> str:
        """How to write the first entry of a list that is something else."""
        from convcalc.language.entry_forms import list_help  # only a spec with a problem loads it

        return list_help(as_plain(value), self._defined_params())

    def _defined_params(self) -> dict[str, Collection[str]]:
        """The params of each block and custom type of the file."""
        return {name: self._parameters_of(name) or () for name in self.defined}

    def _entry(self, item: Value, mark: Mark) -> Entry:
        if type(item) is YamlMapping:
            if len(item.pairs) == 1:
                key, body = next(iter(item.pairs.items()))
                if type(body) is YamlMapping or body is None:
                    written = Expression(key[1:].strip()) if key[:1] == "=" else key
                    return self._entry_of_type(written, item.marks[0], body)
                self._report_body(key, body, item)
            else:
                self._report_keys(item, mark)
            return Entry(None, mark, None)
        if isinstance(item, (str, Expression)):
            return self._entry_of_type(item, mark, None)
        from convcalc.language.entry_forms import item_help  # only a spec with a problem loads it

        help = item_help(as_plain(item), self._defined_params())
        self.structure.wrong_type(item, mark, "an entry", "a type or a mapping `type: {…}`", help)
        return Entry(None, mark, None)

    def _report_body(self, key: str, body: Value, item: YamlMapping) -> None:
        """Report an entry with a value that is not a mapping."""
        from convcalc.language.entry_forms import body_help  # only a spec with a problem loads it
        from convcalc.language.translations import unknown_type_help

        help = body_help(key, as_plain(body), self._defined_params())
        if self._parameters_of(key) is None and key not in CONTAINERS and not self.structure.source.incomplete:
            help = help or unknown_type_help(key, {}, self._defined_params())
            self._add_unknown_type(key, item.marks[0], help)
        else:
            what = f"what follows `{key}:`"
            self.structure.wrong_type(body, item.marks[1], what, "a mapping of parameters", help)

    def _report_keys(self, item: YamlMapping, mark: Mark) -> None:
        """Report an entry without a key or with more than one."""
        from convcalc.language.entry_forms import entry_help  # only a spec with a problem loads it

        extra = list(item.pairs)[1:2]
        pairs = {key: as_plain(value) for key, value in item.pairs.items()}
        help = entry_help(pairs, self._defined_params()) if extra else ""
        self.structure.problems.add(
            "bad-entry",
            "an entry has one key, its type" if extra else "an entry without a type",
            item.key_mark(extra[0]) if extra else mark,
            help=help or "put the parameters inside: `- conv2d: {out_channels: 6, kernel_size: 5}`",
        )

    def _entry_of_type(self, written: str | Expression, mark: Mark, body: YamlMapping | None) -> Entry:
        if isinstance(written, Expression):
            return Entry(written, mark, body)
        if written in CONTAINERS:
            return self._container(written, mark, body or YamlMapping(mark))
        known = self._parameters_of(written)
        if known is None:
            self._report_unknown_type(written, mark, body)
            return Entry(None, mark, body)
        if body is not None:
            self._check_parameters(body, written, known)
        return Entry(written, mark, body)

    def _parameters_of(self, type_name: str) -> Collection[str] | None:
        """The parameters of a block, custom type or built-in layer; None where there is no such type."""
        if type_name in self.defined:
            params = self.defined[type_name].pairs.get("params")
            return params.pairs if isinstance(params, YamlMapping) else {}
        found = layer_types.find(type_name)
        return None if found is None else found.parameters

    def _check_parameters(self, body: YamlMapping, type_name: str, known: Collection[str]) -> None:
        rests: Collection[str] | None = None
        for key in body.pairs:
            if key not in known and key not in ENTRY_KEYS:
                rests = self.structure.check_cut_lists(body, known) if rests is None else rests
                if key in rests:
                    continue
                self.structure.unknown_key(body, key, [*known, *ENTRY_KEYS], type_name)

    def _report_unknown_type(self, type_name: str, mark: Mark, body: YamlMapping | None) -> None:
        if self.structure.source.incomplete or self.structure.problems.is_full:
            return  # the type may be in the file that could not be read
        from convcalc.language.translations import unknown_type_help  # only a spec with a problem loads it

        pairs = {} if body is None else {key: as_plain(value) for key, value in body.pairs.items()}
        self._add_unknown_type(type_name, mark, unknown_type_help(type_name, pairs, self._defined_params()))

    def _add_unknown_type(self, type_name: str, mark: Mark, help: str) -> None:
        message = f"there is no layer, container or block `{type_name}`"
        help = help or "`convcalc layers` lists the types; a block is defined under `blocks:`"
        self.structure.problems.add("unknown-type", message, mark, help=help)

    def _container(self, type_name: str, mark: Mark, body: YamlMapping) -> Entry:
        self.structure.check_keys(body, frozenset((*CONTAINERS[type_name], *ENTRY_KEYS)), type_name)
        lists = self._branches(mark, body) if type_name == "parallel" else self._lists(type_name, mark, body)
        return Entry(type_name if lists else None, mark, body, lists)

    def _lists(self, type_name: str, mark: Mark, body: YamlMapping) -> tuple[list[Entry], ...]:
        """The lists of a sequential or residual container; empty where `layers` is missing."""
        if "layers" not in body.pairs:
            if not body.pairs.keys() <= {*CONTAINERS[type_name], *ENTRY_KEYS}:
                return ()  # the list may be under the wrong key, which is reported
            message = f"{type_name} has no `layers`"
            self.structure.problems.add("missing-key", message, mark, help="it takes a list of entries")
            return ()
        return tuple(
            self.entries(body.pairs[key], body.value_mark(key), f"`{key}`") if key in body.pairs else []
            for key in ENTRY_LISTS[type_name]
        )

    def _branches(self, mark: Mark, body: YamlMapping) -> tuple[list[Entry], ...]:
        """The branches of a parallel container; empty where they or `merge` are wrong."""
        branches, merge = body.pairs.get("branches"), body.pairs.get("merge")
        lists: tuple[list[Entry], ...] = ()
        if isinstance(branches, YamlList) and branches.items:
            lists = tuple(self.entries(*branch, "a branch") for branch in zip(branches.items, branches.marks))
        else:
            place = body.value_mark("branches") if "branches" in body.pairs else mark
            self.structure.wrong_type(branches, place, "`branches`", "a list of lists of entries")
        if isinstance(merge, str) and merge not in MERGES:
            from convcalc.manual.foreign import value_advice  # only a spec with a problem loads it

            self.structure.problems.add(
                "wrong-value",
                f"merge must be one of {', '.join(MERGES)}, not '{merge}'",
                body.value_mark("merge"),
                help=value_advice("merge", merge, ("merge",)) or nearest(merge, MERGES),
            )
            return ()
        return lists
