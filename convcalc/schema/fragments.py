"""The building blocks of the schema."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

ID = "https://json-schema.org/draft/2020-12/schema"
EXPRESSION = "^="


def with_expressions(schema: Schema) -> Schema:
    """The same values, or an expression in place of each of them.

    >>> with_expressions({"type": "integer", "minimum": 1})
    {'type': ['integer', 'string'], 'minimum': 1, 'pattern': '^='}
    """
    if "anyOf" in schema:
        return {**schema, "anyOf": [with_expressions(option) for option in schema["anyOf"]]}
    if "enum" in schema:
        return {"anyOf": [schema, {"type": "string", "pattern": EXPRESSION}]}
    inner = {**schema}
    if "items" in schema:
        inner["items"] = with_expressions(schema["items"])
    if "properties" in schema:
        inner["properties"] = {name: with_expressions(value) for name, value in schema["properties"].items()}
    if schema["type"] == "string":
        return inner
    return {**inner, "type": [schema["type"], "string"], "pattern": EXPRESSION}


def mapping(properties: dict[str, Schema]) -> Schema:
    """A mapping with these keys and no others, or null."""
    return {"type": ["object", "null"], "properties": properties, "additionalProperties": False}


def described(texts: dict[str, str], schemas: dict[str, Schema]) -> dict[str, Schema]:
    """Each schema with its description."""
    return {name: {"description": texts[name], **schema} for name, schema in schemas.items()}


def reference(name: str) -> Schema:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}
