"""What to write for the types, the keys and the entries of other libraries.

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
from convcalc.layers.base import LayerType
from convcalc.layers.parameters import REQUIRED
from convcalc.manual import foreign
from convcalc.problems import nearest
from convcalc.text.values import Plain
from convcalc.text.writing import flow_text

MAX_WORD = 300  # a longer type or key is no word of any library
MAX_TEXT = 140  # a longer entry is not written out
# Their functions have the tensor as the first argument; their classes begin with a capital letter.
_OF_FUNCTIONS = ("F", "functional", "nn.functional", "torch.nn.functional", "torch", "tf.nn", "tf", "jax.nn")
GAP = "…"  # for a value that the user must choose
TYPE_KEYS = ("type", "layer", "op", "class", "kind", "module", "layer_type", "class_name", "op_type")
Defined = Mapping[str, Collection[str]]  # the params of each block and custom type of the file


def unknown_type_help(word: str, body: Mapping[str, Plain], defined: Defined) -> str:
    """The help for a type that does not exist: what to write in place of the entry."""
    if len(word) > MAX_WORD:
        return ""
    called = _call(word, body, defined)
    if called is not None:
        word, body = called
    similar = nearest(word, defined) if word not in defined else ""
    help = similar or _form_help(word, defined) or named_function(word, body)
    if help:
        return help
    named = named_entry(word, body, defined)
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
    return f"write `- {entry_text(bare, {}, defined)}`" if bare != word and is_type(bare, defined) else ""


def is_type(word: str, defined: Defined) -> bool:
    """Whether a word means a type of ours or of the file."""
    return foreign.meaning(word, [*CONTAINERS, *defined]) is not None


def named_function(word: str, body: Mapping[str, Plain]) -> str:
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


def named_entry(name: str, body: Mapping[str, Plain], defined: Defined) -> str:
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
        statement = ast.parse(word).body[0]
    except (SyntaxError, ValueError, MemoryError, RecursionError, IndexError):
        return None
    tree = statement.value if isinstance(statement, (ast.Expr, ast.Assign)) else None
    if not isinstance(tree, ast.Call):
        return None
    name = ast.unparse(tree.func)
    module, _, last = name.rpartition(".")
    arguments = tree.args[1:] if module in _OF_FUNCTIONS and last[:1].islower() else tree.args
    names = _names_of_arguments(name, len(arguments), defined)
    given = dict(zip(names, map(_argument, arguments)))
    if len(arguments) > len(names):
        given = {}
    return name, given | {each.arg: _argument(each.value) for each in tree.keywords if each.arg}


def _names_of_arguments(name: str, count: int, defined: Defined) -> list[str]:
    """The names of the arguments of a call that have none."""
    kind = layers.find(name)
    if kind is not None and count <= len(required_keys(kind)):
        return required_keys(kind)
    return list(defined[name]) if name in defined else foreign.positional(name, count)


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
        return flow_entry(type, dict(body))
    return _entries(type, meaning, body, defined)[0]


def _entries(word: str, meaning: foreign.Meaning, body: Mapping[str, Plain], defined: Defined) -> list[str]:
    """The entries that a foreign entry becomes: itself, and a function that it names."""
    known = [*keys_of(meaning.type, defined), *ENTRY_KEYS]
    body = _with_whole_lists(body)
    keys: dict[str, Plain] = dict(meaning.keys)
    after: list[str] = []
    for key, value in body.items():
        ours = foreign.parameter(key, known, word)
        if not ours and foreign.is_function(key):
            after += _function(value)
        elif ours and not (ours != key and foreign.counts_with_batch(key)):
            value = _reference(value) if ours == "from" else corrected(value)
            keys[ours] = not value if foreign.says_opposite(key) else value
        elif ours or not foreign.parameter_advice(key).startswith("leave it out"):
            return [flow_entry(meaning.type, GAP)]
    kind = layers.find(meaning.type)
    if kind is not None:
        first = {key: keys[key] for key in ("name",) if key in keys}
        keys = first | {name: keys.get(name, GAP) for name in required_keys(kind)} | keys
    return [flow_entry(meaning.type, keys), *after]


def _reference(value: Plain) -> Plain:
    """The reference that is meant by what an entry reads: some libraries count the entries."""
    if isinstance(value, list):
        return [_reference(item) for item in value]
    return ("previous" if value == -1 else GAP) if isinstance(value, int) else value


def _with_whole_lists(body: Mapping[str, Plain]) -> dict[str, Plain]:
    """The same keys, with the lists in ( ) whole that YAML cut at their commas."""
    whole: dict[str, Plain] = {}
    for key, value in body.items():
        last, text = next(reversed(whole.items()), ("", ""))
        if value is None and isinstance(text, str) and text.count("(") > text.count(")"):
            whole[last] = f"{text}, {key}"
        else:
            whole[key] = value
    return whole


def _function(value: Plain) -> list[str]:
    """The entry of a function by its name; none for a linear one."""
    name = value.strip("=()") if isinstance(value, str) else ""
    meaning = foreign.meaning(name, ()) if name not in ("linear", "None", "none") else None
    return [meaning.type] if meaning is not None else []


def flow_entry(type: str, keys: Plain) -> str:
    """An entry on one line; where that is long, or its keys are GAP, without the values."""
    if not keys:
        return type
    text = f"{type}: {{{GAP}}}" if keys == GAP else f"{type}: {flow_text(keys)}"
    return text if len(text) <= MAX_TEXT else f"{type}: {{{GAP}}}"


def required_keys(kind: LayerType) -> list[str]:
    """The parameters of a layer type that must be given."""
    return [name for name in kind.parameters if kind.default(name) is REQUIRED]


def keys_of(type: str, defined: Defined) -> Collection[str]:
    """The keys of a type besides those of every entry."""
    if type in defined:
        return defined[type]
    kind = layers.find(type)
    return CONTAINERS.get(type, ()) if kind is None else kind.parameters


# -- keys --------------------------------------------------------------------------------------------------------


def unknown_key_help(owner: str, key: str, value: Plain, known: Collection[str]) -> str:
    """The help for a key that a type does not have; empty where nothing is known about it."""
    if len(key) > MAX_WORD:
        return ""
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
