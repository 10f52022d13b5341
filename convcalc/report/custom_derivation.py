"""The derivation of a custom layer's figures: the formulas of its spec, and the figures without a formula."""

from __future__ import annotations

from collections.abc import Mapping

from convcalc.arith.formula import Formula
from convcalc.layers.custom import CustomLayer
from convcalc.report.rows import Row
from convcalc.report.steps import DerivationStep, formula_step

NO_WIRING = "not known without sharing, with it, or fully connected: there is no formula for sliding weights"


def shape_steps(row: Row, layer: CustomLayer) -> list[DerivationStep]:
    """The output's shape and its units."""
    formula, output = layer.formulas.output_shape, row.output_shape
    values = layer.values(row.input_shapes, output)
    shape = (
        formula_step("output shape", formula, values)
        if formula
        else DerivationStep("output shape", output, notes=["as its input"])
    )
    numbers = " × ".join(map(str, output)) if len(output) > 1 else ""
    return [shape, DerivationStep("units", row.units, numbers=numbers)]


def parameter_steps(row: Row, layer: CustomLayer) -> list[DerivationStep]:
    """Each named term, then their sum."""
    values = layer.values(row.input_shapes, row.output_shape)
    notes = []
    if row.tied_to is not None:
        notes.append(f"tied to {row.tied_to}: its parameters are counted there")
    elif row.frozen_params:
        notes.append("all of them frozen")
    if layer.formulas.parameters:
        notes.append(NO_WIRING)
    steps = _terms(layer, "parameters", row.facts.params, layer.formulas.parameters, values, notes)
    return steps + (_terms(layer, "buffers", row.buffers, layer.formulas.buffers, values) if row.facts.buffers else [])


def mac_steps(row: Row, layer: CustomLayer) -> list[DerivationStep]:
    values = layer.values(row.input_shapes, row.output_shape)
    steps = _terms(layer, "multiply-accumulates", row.macs, layer.formulas.macs, values, key="macs")
    uses = DerivationStep(
        "connections", row.connections, notes=["not known: there is no formula for the uses of a weight"]
    )
    return [uses, *steps] if row.connections is None else steps


def _terms(
    layer: CustomLayer,
    title: str,
    total: int | None,
    formulas: Mapping[str, Formula] | None,
    values: dict[str, int],
    notes: list[str] | None = None,
    key: str = "",
) -> list[DerivationStep]:
    if formulas is None:
        return [DerivationStep(title, None, notes=[f"not known: {layer.type.name} gives no `{key or title}`"])]
    if not formulas:
        return [DerivationStep(title, 0, notes=["this layer has none"])]
    steps = [formula_step(f"{title}: {name}", formula, values) for name, formula in formulas.items()]
    if len(steps) == 1:
        only = steps[0]
        return [DerivationStep(title, total, symbols=only.symbols, numbers=only.numbers, notes=notes or ())]
    numbers = " + ".join(str(step.result) for step in steps)
    return [*steps, DerivationStep(title, total, symbols=" + ".join(formulas), numbers=numbers, notes=notes or ())]
