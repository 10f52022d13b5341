"""The JSON Schema of the language, 2020-12, from the classes that check it.

It is for editors: it completes and explains, and refuses only values that are always wrong. `convcalc check` does the
checks that need the value of an expression or the blocks of the file.
"""

from __future__ import annotations

import json
from typing import Any

from convcalc import layers as layer_types
from convcalc.language.custom import CUSTOM_KEYS, TERMS, WINDOW_KEYS, WINDOW_WORDS
from convcalc.language.parse import BLOCK_KEYS, LIBRARY_KEYS, TOP_LEVEL, VARIANT_KEYS
from convcalc.language.spec import CONTAINERS, ENTRY_LISTS, MERGES
from convcalc.layers.base import LayerError, LayerType
from convcalc.layers.parameters import REQUIRED, Parameter
from convcalc.manual import words
from convcalc.manual.pages import Manual
from convcalc.schema.expectations import expectations
from convcalc.schema.fragments import EXPRESSION, ID, Schema, described, mapping, reference, with_expressions

# A block's name, or a type that is an expression.
OTHER_TYPE = r"^(=|[^\W\d])"


def language_schema() -> Schema:
    """The schema of a spec."""
    definitions = {
        "entries": _entries(),
        "shape": _shape(),
        **expectations(),
        "other": _other(),
    }
    for key in words.ENTRY_KEYS:
        definitions[key] = {"description": words.summary(words.ENTRY_KEYS[key]), **_entry_key(key)}
    types = {name: _container(name) for name in CONTAINERS} | _kinds(definitions)
    definitions["entry"] = _entry(types)
    return {
        "$schema": ID,
        "title": "convcalc spec",
        "description": "One convolutional network, or a family of them.",
        "type": "object",
        "properties": described(words.TOP_LEVEL, {key: _top_level(key) for key in TOP_LEVEL}),
        # A library of blocks has no other key.
        "anyOf": [{"required": ["layers"]}, {"propertyNames": {"enum": list(LIBRARY_KEYS)}}],
        "additionalProperties": False,
        "$defs": definitions,
    }


def schema_text() -> str:
    """The schema as JSON, one definition on each line."""
    schema = language_schema()
    definitions = [f"  {_line(name)}: {_line(body)}" for name, body in schema.pop("$defs").items()]
    head = json.dumps(schema, ensure_ascii=False, indent=2).removesuffix("\n}")
    return head + ',\n "$defs": {\n' + ",\n".join(definitions) + "\n }\n}\n"


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# -- entries -----------------------------------------------------------------------------------------------------


def _entry(types: dict[str, Schema]) -> Schema:
    """A type by itself, or a mapping with one key, the type."""
    bare_types = [name for name, kind in _catalogue().items() if not _required(kind)]
    bare = {
        "description": "A type, whose parameters all have defaults; a block; or an expression that gives either.",
        "anyOf": [{"enum": bare_types}, {"type": "string", "pattern": OTHER_TYPE}],
        "not": {"enum": [name for name in types if name not in bare_types]},
    }
    keyed = {
        "type": "object",
        "properties": types,
        "additionalProperties": reference("other"),
        "minProperties": 1,
        "maxProperties": 1,
    }
    return {"anyOf": [bare, keyed]}


def _kinds(definitions: Schema) -> dict[str, Schema]:
    """A reference to the schema of the parameters of each kind; kinds with equal parameters share one."""
    types: dict[str, Schema] = {}
    known: dict[str, str] = {}
    for name, kind in _catalogue().items():
        body = _body(kind)
        place = known.setdefault(json.dumps(body, sort_keys=True), name)
        if place == name:
            definitions[f"layer/{name}"] = body
        page = Manual(name, kind.layer_class.__doc__ or "")
        types[name] = {
            "description": " ".join([page.summary, *page.details]),
            "$ref": f"#/$defs/layer~1{place}",
        }
    return types


def _catalogue() -> dict[str, LayerType]:
    return {name: kind for name in layer_types.names() if (kind := layer_types.find(name))}


def _required(kind: LayerType) -> list[str]:
    return [name for name in kind.parameters if kind.default(name) is REQUIRED]


def _body(kind: LayerType) -> Schema:
    properties = {name: _parameter(kind, name) for name in kind.parameters}
    required = _required(kind)
    body = mapping({**properties, **_entry_keys()})
    # A column of `rows` sets its parameter.
    return {**body, "if": {"required": ["rows"]}, "else": {"required": required}} if required else body


def _parameter(kind: LayerType, name: str) -> Schema:
    parameter, default = kind.parameters[name], kind.default(name)
    schema: Schema = {"description": parameter.help}
    if default is not REQUIRED:
        schema["default"] = default
    accepted = with_expressions(parameter.schema(kind.rank))
    if _takes_null(parameter, kind.rank):
        accepted = {"anyOf": [*accepted.get("anyOf", [accepted]), {"type": "null"}]}
    return {**schema, **accepted}


def _takes_null(parameter: Parameter[Any], rank: int) -> bool:
    try:
        parameter.convert(None, rank)
    except LayerError:
        return False
    return True


def _container(name: str) -> Schema:
    lists = {"layers": reference("entries"), "shortcut": reference("entries")}
    own: dict[str, Schema] = {
        **lists,
        "branches": {"type": "array", "items": reference("entries"), "minItems": 1},
        "merge": with_expressions({"enum": list(MERGES)}),
        "axis": with_expressions({"type": "integer"}),
        "numbered": with_expressions({"type": "boolean"}),
    }
    properties = described(words.CONTAINER_KEYS, {key: own[key] for key in CONTAINERS[name]})
    body = mapping({**properties, **_entry_keys()})
    return {"description": words.summary(words.CONTAINERS[name]), **body, "required": [ENTRY_LISTS[name][0]]}


def _entry_keys() -> dict[str, Schema]:
    return {key: reference(key) for key in words.ENTRY_KEYS}


def _entry_key(key: str) -> Schema:
    name: Schema = {"type": "string", "minLength": 1}
    boolean = with_expressions({"type": "boolean"})
    schemas: dict[str, Schema] = {
        "name": name,
        "from": {"anyOf": [name, {"type": "array", "items": name, "minItems": 1}]},
        "repeat": with_expressions({"type": "integer", "minimum": 0}),
        "rows": with_expressions({"type": "array", "items": {"type": "array"}, "minItems": 1}),
        "when": boolean,
        "trainable": boolean,
        "tied": {"anyOf": [name, {"type": "boolean"}]},
    }
    return schemas[key]


# -- the rest of a file ------------------------------------------------------------------------------------------


def _top_level(key: str) -> Schema:
    text: Schema = {"type": ["string", "number"]}
    params: Schema = {"type": ["object", "null"]}
    names: Schema = {"type": "array", "items": {"type": "string"}, "minItems": 1}
    variant = {"params": params, "input": reference("shape"), "expect": reference("expect"), "description": text}
    block = {"params": params, "inputs": names, "layers": reference("entries"), "outputs": names}
    block_body = mapping(described(words.BLOCK, {name: block[name] for name in BLOCK_KEYS}))
    schemas: dict[str, Schema] = {
        "name": text,
        "description": text,
        "source": text,
        "include": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]},
        "input": reference("shape"),
        "params": params,
        "variants": _members(mapping(described(words.VARIANT, {name: variant[name] for name in VARIANT_KEYS}))),
        "blocks": _members({**block_body, "type": "object", "required": ["layers"]}),
        "custom": _members(_custom_type(params, names)),
        "layers": reference("entries"),
        "outputs": {"anyOf": [{"type": "string"}, names]},
        "expect": reference("expect"),
    }
    return schemas[key]


def _custom_type(params: Schema, names: Schema) -> Schema:
    number = with_expressions({"type": "integer", "minimum": 0})
    terms = {"anyOf": [number, {"type": ["object", "null"], "additionalProperties": number}]}
    size: Schema = {"type": "integer", "minimum": 0}
    pair = {"type": "array", "items": size, "minItems": 2, "maxItems": 2}
    axes = {"anyOf": [size, {"type": "array", "items": {"anyOf": [size, pair]}, "minItems": 1}]}
    sizes = described(words.WINDOW, {name: with_expressions(axes) for name in WINDOW_KEYS})
    sizes["padding"]["anyOf"] = [*sizes["padding"]["anyOf"], {"enum": ["same", "valid"]}]
    options = [
        {"enum": [*WINDOW_WORDS, None]},
        {"type": "string", "pattern": EXPRESSION},
        {**mapping(sizes), "type": "object", "required": ["kernel_size"]},
    ]
    own: dict[str, Schema] = {
        "params": params,
        "inputs": names,
        "output_shape": with_expressions({"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1}),
        **dict.fromkeys(TERMS, terms),
        "window": {"anyOf": [*options, {"type": "array", "items": {"anyOf": options}, "minItems": 1}]},
    }
    return mapping(described(words.CUSTOM, {key: own[key] for key in CUSTOM_KEYS}))


def _shape() -> Schema:
    shape = with_expressions({"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1})
    return {"anyOf": [shape, {"type": "object", "additionalProperties": shape, "minProperties": 1}]}


def _other() -> Schema:
    """The body of a block, or of a type that is an expression: the schema does not know its params."""
    return {"type": ["object", "null"], "properties": _entry_keys()}


def _entries() -> Schema:
    return {"type": "array", "items": reference("entry")}


def _members(item: Schema) -> Schema:
    return {"type": ["object", "null"], "additionalProperties": item}
