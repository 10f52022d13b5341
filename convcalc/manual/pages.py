"""The manual page of each layer kind, made from the docstring of its class."""

from __future__ import annotations

import re
from inspect import cleandoc
from typing import Any

from convcalc import layers as layer_types
from convcalc.layers.base import LayerType
from convcalc.layers.parameters import REQUIRED, show

# The size of an axis that an example lacks.
AXIS = 28
# In the order of the page.
SECTIONS = ("Example", "Parameters", "Shape", "Formulas", "Errors", "Source")

_HEADING = re.compile(r"^(\w+):$", re.M)


class Manual:
    """One page: a summary of one sentence, paragraphs of details, and sections, which are texts by heading."""

    __slots__ = ("name", "summary", "details", "sections")

    def __init__(self, name: str, text: str) -> None:
        opening, *parts = _HEADING.split(cleandoc(text))
        self.name = name
        self.summary, *self.details = (" ".join(paragraph.split()) for paragraph in opening.strip().split("\n\n"))
        self.sections = {heading: cleandoc(body) for heading, body in zip(parts[::2], parts[1::2])}


def manual(kind: LayerType) -> Manual:
    """The page of a kind, with an example and parameters for this kind."""
    page = Manual(kind.name, kind.layer_class.__doc__ or "")
    written = page.sections
    if "Example" in written:
        written["Example"] = _example(kind, written["Example"])
    if kind.parameters:
        written["Parameters"] = "\n".join(_parameter(kind, name) for name in kind.parameters)
    page.sections = {heading: written[heading] for heading in SECTIONS if heading in written}
    return page


def families() -> dict[str, list[Manual]]:
    """The pages of the kinds by the title of their family; kinds with one summary share a page, with joined names."""
    found: dict[str, list[Manual]] = {}
    for family, names in layer_types.FAMILIES.items():
        pages: dict[str, Manual] = {}
        for name in names:
            kind = layer_types.find(name)
            assert kind is not None  # FAMILIES names existing kinds only
            page = Manual(name, kind.layer_class.__doc__ or "")
            shared = pages.setdefault(page.summary, page)
            if shared is not page:
                shared.name += f" {name}"
        found[family.replace("_", " ").capitalize()] = list(pages.values())
    return found


def accepted(schema: dict[str, Any]) -> str:
    """What a JSON Schema accepts, in words.

    >>> accepted({"anyOf": [{"type": "integer", "minimum": 1}, {"enum": ["same", "valid"]}]})
    'whole number from 1, same or valid'
    """
    options = [word for option in schema.get("anyOf", [schema]) for word in _words(option)]
    return " or ".join([*([", ".join(options[:-1])] if len(options) > 1 else []), *options[-1:]])


def _words(schema: dict[str, Any]) -> list[str]:
    if "enum" in schema:
        return [value if isinstance(value, str) else show(value) for value in schema["enum"]]
    if "anyOf" in schema:
        return [word for option in schema["anyOf"] for word in _words(option)]
    kind = schema["type"]
    if kind == "array":
        count = schema.get("minItems") if schema.get("minItems") == schema.get("maxItems") else "them"
        items = schema["items"]
        pairs = any(option.get("type") == "array" for option in items.get("anyOf", []))
        lists = items.get("type") == "array"
        return ["list of lists" if lists else f"list of {count}" + (" (numbers or pairs)" if pairs else "")]
    if kind == "object":
        return [f"{{{name}: …}}" for name in schema["properties"]]
    bounds = [f"from {schema['minimum']}"] if "minimum" in schema else []
    bounds += [f"to {schema['maximum']}"] if "maximum" in schema else []
    names = {
        "integer": "whole number",
        "number": "number",
        "boolean": "true or false",
        "string": "name",
        "null": "null",
    }
    return [" ".join([names[kind], *bounds])]


def _parameter(kind: LayerType, name: str) -> str:
    """A parameter's line and, below, its meaning."""
    parameter, default = kind.parameters[name], kind.default(name)
    needed = "required" if default is REQUIRED else f"default {show(default).strip(chr(39))}"
    return f"{name}: {accepted(parameter.schema(kind.rank))}; {needed}\n    {parameter.help}"


def _example(kind: LayerType, text: str) -> str:
    """The example with the name of the kind, and an input of the rank that the kind reads."""
    text = re.sub(rf"(?<=- )(?:{'|'.join(layer_types.names())})\b", kind.name, text)
    given = kind.layer_class.example_inputs.get(kind.rank)
    if given is not None:
        return re.sub(r"(?<=input: ).*", given, text)
    if not kind.rank:
        return text
    heading, rest = text.split("\n", 1)
    return re.sub(r"(?<=\[)[\d, ]+(?=\])", lambda shape: _of_rank(shape.group(), kind.rank), heading) + "\n" + rest


def _of_rank(shape: str, rank: int) -> str:
    """The sizes of a map with as many positions along each axis as the map that is given.

    >>> _of_rank("64, 28, 28", 1), _of_rank("64, 28, 28", 3)
    ('64, 28', '64, 28, 28, 28')
    """
    sizes = shape.split(", ")
    return ", ".join([*sizes, *[sizes[-1] if len(sizes) > 1 else str(AXIS)] * rank][: rank + 1])
