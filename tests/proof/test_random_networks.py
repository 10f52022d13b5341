"""Random networks, counted by convcalc and by PyTorch, and their receptive fields probed with booleans."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import HealthCheck, event, given, reject, settings

import convcalc
from tests.helpers import field_map
from tests.oracles.boolean_probe import hull, positions_seen_by_slabs
from tests.strategies.networks import Network, networks

pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")

import torch  # type: ignore[import-not-found, unused-ignore]  # an optional extra: pip install '.[oracle]'

from tests.oracles.torch_layers import Outcome, Products, build, sample
from tests.specs.test_networks_against_torch import reported

thorough = settings(
    max_examples=500 if os.environ.get("CI") else 50,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def torch_outcomes(network: Network) -> dict[str, Outcome]:
    """Every layer of the description as a module of PyTorch, run on the meta device."""
    outcomes = {}
    with torch.device("meta"), Products() as products:
        values = {"input": sample(network.input)}
        for layer in network.expansion.layers:
            read = [values[name] for name in layer.inputs]
            module = build(layer.kind, layer.params, [tuple(value.shape[1:]) for value in read])
            before = products.macs
            output = values[layer.name] = module.forward(*read)
            figures = module.parameter_count, module.buffer_count, products.macs - before
            outcomes[layer.name] = Outcome(tuple(output.shape[1:]), *figures)
    return outcomes


def boxes_seen(network: Network) -> dict[str, Any]:
    """What each unit sees, by the probe. Rejects images with a unit that sees padding alone.

    Such a unit is blind along both axes because it is along one, which boxes given axis by axis cannot say.
    """
    try:
        seen = positions_seen_by_slabs(network.expansion.nodes(), network.input[1:])
    except ValueError:
        event("a unit sees padding alone")
        reject()
    return {name: [[hull(unit) for unit in units] for units in axes] for name, axes in seen.items()}


def check(network: Network) -> None:
    """Every layer's shape, parameters, buffers and macs, the totals, and the box of every unit of every map."""
    report = convcalc.analyse(convcalc.loads(network.text))
    expected = torch_outcomes(network)
    assert {row["name"]: reported(row) for row in report.to_dict()["layers"]} == expected
    for figure in ("params", "buffers", "macs"):
        assert getattr(report.totals, figure) == sum(getattr(outcome, figure) for outcome in expected.values())
    boxes = boxes_seen(network)
    assert {name: field_map(report, name)["clipped"] for name in boxes} == boxes
    event(f"{len(expected) // 10 * 10} layers or more")


@thorough
@given(networks(rank=1))
def test_random_network_on_a_sequence(network: Network) -> None:
    check(network)


@thorough
@given(networks(rank=2))
def test_random_network_on_an_image(network: Network) -> None:
    check(network)
