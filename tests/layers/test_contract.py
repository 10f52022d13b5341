"""What every layer type owes: a whole manual page, an example that runs, formulas that are what they say, a schema."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from fractions import Fraction
from importlib import import_module
from math import ceil, floor
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import convcalc
from convcalc import layers
from convcalc.layers.base import LayerType
from convcalc.layers.parameters import REQUIRED
from convcalc.manual.pages import Manual, manual
from convcalc.report.derivation import derive
from convcalc.schema.build import language_schema
from tests.helpers import analysed

NAMES = layers.names()
VALIDATOR = Draft202012Validator(language_schema())

# Steps whose result is a figure of the report's row.
FIGURES = {
    "units": "units",
    "parameters": "params",
    "parameters without sharing": "params_unshared",
    "parameters with sharing": "params_shared",
    "parameters as the spec writes it": "params",
    "parameters if fully connected": "params_fully_connected",
    "buffers": "buffers",
    "connections": "connections",
    "multiply-accumulates": "macs",
}


def kind_of(name: str) -> LayerType:
    kind = layers.find(name)
    assert kind is not None
    return kind


def example(name: str) -> str:
    return manual(kind_of(name)).sections["Example"]


def report_of(name: str) -> convcalc.Report:
    return convcalc.analyse(convcalc.loads(example(name)))


@pytest.mark.parametrize("name", NAMES)
def test_manual_is_whole(name: str) -> None:
    kind = kind_of(name)
    page = manual(kind)
    layer = convcalc.loads(example(name)).nodes[0].layer
    assert page.summary
    assert {"Example", "Shape", "Errors", "Source"} <= page.sections.keys()
    assert ("Parameters" in page.sections) == bool(kind.parameters)
    if layer.terms() or layer.multiply_accumulates() or layer.buffers():
        assert "Formulas" in page.sections
    assert all(page.sections.values())


@pytest.mark.parametrize("name", NAMES)
def test_docstring_has_no_other_section(name: str) -> None:
    written = Manual(name, kind_of(name).layer_class.__doc__ or "").sections
    assert written.keys() <= {"Example", "Shape", "Formulas", "Errors", "Source"}


@pytest.mark.parametrize("name", NAMES)
def test_parameters_are_explained_and_defaults_convert(name: str) -> None:
    kind = kind_of(name)
    for key, parameter in kind.parameters.items():
        assert parameter.name == key
        assert parameter.help
        assert f"{key}: " in manual(kind).sections["Parameters"]
        if kind.default(key) not in (REQUIRED, None):
            parameter.convert(kind.default(key), kind.rank)
    assert kind.defaults.keys() <= kind.parameters.keys()


@pytest.mark.parametrize("name", NAMES)
def test_example_runs(name: str) -> None:
    assert report_of(name).rows[0].type == name


@pytest.mark.parametrize("name", NAMES)
def test_formulas_with_numbers_give_the_report(name: str) -> None:
    report = report_of(name)
    row = report.rows[0]
    derivation = derive(report, row.name)
    for step in derivation.steps:
        if step.numbers:
            assert evaluated(step.numbers) == step.result
        if step.title in FIGURES:
            assert step.result == getattr(row, FIGURES[step.title])
        elif step.title.startswith("output"):
            assert step.result == row.output_shape or step.result in row.output_shape[1:]
    figures = {step.title for step in derivation.steps}
    assert "units" in figures
    assert ("multiply-accumulates" in figures) == bool(row.facts.layer.multiply_accumulates())


@pytest.mark.parametrize("name", NAMES)
def test_schema_accepts_the_example_and_no_unknown_parameter(name: str) -> None:
    spec: dict[str, Any] = yaml.safe_load(example(name))
    assert VALIDATOR.is_valid(spec)
    entry = spec["layers"][0]
    given = {} if isinstance(entry, str) else entry[name] or {}
    spec["layers"][0] = {name: {**given, "no_such_parameter": 1}}
    assert not VALIDATOR.is_valid(spec)


@pytest.mark.parametrize("family", layers.FAMILIES)
def test_table_of_families_is_what_the_modules_define(family: str) -> None:
    kinds = import_module(f"convcalc.layers.{family}").TYPES
    assert set(layers.FAMILIES[family]) == set(kinds)
    assert all(kind.name == name for name, kind in kinds.items())


# -- arithmetic that shares nothing with convcalc.arith ----------------------------------------------------------

FUNCTIONS: dict[str, Callable[..., int]] = {"floor": floor, "ceil": ceil, "min": min, "max": max}


def evaluated(text: str) -> Fraction:
    """The value of a formula's text; a division outside of floor and ceil must leave nothing over."""
    return value(ast.parse(re.sub("×", "*", text), mode="eval").body, exact=True)


def value(node: ast.expr, *, exact: bool) -> Fraction:
    match node:
        case ast.Constant(int(number)):
            return Fraction(number)
        case ast.UnaryOp(ast.USub(), operand):
            return -value(operand, exact=exact)
        case ast.Call(ast.Name(function), arguments):
            rounds = function in ("floor", "ceil")
            return Fraction(FUNCTIONS[function](*[value(each, exact=exact and not rounds) for each in arguments]))
        case ast.BinOp(left, operator, right):
            return combined(value(left, exact=exact), operator, value(right, exact=exact), exact=exact)
    raise AssertionError(f"{ast.unparse(node)} is no arithmetic")


def combined(left: Fraction, operator: ast.operator, right: Fraction, *, exact: bool) -> Fraction:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Pow():
            return Fraction(left**right)
        case ast.Div():
            quotient = left / right
            assert not exact or quotient.denominator == 1, f"{left} / {right} leaves a remainder"
            return quotient
    raise AssertionError(f"{operator} is no arithmetic")


def test_the_arithmetic_itself() -> None:
    assert evaluated("floor((227 + 0 - 1 × (11 - 1) - 1) / 4) + 1") == 55
    with pytest.raises(AssertionError, match="remainder"):
        evaluated("96 × (3 / 2)")


IDLE = [
    ("max_pool2d: {kernel_size: 1}", "single cells"),
    ("avg_pool2d: {kernel_size: 1, stride: 1}", "single cells"),
    ("dropout2d: {p: 0}", "p is 0"),
    ("drop_path", "p is 0"),
    ("upsample: {scale_factor: 1}", "scale_factor is 1"),
    ("pad: {padding: 0}", "padding is 0"),
    ("crop: {cropping: 0}", "cropping is 0"),
    ("slice: {axis: 0}", "keeps all"),
    ("chunk: {chunks: 1, index: 0}", "the whole"),
    ("reshape: {shape: [4, 6, 6]}", "shape of its input"),
    ("squeeze", "size 1"),
    ("permute: {axes: [0, 1, 2]}", "in its place"),
    ("channel_shuffle: {groups: 1}", "in order"),
    ("pixel_shuffle: {upscale_factor: 1}", "is 1"),
    ("pixel_unshuffle: {downscale_factor: 1}", "is 1"),
    ("concat: {from: [input]}", "single input"),
    ("identity", "what it reads"),
]
BUSY = [
    "max_pool2d: {kernel_size: 1, stride: 2}", "subsample2d: {kernel_size: 1}", "dropout", "upsample: {size: 6}",
    "pad: {padding: 1}", "slice: {axis: 0, start: 1}", "flatten", "permute: {axes: [0, 2, 1]}",
    "channel_shuffle: {groups: 2}", "add: {from: [input, input]}", "relu",
]  # fmt: skip


@pytest.mark.parametrize(("entry", "reason"), IDLE)
def test_a_layer_that_changes_nothing_says_why(entry: str, reason: str) -> None:
    row = analysed(f"input: [4, 6, 6]\nlayers: [{entry}]\n").rows[0]
    shapes = row.facts.input_shapes
    assert reason in row.facts.layer.idle_reason(shapes, row.output_shape)
    assert (row.output_shape, row.params, row.macs) == (shapes[0], 0, 0)
    assert row.to_dict()["receptive_field"]["size"] == [1, 1]


@pytest.mark.parametrize("entry", BUSY)
def test_a_layer_that_does_something_has_no_reason_to_be_idle(entry: str) -> None:
    row = analysed(f"input: [4, 6, 6]\nlayers: [{entry}]\n").rows[0]
    assert row.facts.layer.idle_reason(row.facts.input_shapes, row.output_shape) == ""
