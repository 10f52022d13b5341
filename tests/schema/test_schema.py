"""The JSON Schema accepts what is shipped and refuses clear mistakes, and speaks of the words that the parser knows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import dedent
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

import convcalc
from convcalc import layers
from convcalc.language import custom, parse, spec
from convcalc.layers.custom import SlidingWindow
from convcalc.limits.expectations import check_expectations
from convcalc.manual import words
from convcalc.report.figures import FIGURES
from convcalc.schema.build import language_schema, schema_text
from convcalc.shipped import files as shipped_files
from convcalc.text.files import read_file

SCHEMA = language_schema()
VALIDATOR = Draft202012Validator(SCHEMA)


def accepts(text: str) -> bool:
    return VALIDATOR.is_valid(yaml.safe_load(dedent(text)))


def with_layer(entry: str) -> str:
    return f"input: [3, 32, 32]\nlayers:\n  - {entry}\n"


def test_it_is_a_schema() -> None:
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_it_is_printed_as_it_is_and_always_the_same() -> None:
    assert json.loads(schema_text()) == SCHEMA
    assert schema_text() == schema_text()
    assert len(schema_text()) < 1_400 * len(layers.names())  # about what one page of the manual takes


@pytest.mark.parametrize("name", shipped_files())
def test_shipped_specs_validate(name: str) -> None:
    spec = yaml.safe_load(read_file(shipped_files()[name]).text)
    assert [f"{list(error.absolute_path)}: {error.message}" for error in VALIDATOR.iter_errors(spec)] == []


@pytest.mark.parametrize(
    "entry",
    [
        "relu",
        "=act",
        "my_block",
        "=unit: {width: 64}",
        "my_block: {width: 64, repeat: 2}",
        "conv2d: {out_channels: =4 * width, kernel_size: [3, =k], padding: same}",
        "conv2d: {out_channels: 4, kernel_size: 3, padding: [[1, 0], [=p, 0]], bias: per_position}",
        "conv2d: {rows: [[out_channels, kernel_size], [16, 5]], sharing: {tile: [2, 2]}}",
        "conv2d: {out_channels: 4, kernel_size: 3, tied: true, when: =flag, repeat: =n}",
        "max_pool2d: {kernel_size: 2, stride: null}",
        "adaptive_avg_pool2d: {output_size: [null, 1]}",
        "residual: {layers: [relu], shortcut: []}",
        "parallel: {branches: [[relu], []], merge: add}",
        "add: {from: [input, previous]}",
    ],
)
def test_entries_that_are_right(entry: str) -> None:
    assert accepts(with_layer(entry))


@pytest.mark.parametrize(
    "entry",
    [
        "conv2d",
        "conv2d: {out_channels: 16}",
        "conv2d: {out_channels: 16, kernel_size: 3, kernel: 3}",
        "conv2d: {out_channels: many, kernel_size: 3}",
        "conv2d: {out_channels: 0, kernel_size: 3}",
        "conv2d: {out_channels: 16, kernel_size: [3, 3, 3]}",
        "conv2d: {out_channels: 16, kernel_size: 3, padding: some}",
        "conv2d: {out_channels: 16, kernel_size: 3, bias: maybe}",
        "relu: {slope: 1}",
        "relu: 3",
        "{relu: {}, tanh: {}}",
        "{}",
        "3",
        "relu: {repeat: -1}",
        "residual",
        "residual: {layers: [relu], branches: []}",
        "parallel: {branches: [[conv2d: {out_channels: x}]]}",
    ],
)
def test_entries_that_are_wrong(entry: str) -> None:
    assert not accepts(with_layer(entry))


@pytest.mark.parametrize(
    "text",
    [
        "{layers: [relu], input: [3, 8, 8], layer: []}",
        "{input: [3, 8, 8]}",
        "{layers: [relu], input: 3}",
        "{layers: [relu], input: [3, 0, 8]}",
        "{layers: relu, input: [3]}",
        "{layers: [relu], input: [3], variants: {small: {param: {}}}}",
        "{layers: [relu], input: [3], blocks: {stem: {params: {}}}}",
        "{layers: [relu], input: [3], expect: {params: [1]}}",
        "{layers: [relu], input: [3], include: 3}",
        "{layers: [relu], input: [3], include: [{file: a.yaml}]}",
        "{blocks: {stem: {layers: [relu]}}, variants: {}}",
    ],
)
def test_files_that_are_wrong(text: str) -> None:
    assert not accepts(text)


@pytest.mark.parametrize(
    "text",
    [
        "{include: resnet, input: [3], layers: [relu]}",
        "{include: [resnet, ../a.yaml], input: [3], layers: [relu]}",
        "{name: blocks, blocks: {stem: {layers: [relu]}}}",
        "{include: resnet, params: {width: 3}, custom: {t: {macs: 0}}}",
    ],
)
def test_files_that_are_right(text: str) -> None:
    assert accepts(text)


def with_custom(body: str) -> str:
    return f"input: [3, 8, 8]\ncustom: {{t: {body}}}\nlayers: [t, t: {{width: 3}}]\n"


@pytest.mark.parametrize(
    "body",
    [
        "",
        "{}",
        "{params: {width: null}, inputs: [a, b], output_shape: [=width, 8, =in_width]}",
        "{output_shape: =in_shape, parameters: {weight: =2, bias: 3}, macs: 0, buffers: =in_channels}",
        "{parameters: {}, macs: {a: 1}, window: pointwise}",
        "{parameters: null, window: {kernel_size: =k, stride: [1, =s], padding: same}}",
        "{window: [whole, null, {kernel_size: 3, padding: [[0, 1], [=p, 0]]}, =w]}",
    ],
)
def test_custom_types_that_are_right(body: str) -> None:
    assert accepts(with_custom(body))


@pytest.mark.parametrize(
    "body",
    [
        "3",
        "{layers: [relu]}",
        "{output_shape: 3}",
        "{output_shape: [0]}",
        "{parameters: many}",
        "{parameters: {weight: -1}}",
        "{macs: 1.5}",
        "{window: wide}",
        "{window: {stride: 1}}",
        "{window: {kernel_size: 3, pad: 1}}",
        "{inputs: input}",
    ],
)
def test_custom_types_that_are_wrong(body: str) -> None:
    assert not accepts(with_custom(body))


def test_words_are_those_of_the_parser() -> None:
    assert tuple(words.TOP_LEVEL) == parse.TOP_LEVEL
    assert tuple(words.BLOCK) == parse.BLOCK_KEYS
    assert tuple(words.VARIANT) == parse.VARIANT_KEYS
    assert words.ENTRY_KEYS.keys() == spec.ENTRY_KEYS
    assert tuple(words.CUSTOM) == custom.CUSTOM_KEYS
    assert tuple(words.WINDOW) == custom.WINDOW_KEYS == tuple(SlidingWindow.parameters)
    assert words.CONTAINERS.keys() == spec.CONTAINERS.keys()
    assert words.CONTAINER_KEYS.keys() == {key for keys in spec.CONTAINERS.values() for key in keys}


@pytest.mark.parametrize("word", [*words.CONTAINERS, *words.ENTRY_KEYS, *words.SECTIONS])
def test_examples_of_words_run(word: str) -> None:
    from convcalc.manual.pages import Manual

    example = Manual(word, words.page(word) or "").sections["Example"]
    assert word in example
    assert convcalc.analyse(convcalc.loads(example)).rows
    assert accepts(example)


def properties(schema: Any) -> Iterator[tuple[str, Any]]:
    """Every property of every object, resolved where it is a reference."""
    for value in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from properties(value)
    if isinstance(schema, dict) and isinstance(schema.get("properties"), dict):
        yield from schema["properties"].items()


def test_every_property_is_described() -> None:
    for name, property_ in properties(SCHEMA):
        target = property_.get("$ref", "").rpartition("/")[2].replace("~1", "/")
        described = property_ if "description" in property_ else SCHEMA["$defs"].get(target, {})
        assert described.get("description"), name


# -- what `expect` takes ---------------------------------------------------------------------------------------------

EXPECTING = """\
input: [3, 8, 8]
layers:
  - conv2d: {name: conv, out_channels: 4, kernel_size: 3}
  - conv2d: {name: tied, tied: conv, out_channels: 4, kernel_size: 3, from: input}
  - concat: {name: both, from: [conv, tied]}
"""
NAMES = [figure.name for figure in FIGURES] + ["layers", "input_shapes", "status", "parms", "1"]


def with_expectation(expect: object) -> str:
    return f"{EXPECTING}expect: {json.dumps(expect)}\n"


def problems_of(text: str) -> list[str]:
    return [problem.message for problem in check_expectations(convcalc.analyse(convcalc.loads(text)))]


@pytest.mark.parametrize("name", NAMES)
def test_the_schema_takes_the_figures_of_a_network_that_check_takes(name: str) -> None:
    totals = convcalc.analyse(convcalc.loads(EXPECTING)).totals.to_dict()
    value = totals.get(name, [8, 6, 6])
    text = with_expectation({name: value})
    assert accepts(text) == (problems_of(text) == []), problems_of(text)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("layer", ["conv", "tied"])
def test_the_schema_takes_the_figures_of_a_layer_that_check_takes(name: str, layer: str) -> None:
    row = convcalc.analyse(convcalc.loads(EXPECTING)).row(layer)
    value = {**row.to_dict(), "receptive_field": [3, 3], "frozen_params": 0}.get(name, 0)
    text = with_expectation({"layers": {layer: {name: value}}})
    assert accepts(text) == (problems_of(text) == []), problems_of(text)


EXPECTED = [
    ({"params": {"max": "1k", "min": 112}}, True),
    ({"params": "112 params"}, True),
    ({"params": None}, False),
    ({"params": {"most": 112}}, False),
    ({"params": {}}, True),
    ({"receptive_field": {}}, True),
    ({"layers": 3}, True),
    ({"layers": "3 layers"}, True),
    ({"layers": {"min": 3}}, False),
    ({"layers": {"conv": 3}}, False),
    ({"receptive_field": 3}, True),
    ({"receptive_field": {"min": 3}}, True),
    ({"receptive_field": [3, "3 px"]}, True),
    ({"receptive_field": {"min": [3, 3]}}, False),
    ({"output_shape": [8, 6, 6]}, True),
    ({"output_shape": {"both": [8, 6, 6]}}, True),
    ({"output_shape": 8}, False),
    ({"layers": {"tied": {"tied_to": "conv", "type": "conv2d"}}}, True),
    ({"layers": {"conv": {"tied_to": None}}}, True),
    ({"layers": {"conv": {"type": ["conv2d"]}}}, False),
]


@pytest.mark.parametrize(("expect", "is_right"), EXPECTED)
def test_the_schema_takes_the_values_that_check_takes(expect: dict[str, object], is_right: bool) -> None:
    text = with_expectation(expect)
    assert accepts(text) == (problems_of(text) == []) == is_right, problems_of(text)


def test_the_schema_takes_what_several_outputs_and_inputs_need() -> None:
    text = """\
input: {left: [1, 8, 8], right: [1, 8, 8]}
layers:
  - conv2d: {name: a, out_channels: 2, kernel_size: 3, from: left}
  - conv2d: {name: b, out_channels: 2, kernel_size: 5, from: right}
outputs: [a, b]
expect:
  output_shape: {a: [2, 6, 6], b: [2, 4, 4]}
  receptive_field: {a: {left: [3, 3], right: null}, b: {left: null, right: {min: 5}}}
  layers: {b: {receptive_field: {right: 5}}}
"""
    assert accepts(text)
    assert problems_of(text) == []
