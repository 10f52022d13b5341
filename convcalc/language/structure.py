"""Checks the structure of a file: the keys that a mapping may have, and the sorts of their values."""

from __future__ import annotations

from collections.abc import Collection

from convcalc.problems import nearest
from convcalc.text.collector import Problems
from convcalc.text.source import MAX_MESSAGE, Mark, Source, Value, YamlList, YamlMapping, as_plain

# The names of the sorts of values, for messages.
SORTS = {YamlMapping: "a mapping", YamlList: "a list", str: "text", bool: "true or false", type(None): "nothing"}


class Structure:
    """Checks the mappings of one file and of its included files, and collects their problems."""

    __slots__ = ("problems", "source")

    def __init__(self, source: Source) -> None:
        self.source = source
        self.problems = Problems(source)

    def check_keys(self, mapping: YamlMapping, known: Collection[str], owner: str) -> None:
        """Report the unknown keys of a mapping. `owner` is the name in messages of what the mapping describes."""
        for key in mapping.pairs:
            if key not in known:
                self.unknown_key(mapping, key, known, owner)

    def unknown_key(self, mapping: YamlMapping, key: str, known: Collection[str], owner: str) -> None:
        """Report an unknown key."""
        if self.problems.is_full:
            return
        from convcalc.language.translations import unknown_key_help  # only a spec with a problem loads it

        words = sorted(known)
        if is_cut_expression(key) and mapping.pairs[key] is None:
            self.problems.add(
                "cut-expression",
                f"`{key}` is the rest of an expression that YAML cut at a comma",
                mapping.key_mark(key),
                help='put quotes around the whole expression, as in {a: "=max(1, x)"}',
            )
            return
        if key == "<<":
            help = "the language has no merge keys: write the keys out, or use a block or params"
        else:
            help = unknown_key_help(owner, key, as_plain(mapping.pairs[key]), words)
            help = help or nearest(key, words) or f"{owner} takes {', '.join(words)}"
        self.problems.add("unknown-key", f"{owner} has no `{key}`", mapping.key_mark(key), help=help)

    def check_cut_lists(self, mapping: YamlMapping, known: Collection[str]) -> Collection[str]:
        """Report the lists in ( ) that YAML cut at a comma, and give the keys that are a rest of one.

        `known` are the keys that the mapping may have.
        """
        rests: set[str] = set()
        open_key, text = "", ""
        for key, value in mapping.pairs.items():
            if open_key and len(text) <= MAX_MESSAGE:
                rests.add(key)
                text += f", {key}"
                if text.count("(") == text.count(")"):
                    key_of_list = f"{open_key}: " if open_key in known else ""
                    help = f"write `{key_of_list}[{text.strip('()')}]`"
                    mark = mapping.value_mark(open_key)
                    self.problems.add("wrong-value", f"`{text}` is not a list: YAML writes it in [ ]", mark, help=help)
                    open_key = ""
            elif not open_key and isinstance(value, str) and value[:1] == "(" and value.count("(") > value.count(")"):
                open_key, text = key, value
        return () if open_key else rests

    def wrong_type(self, value: Value, mark: Mark, what: str, expected: str, help: str = "") -> None:
        """Report a value of the wrong sort."""
        received = SORTS.get(type(value), "a number" if isinstance(value, (int, float)) else "an expression")
        self.problems.add("wrong-type", f"{what} must be {expected}, not {received}", mark, help=help)

    def text(self, mapping: YamlMapping, key: str) -> str:
        """The text value of a key; empty where it is missing or wrong."""
        value = mapping.pairs.get(key)
        if value is None or (isinstance(value, (str, int, float)) and not isinstance(value, bool)):
            return "" if value is None else str(value)
        self.wrong_type(value, mapping.value_mark(key), f"`{key}`", "text")
        return ""

    def mapping(self, parent: YamlMapping, key: str) -> YamlMapping | None:
        """The mapping that is the value of a key; None where it is missing or wrong."""
        value = parent.pairs.get(key)
        if value is None or isinstance(value, YamlMapping):
            return value
        self.wrong_type(value, parent.value_mark(key), f"`{key}`", "a mapping", f"write `{key}: {{name: value}}`")
        return None

    def members(self, root: YamlMapping, key: str) -> list[tuple[str, Mark, YamlMapping]]:
        """The members of a mapping of mappings, such as `blocks`: the name, its mark and the mapping."""
        parent = self.mapping(root, key)
        members: list[tuple[str, Mark, YamlMapping]] = []
        if parent is None:
            return members
        for name, value in parent.pairs.items():
            mark = parent.key_mark(name)
            if isinstance(value, YamlMapping):
                members.append((name, mark, value))
            elif value is None and key != "blocks":
                members.append((name, mark, YamlMapping(mark)))
            else:
                help = f"write its entries under `layers`: `{name}: {{layers: […]}}`" if key == "blocks" else ""
                self.wrong_type(value, parent.value_mark(name), f"`{name}` of `{key}`", "a mapping", help)
        return members


def is_cut_expression(key: str) -> bool:
    """Whether a key looks like the end of an expression that YAML cut at a comma."""
    return key.count(")") > key.count("(") or key.count("]") > key.count("[")
