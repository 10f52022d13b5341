"""The derivation of each figure of one layer: the formula, its numbers and the result, as plain values.

The formulas are those of the layer, which also computed the report.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from convcalc.arith.formula import Formula
from convcalc.arith.shape import spatial_names
from convcalc.arith.units import count_of, group_digits
from convcalc.arith.wording import listed
from convcalc.conventions import differences
from convcalc.layers.base import LayerType, Term
from convcalc.manual.pages import manual
from convcalc.report.field_derivation import field_steps
from convcalc.report.report import Report
from convcalc.report.rows import Row, plain
from convcalc.report.steps import DerivationStep, formula_step, steps_per_axis

SCHEMA = "convcalc.derivation/1"
# Counts may be given for each of these parts: its name in the formulas, and the word for one part.
PARTS = (("out_units", "unit"), ("out_channels", "output channel"), ("out_features", "output feature"))
NOT_SHARED = "the same with and without sharing: these weights do not slide over positions"
UNIT = "a unit is one number of the output (out_units) or of the input (in_units)"
CONNECTIONS = "each use of a weight or bias counts, once for every unit that it helps to compute"
MACS = "multiplications, each with an addition; the additions of biases are left out"
WINDOW = "size: of the input; before and after: the padding on its two sides"
# The settings that change the written parameters, and the values that do not.
USUAL: tuple[tuple[str, tuple[Any, ...]], ...] = (("sharing", (True, "full")), ("bias", (True, False)))


@dataclass(slots=True, eq=False)
class Derivation:
    """The steps of one layer of a network."""

    network: str
    row: Row
    steps: Sequence[DerivationStep]
    differences: Sequence[str] = ()  # a sentence for each other tool that counts differently
    changed: dict[str, Any] = field(default_factory=dict)  # what the call changed of the network, as Graph.changed

    def to_dict(self) -> dict[str, Any]:
        """The data of `explain --format json`."""
        row = self.row
        return {
            "schema": SCHEMA,
            "network": self.network,
            "layer": row.name,
            "type": row.type,
            "inputs": row.inputs,
            "input_shapes": plain(row.input_shapes),
            "output_shape": plain(row.output_shape),
            "config": plain(row.config),
            "steps": [step.to_dict() for step in self.steps],
            "differences": list(self.differences),
            **self.changed,
        }


def derive(report: Report, name: str) -> Derivation:
    """The derivation of the layer of that full name. Raises UsageError when there is none."""
    return derivation_of(report, report.row(name))


def derivation_of(report: Report, row: Row) -> Derivation:
    """The derivation of a row of the report."""
    layer = row.facts.layer
    steps = _of_custom(report, row) if layer.is_custom else _of_catalogue(report, row)
    return Derivation(report.name or report.target, row, steps, differences(row), report.graph.changed)


def _of_custom(report: Report, row: Row) -> list[DerivationStep]:
    from convcalc.layers.custom import CustomLayer  # imported only for a spec that has one
    from convcalc.report.custom_derivation import mac_steps, parameter_steps, shape_steps

    layer = row.facts.layer
    assert isinstance(layer, CustomLayer)
    return [
        *shape_steps(row, layer),
        *parameter_steps(row, layer),
        *field_steps(report, row),
        *mac_steps(row, layer),
    ]


def _of_catalogue(report: Report, row: Row) -> list[DerivationStep]:
    layer, values = row.facts.layer, row.facts.layer.values(row.input_shapes, row.output_shape)
    uses = {term.name: term.uses for term in layer.terms() if term.uses.text != "0"}
    return [
        *_shape_steps(row),
        *_parameter_steps(row, values),
        *_sum_steps("buffers", layer.buffers(), values),
        _units(row),
        *_other_wirings(row, values),
        *field_steps(report, row),
        *_sum_steps("connections", uses, values, CONNECTIONS),
        *_sum_steps("multiply-accumulates", layer.multiply_accumulates(), values, MACS),
    ]


# -- shape -------------------------------------------------------------------------------------------------------


def _shape_steps(row: Row) -> list[DerivationStep]:
    layer = row.facts.layer
    formula = layer.window_formula()
    if formula is None:
        return [DerivationStep("output shape", row.output_shape, notes=[_shape_rule(layer.type)])]
    axes = layer.window_values(row.input_shapes, row.output_shape)
    if "before" in formula.names():
        return steps_per_axis("output", formula, axes, [[WINDOW]] * len(axes))
    return steps_per_axis(
        "output", formula, axes, [[f"padding: {axis['before']} before, {axis['after']} after"] for axis in axes]
    )


@lru_cache(maxsize=256)
def _shape_rule(kind: LayerType) -> str:
    """What the manual says of the output shape."""
    return " ".join(manual(kind).sections.get("Shape", "").split())


def _units(row: Row) -> DerivationStep:
    output, rank = row.output_shape, row.facts.layer.type.rank
    names = ["out_channels", *spatial_names(rank)] if rank and len(output) == rank + 1 else []
    numbers = " × ".join(map(str, output)) if len(output) > 1 else ""
    return DerivationStep("units", row.units, symbols=" × ".join(names), numbers=numbers, notes=[UNIT])


# -- parameters --------------------------------------------------------------------------------------------------


def _parameter_steps(row: Row, values: dict[str, int]) -> list[DerivationStep]:
    """The parameters of a layer whose weights are shared, and as the spec writes it."""
    terms = row.facts.layer.terms()
    if not terms:
        return [DerivationStep("parameters", 0, notes=["this layer has none"])]
    if _is_shared(terms):
        return [_wiring("parameters with sharing", terms, "shared", values), *_as_written(row, terms, values)]
    return [_wiring("parameters", terms, "shared", values, NOT_SHARED), *_as_written(row, terms, values)]


def _other_wirings(row: Row, values: dict[str, int]) -> list[DerivationStep]:
    """The parameters without sharing and if fully connected, where they differ from those with sharing."""
    terms = row.facts.layer.terms()
    if not _is_shared(terms):
        return []
    on_pixels = _weights_on_pixels(row, terms, values)
    return [
        _wiring("parameters without sharing", terms, "unshared", values, on_pixels),
        _wiring("parameters if fully connected", terms, "fully_connected", values),
    ]


def _is_shared(terms: Sequence[Term]) -> bool:
    """Whether the formulas with and without sharing differ."""
    return _sum(term.shared for term in terms).text != _sum(term.unshared for term in terms).text


def _wiring(title: str, terms: Sequence[Term], wiring: str, values: dict[str, int], note: str = "") -> DerivationStep:
    """The parameters with one wiring: an attribute of the terms."""
    formulas = [getattr(term, wiring) for term in terms]
    return formula_step(title, _sum(formulas), values, [_by_part(terms, formulas, values), note])


def _by_part(terms: Sequence[Term], formulas: Sequence[Formula], values: dict[str, int]) -> str:
    """The count of each part, such as "363 weights and 1 bias for each unit: 290,400 × 364".

    Where the parts have different counts, the names of the terms.
    """
    for name, part in PARTS:
        count = values.get(name, 0)
        each = [formula({**values, name: 1}) for formula in formulas]
        if count > 1 and all(one * count == formula(values) for one, formula in zip(each, formulas)):
            weights = sum(one for one, term in zip(each, terms) if not term.is_bias)
            biases = sum(each) - weights
            counts = [count_of(weights, "weight")] + ([count_of(biases, "bias")] if biases else [])
            return f"{listed(counts)} for each {part}: {group_digits(count)} × {group_digits(sum(each))}"
    return " + ".join(term.name for term in terms) if len(terms) > 1 else ""


def _weights_on_pixels(row: Row, terms: Sequence[Term], values: dict[str, int]) -> str:
    """How many of the unshared weights read a pixel; empty where all of them do."""
    on_pixels = row.facts.layer.weights_on_input(row.input_shapes, row.output_shape)
    weights = sum(term.unshared(values) for term in terms if not term.is_bias)
    if on_pixels is None or on_pixels == weights:
        return ""
    return f"{group_digits(weights)} weights; only {group_digits(on_pixels)} of them read a pixel"


def _as_written(row: Row, terms: Sequence[Term], values: dict[str, int]) -> list[DerivationStep]:
    """The parameters as the spec writes the layer, where they differ from the shared parameters."""
    title = "parameters as the spec writes it"
    tied = row.owned.tied_terms
    own = [term for term in terms if tied is not None and term.name not in tied]
    if tied is not None and own:
        names = listed([term.name for term in terms if term.name in tied])
        note = f"its {names} {'are' if len(tied) > 1 else 'is'} tied to {row.tied_to}, and counted there"
        return [formula_step(title, _sum(term.written for term in own), values, [note])]
    if row.tied_to is not None:
        return [DerivationStep(title, 0, notes=[f"tied to {row.tied_to}: its parameters are counted there"])]
    frozen = f"{group_digits(row.frozen_params)} of them frozen" if row.frozen_params else ""
    written = _sum(term.written for term in terms)
    if row.params == row.facts.params_shared and not frozen:
        return []
    if written.text == _sum(term.unshared for term in terms).text:
        return [DerivationStep(title, row.params, notes=["as without sharing", frozen])]
    settings = [
        f"{name}: {row.config[name]}".replace("'", "")
        for name, usual in USUAL
        if row.config.get(name, True) not in usual
    ]
    return [formula_step(title, written, values, [*settings, frozen])]


def _sum_steps(
    title: str, formulas: dict[str, Formula], values: dict[str, int], meaning: str = ""
) -> list[DerivationStep]:
    if not formulas:
        return []
    parts = " + ".join(formulas) if len(formulas) > 1 else ""
    return [formula_step(title, _sum(formulas.values()), values, [parts, meaning])]


def _sum(formulas: Iterable[Formula]) -> Formula:
    return Formula(" + ".join(formula.text for formula in formulas))
