"""What to write for the types, the keys and the entries of other libraries, and for entries of a wrong form.

Only the help of a message loads this module.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Mapping

from convcalc import layers
from convcalc.arith.wording import listed
from convcalc.language.corrections import corrected
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS
from convcalc.layers.parameters import REQUIRED
from convcalc.manual import foreign
from convcalc.problems import nearest
from convcalc.text.values import Plain
from convcalc.text.writing import flow_text

MAX_TEXT = 140  # a longer entry is not written out
GAP = "…"  # for a value that the user must choose
TYPE_KEYS = ("type", "layer", "op", "class", "kind", "module", "layer_type", "class_name", "op_type")
Defined = Mapping[str, Collection[str]]  # the params of each block and custom type of the file


def unknown_type_help(word: str, body: Mapping[str, Plain], defined: Defined) -> str:
    """The help for a type that does not exist: what to write in place of the entry."""
    called = _call(word, body, defined)
    if called is not None:
        word, body = called
    similar = nearest(word, defined) if word not in defined else ""
    help = similar or _form_help(word, defined) or _named_function(word, body)
    if help:
        return help
    named = _named_entry(word, body, defined)
    if named:
        return f"the type comes first, and the name is a key: write `- {named}`"
    advice = foreign.advice(word)
    if advice:
        return advice
    meaning = foreign.meaning(word, [*CONTAINERS, *defined])
    if meaning is None:
        return nearest(word, [*layers.names(), *CONTAINERS])
    written = " and then ".join(f"`- {entry}`" for entry in _entries(word, meaning, body, defined))
    others = [each for each in foreign.ranks(meaning.type) if each != meaning.type]
    has_rank = re.search(r"[123]d", word.lower())
    for_others = f"; {listed(others)} read maps of other ranks" if others and not has_rank else ""
    is_ours = called is not None and word == meaning.type
    return f"{'' if is_ours else f'it is called {meaning.type} here: '}write {written}{for_others}"


def _form_help(word: str, defined: Defined) -> str:
    """The help for a type with more than its name, as in `relu,` and `relu x 3`; empty for any other word."""
    if ":{" in word:
        return f"write a space after the colon: `- {word.replace(':{', ': {', 1)}: …}}`"
    name, slashes, comment = word.partition("//")
    if slashes and name.strip():
        return f"a comment begins with #: write `- {entry_text(name.strip(), {}, defined)}  # {comment.strip()}`"
    times = re.fullmatch(r"(\w+)\s*[x×*]\s*(\d{1,6})", word)
    if times:
        return f"write `- {entry_text(times[1], {'repeat': int(times[2])}, defined)}`"
    bare = word.rstrip(",;:. ")
    return f"write `- {entry_text(bare, {}, defined)}`" if bare != word and _is_type(bare, defined) else ""


def _is_type(word: str, defined: Defined) -> bool:
    return foreign.meaning(word, [*CONTAINERS, *defined]) is not None


def _named_function(word: str, body: Mapping[str, Plain]) -> str:
    """The help for an entry such as `Activation: {activation: relu}`; empty for any other."""
    value = next(iter(body.values()), None)
    functions = _function(value) if foreign.is_function(word) and len(body) == 1 else []
    return f"write `- {functions[0]}`" if functions else ""


def type_name_help(word: str, defined: Defined) -> str:
    """The help for a type that does not exist, where no entry is written: its name here."""
    meaning = foreign.meaning(word, [*CONTAINERS, *defined])
    similar = nearest(word, [*layers.names(), *CONTAINERS, *defined])
    return foreign.advice(word) or (f"it is called {meaning.type} here" if meaning is not None else similar)


def key_name_help(owner: str, key: str, known: Collection[str]) -> str:
    """The help for a key that a type does not have, where its value does not matter: its name here."""
    ours, similar = foreign.parameter(key, known, owner), nearest(key, known)
    if ours:
        return f"did you mean {ours}?" if ours in similar else f"it is called {ours} here"
    if foreign.is_function(key):
        return "a function is an entry of its own, such as relu"
    return foreign.parameter_advice(key) or similar


def _named_entry(name: str, body: Mapping[str, Plain], defined: Defined) -> str:
    """The entry of `NAME: {TYPE: {…}}` or `NAME: {type: TYPE, …}`; empty where it is neither."""
    rest = dict(body)
    for key in TYPE_KEYS:
        if isinstance(rest.get(key), str):
            return entry_text(str(rest.pop(key)), {"name": name, **rest}, defined)
    if len(rest) == 1:
        type, inner = next(iter(rest.items()))
        if layers.find(type) and (inner is None or isinstance(inner, dict)):
            return entry_text(type, {"name": name, **(inner or {})}, defined)
    return ""


def _call(word: str, body: Mapping[str, Plain], defined: Defined) -> tuple[str, dict[str, Plain]] | None:
    """The name and the arguments of a call of Python, such as `nn.Conv2d(3, 64, 7)`; None for anything else."""
    if "(" not in word or body:
        return None
    try:
        tree = ast.parse(word, mode="eval").body
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    if not isinstance(tree, ast.Call):
        return None
    name = ast.unparse(tree.func)
    names = list(defined[name]) if name in defined else foreign.positional(name, len(tree.args))
    given = dict(zip(names, map(_argument, tree.args)))
    if len(tree.args) > len(names):
        given = {}
    return name, given | {each.arg: _argument(each.value) for each in tree.keywords if each.arg}


def _argument(tree: ast.expr) -> Plain:
    """The value of an argument; an expression where it is no plain value."""
    try:
        value = ast.literal_eval(tree)
    except (ValueError, TypeError, MemoryError, RecursionError):
        return f"={ast.unparse(tree)}"
    return list(value) if isinstance(value, tuple) else value if isinstance(value, (int, float, str, list)) else None


def entry_text(type: str, body: Mapping[str, Plain], defined: Defined) -> str:
    """The entry that is meant by a type and its keys, as it is written in a list."""
    meaning = foreign.meaning(type, [*CONTAINERS, *defined])
    if meaning is None or foreign.advice(type):
        return _text(type, dict(body))
    return _entries(type, meaning, body, defined)[0]


def _entries(word: str, meaning: foreign.Meaning, body: Mapping[str, Plain], defined: Defined) -> list[str]:
    """The entries that a foreign entry becomes: itself, and a function that it names."""
    known = [*keys_of(meaning.type, defined), *ENTRY_KEYS]
    keys: dict[str, Plain] = dict(meaning.keys)
    after: list[str] = []
    for key, value in body.items():
        ours = foreign.parameter(key, known, word)
        if not ours and foreign.is_function(key):
            after += _function(value)
        elif ours and not (ours != key and foreign.counts_with_batch(key)):
            keys[ours] = not value if foreign.says_opposite(key) else corrected(value)
        elif ours or not foreign.parameter_advice(key).startswith("leave it out"):
            return [_text(meaning.type, GAP)]
    kind = layers.find(meaning.type)
    if kind is not None:
        keys |= {name: GAP for name in kind.parameters if kind.default(name) is REQUIRED and name not in keys}
    return [_text(meaning.type, keys), *after]


def _function(value: Plain) -> list[str]:
    """The entry of a function by its name; none for a linear one."""
    name = value.strip("=()") if isinstance(value, str) else ""
    meaning = foreign.meaning(name, ()) if name not in ("linear", "None", "none") else None
    return [meaning.type] if meaning is not None else []


def _text(type: str, keys: Plain) -> str:
    if not keys:
        return type
    text = f"{type}: {{{GAP}}}" if keys == GAP else f"{type}: {flow_text(keys)}"
    return text if len(text) <= MAX_TEXT else f"{type}: {{{GAP}}}"


def keys_of(type: str, defined: Defined) -> Collection[str]:
    """The keys of a type besides those of every entry."""
    if type in defined:
        return defined[type]
    kind = layers.find(type)
    return CONTAINERS.get(type, ()) if kind is None else kind.parameters


# -- keys --------------------------------------------------------------------------------------------------------


def unknown_key_help(owner: str, key: str, value: Plain, known: Collection[str]) -> str:
    """The help for a key that a type does not have; empty where nothing is known about it."""
    pair = re.fullmatch(r"(\w+)\s*[=:]\s*(.+)", key)
    if pair and value is None:
        ours = foreign.parameter(pair[1], known) or pair[1]
        space = ", with a space after the colon" if ":" in key else ""
        return f"write `{ours}: {flow_text(corrected(pair[2]))}`{space}"
    ours = foreign.parameter(key, known, owner) or foreign.top_level(key)
    if ours not in known:
        ours = ""
    if ours and foreign.counts_with_batch(key) and not isinstance(value, str):
        return _axis_help(key, ours, value)
    if ours:
        given: Plain = (not value) if foreign.says_opposite(key) and isinstance(value, bool) else corrected(value)
        text = f"{ours}: {flow_text(given)}"
        is_cut = isinstance(given, str) and given.count("(") != given.count(")")
        is_short = given not in ([], {}, None) and len(text) <= MAX_TEXT and not is_cut
        return f"write `{text}`" if is_short else f"did you mean {ours}?"
    if foreign.is_function(key):
        functions = _function(value)
        entry = f"`- {functions[0]}`" if functions else "it as `- relu`"
        return f"a function is an entry of its own: write {entry} after this one"
    if isinstance(value, (dict, list)) and key in ("kwargs", "args", "params", "config", "parameters"):
        return f"write its keys into the entry: `{owner}: {{…}}`"
    return foreign.parameter_advice(key)


def _axis_help(key: str, ours: str, value: Plain) -> str:
    """The help for axes: ours are counted without the batch."""
    text = f"it is `{ours}` here, counted without the batch"
    if isinstance(value, list) and value[:1] == [0]:
        value = value[1:]  # the batch stays where it is
    axes = value if isinstance(value, list) else [value]
    if not all(isinstance(axis, int) and axis for axis in axes):
        return text
    moved: list[Plain] = [axis - 1 if isinstance(axis, int) and axis > 0 else axis for axis in axes]
    return f"{text}: `{ours}: {flow_text(moved if isinstance(value, list) else moved[0])}`"


# -- entries of a wrong form -------------------------------------------------------------------------------------


def body_help(type: str, value: Plain, defined: Defined) -> str:
    """The help for an entry with a value that is not a mapping, such as `linear: 10`."""
    meaning = foreign.meaning(type, [*CONTAINERS, *defined])
    named = _named_function(type, {"": value}) if isinstance(value, str) else ""
    if named:
        return named
    if type in TYPE_KEYS and isinstance(value, str):
        return f"the type is the entry itself: write `- {entry_text(value, {}, defined)}`"
    if meaning is None or foreign.advice(type):
        return ""
    ours = meaning.type
    if ours in CONTAINERS:
        inside = {"parallel": "{merge: concat, branches: […]}"}.get(ours, "{layers: […]}")
        return f"write `- {ours}: {inside}`"
    if isinstance(value, str) and re.search(r"\w\s*[=:]", value):
        pairs = re.findall(r"(\w+)\s*[=:]\s*([^\s,]+)", value)
        return f"write `- {entry_text(type, {key: corrected(text) for key, text in pairs}, defined)}`"
    kind = layers.find(ours)
    if kind is not None and kind.layer_class.arity[1] is None and isinstance(value, (list, str)):
        return f"write `- {_text(ours, {'from': value})}`"
    first = next((name for name in keys_of(ours, defined) if kind and kind.default(name) is REQUIRED), "")
    first = first or next(iter(keys_of(ours, defined)), "")
    if not first or isinstance(value, bool):
        return f"write `- {ours}`" if not first else f"write `- {ours}: {{{first}: …}}`"
    return f"write `- {entry_text(type, {first: corrected(value)}, defined)}`"


def list_help(value: Plain, defined: Defined) -> str:
    """The help for a list of entries that is something else: how to write its first entry."""
    help = "write `- type: {…}` for each, on its own line"
    if isinstance(value, str) and value.startswith("-"):
        return f"write a space after the dash: `- {value[1:].split()[0]}`" if value[1:].strip() else help
    if isinstance(value, str):
        first, *others = value.split()
        further = ", and each of the others below it in the same way" if others else ""
        return f"write `- {entry_text(first, {}, defined)}`{further}"
    if not isinstance(value, dict) or not value:
        return help
    first, inner = next(iter(value.items()))
    body = inner if isinstance(inner, dict) else {}
    named = _named_entry(first, body, defined)
    if isinstance(inner, str) and foreign.meaning(inner, defined):
        named = entry_text(inner, {"name": first}, defined)
    if named or foreign.meaning(first, [*CONTAINERS, *defined]):
        return f"begin each entry with a dash: `- {named or entry_text(first, body, defined)}`"
    return help


def item_help(item: Plain, defined: Defined) -> str:
    """The help for an item of a list of entries that is a number or a list."""
    if isinstance(item, int) and not isinstance(item, bool):
        return f"write the type of the layer: `- conv2d: {{out_channels: {item}, kernel_size: 3}}`"
    if isinstance(item, list) and item and isinstance(item[0], str) and _is_type(item[0], defined):
        return f"write its parameters by name: `- {entry_text(item[0], {}, defined)}`"
    return "write each layer as an entry of its own: `- conv2d: {out_channels: 64, kernel_size: 3}`"


def entry_help(item: Mapping[str, Plain], defined: Defined) -> str:
    """The help for an entry with several keys; empty where its type cannot be told."""
    first, inner = next(iter(item.items()))
    rest = dict(list(item.items())[1:])
    if first in TYPE_KEYS and isinstance(inner, str):
        return f"the type is the key: write `- {entry_text(inner, rest, defined)}`"
    for key in TYPE_KEYS:
        if isinstance(item.get(key), str):
            others = {name: value for name, value in item.items() if name != key}
            return f"the type is the key: write `- {entry_text(str(item[key]), others, defined)}`"
    known = [*CONTAINERS, *defined]
    if all(foreign.meaning(key, known) and key not in ENTRY_KEYS for key in rest):
        key, value = next(iter(rest.items()))
        body = value if isinstance(value, dict) else {}
        return f"each entry begins with a dash: write `- {entry_text(key, body, defined)}` on a line of its own"
    if foreign.meaning(first, known) and (inner is None or isinstance(inner, dict)):
        return f"put the parameters inside: `- {entry_text(first, {**(inner or {}), **rest}, defined)}`"
    return ""
