"""What to write for a list of entries, or an entry, of a wrong form, such as `linear: 10`.

Only the help of a message loads this module.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from convcalc import layers
from convcalc.language.corrections import corrected
from convcalc.language.spec import CONTAINERS, ENTRY_KEYS
from convcalc.language.translations import (
    MAX_WORD,
    TYPE_KEYS,
    Defined,
    entry_text,
    flow_entry,
    is_type,
    keys_of,
    named_entry,
    named_function,
    required_keys,
)
from convcalc.manual import foreign
from convcalc.text.values import Plain


def body_help(type: str, value: Plain, defined: Defined) -> str:
    """The help for an entry with a value that is not a mapping, such as `linear: 10`."""
    meaning = foreign.meaning(type, [*CONTAINERS, *defined])
    named = named_function(type, {"": value}) if isinstance(value, str) else ""
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
    if isinstance(value, str) and len(value) <= MAX_WORD and re.search(r"\w\s*[=:]", value):
        pairs = re.findall(r"(\w+)\s*[=:]\s*([^\s,]+)", value)
        return f"write `- {entry_text(type, {key: corrected(text) for key, text in pairs}, defined)}`"
    kind = layers.find(ours)
    if kind is not None and kind.layer_class.arity[1] is None and isinstance(value, (list, str)):
        return f"write `- {flow_entry(ours, {'from': value})}`"
    required = required_keys(kind) if kind is not None else []
    given = corrected(value.replace(" ", ", ") if isinstance(value, str) and "," not in value else value)
    if isinstance(given, list) and len(required) > 1:
        return f"write `- {entry_text(type, dict(zip(keys_of(ours, defined), given)), defined)}`"
    first = next(iter(required or keys_of(ours, defined)), "")
    if not first or isinstance(value, bool):
        return f"write `- {ours}`" if not first else f"write `- {ours}: {{{first}: …}}`"
    return f"write `- {entry_text(type, {first: given}, defined)}`"


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
    named = named_entry(first, body, defined)
    if isinstance(inner, str) and foreign.meaning(inner, defined):
        named = entry_text(inner, {"name": first}, defined)
    if named or foreign.meaning(first, [*CONTAINERS, *defined]):
        return f"begin each entry with a dash: `- {named or entry_text(first, body, defined)}`"
    return help


def item_help(item: Plain, defined: Defined) -> str:
    """The help for an item of a list of entries that is a number or a list."""
    if isinstance(item, int) and not isinstance(item, bool):
        return f"write the type of the layer: `- conv2d: {{out_channels: {item}, kernel_size: 3}}`"
    if isinstance(item, list) and item and isinstance(item[0], str) and is_type(item[0], defined):
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
