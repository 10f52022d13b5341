"""The JSON text says exactly what the report says, however it is put together."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

import convcalc
from convcalc.render.formats.json import json_chunks, json_text
from tests.render.networks import TIED


@pytest.mark.parametrize("target", ["lenet", "alexnet", "resnet50", "deepface", "lenet5-1998"])
def test_the_text_is_the_report(target: str) -> None:
    report = convcalc.analyse(target)
    assert json.loads("".join(json_chunks([report], as_list=False))) == report.to_dict()


def test_tied_frozen_and_several_inputs() -> None:
    report = convcalc.analyse(convcalc.loads(TIED))
    assert json.loads("".join(json_chunks([report, report], as_list=True))) == [report.to_dict()] * 2


def test_equal_layers_of_which_one_is_frozen() -> None:
    text = "input: [1, 4]\nlayers:\n" + "".join(
        f"  - linear: {{out_features: 4, trainable: {flag}}}\n" for flag in ("true", "false", "true")
    )
    report = convcalc.analyse(convcalc.loads(text))
    layers = json.loads("".join(json_chunks([report], as_list=False)))["layers"]
    assert [layer["trainable_params"] for layer in layers] == [20, 0, 20]


def test_equal_layers_of_which_one_is_tied() -> None:
    text = "input: [4]\nlayers:\n  - linear: {name: a, out_features: 4}\n  - linear: {out_features: 4, tied: a}\n"
    report = convcalc.analyse(convcalc.loads(text))
    layers = json.loads("".join(json_chunks([report], as_list=False)))["layers"]
    assert [(layer["params"], layer["tied_to"]) for layer in layers] == [(20, None), (0, "a")]


def test_the_text_comes_in_small_pieces() -> None:
    pieces: Iterator[str] = json_chunks([convcalc.analyse("resnet50")], as_list=False)
    assert max(map(len, pieces)) < 3000


VALUES: list[Any] = [
    {}, [], {"a": 1}, {"a": [1, 2], "b": [{"c": None}, {"d": [[1], [2]]}]}, [{"a": {"b": {"c": "é\n"}}}], 10**40,
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_small_values_survive(value: Any) -> None:
    assert json.loads(json_text(value)) == value
