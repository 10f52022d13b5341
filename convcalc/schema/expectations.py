"""The schema of `expect`: the figures that `convcalc check` compares, and the values that it takes for them."""

from __future__ import annotations

from convcalc.manual import words
from convcalc.report.figure import TEXT, Figure
from convcalc.report.figures import expected_of_layers, expected_of_networks
from convcalc.schema.fragments import Schema, described, mapping, reference


def expectations() -> dict[str, Schema]:
    """The definitions of `expect` and its parts."""
    return {"figure": _figure(), "field": _field(), "expect": _expect()}


def _number() -> Schema:
    return {"anyOf": [{"type": "integer"}, {"type": "string", "pattern": r"^\s*[+-]?\d"}]}


def _bounds() -> dict[str, Schema]:
    return described(words.BOUNDS, dict.fromkeys(words.BOUNDS, _number()))


def _figure() -> Schema:
    return {"anyOf": [*_number()["anyOf"], {**mapping(_bounds()), "type": "object"}]}


def _field() -> Schema:
    """A receptive field: a number or bounds for every axis, a list, null for none, or these by output or input."""
    axis = {"anyOf": [*_number()["anyOf"], {"type": "null"}]}
    named = {"type": "object", "properties": _bounds(), "additionalProperties": reference("field")}
    return {"anyOf": [*axis["anyOf"], {"type": "array", "items": axis}, named]}


def _expect() -> Schema:
    """The figures of the network, and of its layers by full name: what `convcalc check` takes."""
    own = {figure.name: _expected(figure) for figure in expected_of_networks()}
    sizes = own["output_shape"]
    own["output_shape"] = {**sizes, "type": ["array", "object"], "additionalProperties": {"type": "array"}}
    layer = {**mapping({figure.name: _expected(figure) for figure in expected_of_layers()}), "type": "object"}
    layers = {"type": "object", "additionalProperties": layer}
    help = "The number of layers; or the figures of layers, by full name."
    own["layers"] = {"description": help, "anyOf": [*_number()["anyOf"], layers]}
    return mapping(own)


def _expected(figure: Figure) -> Schema:
    """The schema of a figure in `expect`."""
    description = {"description": f"{figure.help}."}
    if figure.is_sum:
        return {**description, **reference("figure")}
    if figure.is_number:
        return {**description, **reference("field")}
    if figure.kind == TEXT:
        return {**description, "type": ["string", "null"]}
    return {**description, "type": "array", "items": {"type": "integer"}}
