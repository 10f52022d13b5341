"""Derivations: the textbooks' worked examples, and a sentence wherever a formula does not hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

import convcalc
from convcalc.report.derivation import Derivation, derive
from convcalc.report.rows import Row
from convcalc.report.steps import DerivationStep
from tests.helpers import family_representatives


def of_layer(entry: str, input: str = "[3, 32, 32]") -> Derivation:
    report = convcalc.analyse(convcalc.loads(f"input: {input}\nlayers:\n  - {entry}\n"))
    return derive(report, report.rows[-1].name)


def step(derivation: Derivation, title: str) -> DerivationStep:
    (found,) = (step for step in derivation.steps if step.title == title)
    return found


def titles(derivation: Derivation) -> list[str]:
    return [step.title for step in derivation.steps]


def test_first_layer_of_alexnet() -> None:
    derivation = derive(convcalc.analyse("alexnet"), "conv1")
    assert [(step.title, step.numbers, step.result) for step in derivation.steps] == [
        ("output height and width", "floor((227 + 0 + 0 - 1 × (11 - 1) - 1) / 4) + 1", 55),
        ("parameters with sharing", "96 × (3 / 1) × 11 × 11 + 96", 34_944),
        ("units", "96 × 55 × 55", 290_400),
        ("parameters without sharing", "290400 × (3 / 1) × 11 × 11 + 290400", 105_705_600),
        ("parameters if fully connected", "154587 × 290400 + 290400", 44_892_355_200),
        ("receptive field, height and width", "1 + (11 - 1) × 1", 11),
        ("connections", "290400 × (3 / 1) × 11 × 11 + 290400", 105_705_600),
        ("multiply-accumulates", "290400 × (3 / 1) × 11 × 11", 105_415_200),
    ]
    assert step(derivation, "parameters without sharing").notes == (
        "363 weights and 1 bias for each unit: 290,400 × 364",
    )


def test_weights_that_only_ever_meet_padding() -> None:
    derivation = of_layer("conv2d: {out_channels: 5, kernel_size: 3, padding: same}", "[3, 8, 8]")
    assert "8,640 weights; only 7,260 of them read a pixel" in step(derivation, "parameters without sharing").notes


@pytest.mark.parametrize(
    ("kind", "config", "sizes"),
    [
        ("conv2d", {"kernel_size": 3, "padding": 2, "stride": 2, "dilation": 2}, (7, 9)),
        ("conv2d", {"kernel_size": 5, "padding": "same"}, (3, 4)),
        ("conv_transpose2d", {"kernel_size": 4, "padding": 1, "stride": 2}, (4, 3)),
        ("conv_transpose2d", {"kernel_size": 3, "padding": 2, "stride": 3, "dilation": 2}, (4, 5)),
    ],
)
def test_weights_on_input_by_going_through_every_tap(
    kind: str, config: dict[str, object], sizes: tuple[int, int]
) -> None:
    written = ", ".join(f"{key}: {value}" for key, value in config.items())
    row = convcalc.analyse(
        convcalc.loads(f"input: [2, {sizes[0]}, {sizes[1]}]\nlayers: [{kind}: {{out_channels: 3, {written}}}]\n")
    ).rows[0]
    layer: Any = row.facts.layer
    met = 2 * 3
    for size, units, (before, _), stride, dilation, kernel in zip(
        sizes, row.output_shape[1:], layer.pads(sizes), layer.stride, layer.dilation, layer.kernel_size
    ):
        reads, writes = (size, units) if kind == "conv2d" else (units, size)
        positions = (position * stride - before + tap * dilation for position in range(writes) for tap in range(kernel))
        met *= sum(0 <= position < reads for position in positions)
    assert layer.weights_on_input(row.input_shapes, row.output_shape) == met


def test_axes_that_differ_have_a_step_each() -> None:
    derivation = of_layer("conv2d: {out_channels: 3, kernel_size: [3, 5], padding: [1, 2]}", "[2, 3, 5]")
    assert titles(derivation)[:2] == ["output height", "output width"]
    assert "receptive field, height" in titles(derivation)
    assert titles(of_layer("conv1d: {out_channels: 3, kernel_size: 3}", "[2, 9]"))[0] == "output length"


@pytest.mark.parametrize(
    ("entry", "result", "note"),
    [
        ("conv2d: {out_channels: 4, kernel_size: 3, sharing: none}", 25_200 * 4, "as without sharing"),
        ("conv2d: {out_channels: 4, kernel_size: 3, sharing: {tile: [2, 2]}}", 4 * 4 * 28, "sharing: {tile: [2, 2]}"),
        ("conv2d: {out_channels: 4, kernel_size: 3, bias: per_position}", 108 + 3600, "bias: per_position"),
        ("conv2d: {out_channels: 4, kernel_size: 3, trainable: false}", 112, "112 of them frozen"),
        ("conv2d: {repeat: 2, tied: true, out_channels: 3, kernel_size: 1}", 0, "tied to conv2d_1.0"),
    ],
)
def test_parameters_as_written_where_they_differ(entry: str, result: int, note: str) -> None:
    written = step(of_layer(entry), "parameters as the spec writes it")
    assert written.result == result
    assert note in "; ".join(written.notes)


def test_layers_without_parameters_say_so() -> None:
    derivation = of_layer("max_pool2d: {kernel_size: 2}")
    assert titles(derivation) == ["output height and width", "parameters", "units", "receptive field, height and width"]
    assert step(derivation, "parameters").result == 0


@pytest.mark.parametrize(
    ("layers", "result", "note"),
    [
        ("[conv2d: {out_channels: 4, kernel_size: 3}, relu]", (3, 3), "reads one position"),
        ("[conv2d: {out_channels: 4, kernel_size: 3}, global_avg_pool]", (32, 32), "positions are mixed"),
        ("[upsample: {scale_factor: 2, mode: bilinear}]", (2, 2), "depends on the position of the unit"),
        (
            "[residual: {layers: [conv2d: {out_channels: 3, kernel_size: 3, padding: 1}]}]",
            (3, 3),
            "the smallest box around the fields of its inputs: 3x3, 1x1",
        ),
    ],
)
def test_receptive_field_in_a_sentence(layers: str, result: tuple[int, int], note: str) -> None:
    report = convcalc.analyse(convcalc.loads(f"input: [3, 32, 32]\nlayers: {layers}\n"))
    found = step(derive(report, report.rows[-1].name), "receptive field")
    assert found.result == result
    assert note in "; ".join(found.notes)


def test_receptive_field_of_each_input() -> None:
    report = convcalc.analyse(
        convcalc.loads(
            "input: {left: [3, 8, 8], right: [3, 8, 8]}\n"
            "layers: [conv2d: {name: a, from: left, out_channels: 3, kernel_size: 3}]\n"
        )
    )
    derivation = derive(report, "a")
    assert step(derivation, "receptive field in left, height and width").result == 3
    assert step(derivation, "receptive field in right").notes == ("it does not depend on this input",)


def distinct(rows: Iterable[Row]) -> list[Row]:
    """The first of the rows that have the same derivation, but for names and receptive fields.

    Such rows have one type, the same parameters, shapes and sharing. Where a layer counts nothing, its sizes are in no
    formula, and the same numbers of axes suffice.
    """
    found: dict[str, Row] = {}
    for row in rows:
        shapes = [*row.input_shapes, row.output_shape]
        layer = row.facts.layer
        counts = layer.terms() or layer.multiply_accumulates() or layer.buffers() or layer.window_formula()
        sizes = shapes if counts else [len(shape) for shape in shapes]
        found.setdefault(repr((row.type, row.config, sizes, row.params, row.tied_to is None)), row)
    return list(found.values())


@pytest.mark.slow
@pytest.mark.parametrize("target", family_representatives())
def test_every_shipped_layer_has_a_derivation_that_agrees_with_its_row(target: str) -> None:
    report = convcalc.analyse(target)
    for row in distinct(report.rows):
        found = derive(report, row.name)
        results = {step.title: step.result for step in found.steps}
        assert results["units"] == row.units
        written = "parameters as the spec writes it"
        assert results.get(written, results.get("parameters with sharing", results.get("parameters"))) == row.params
        assert results.get("multiply-accumulates", 0) == row.macs
        for name, field in row.receptive_fields.items():
            start = "receptive field," if len(row.receptive_fields) == 1 else f"receptive field in {name},"
            sizes = [result for title, result in results.items() if title.startswith(start)]
            assert all(field and size in field.size for size in sizes)


def test_unknown_layer_names_the_nearest() -> None:
    with pytest.raises(convcalc.UsageError, match="conv1"):
        derive(convcalc.analyse("alexnet"), "conv_1")
