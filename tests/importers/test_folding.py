"""Folding loses nothing: a shipped network that is taken apart and written again has the same figures."""

from __future__ import annotations

import pytest

import convcalc
from convcalc import shipped
from convcalc.agreement import differences
from convcalc.importers.specs import spec_text
from tests.importers.expansion import expanded

FIGURES = ("params", "trainable_params", "buffers", "params_unshared", "macs", "activations")
KNOWN_OF_CUSTOM = FIGURES[:1]  # an operator without a layer type has only its parameters


FLAT = ("lenet", "resnet18", "googlenet", "unet", "hrnet", "siamese", "segnet", "conv_tasnet")


@pytest.mark.slow
@pytest.mark.parametrize("target", shipped.files())
def test_a_shipped_network_stays_the_same(target: str) -> None:
    assert_same(target, flat=False)


@pytest.mark.parametrize("target", FLAT)
def test_flat_it_stays_the_same(target: str) -> None:
    assert_same(target, flat=True)


def assert_same(target: str, *, flat: bool) -> None:
    graph, network = expanded(target)
    text = spec_text(network, flat=flat)
    again = convcalc.loads(text.partition("expect:")[0])
    before, after = convcalc.analyse(graph).totals, convcalc.analyse(again).totals
    figures = KNOWN_OF_CUSTOM if any(node.layer.is_custom for node in graph.nodes) else FIGURES
    assert [getattr(after, figure) for figure in figures] == [getattr(before, figure) for figure in figures]
    assert [message for message in differences(again, network) if "parameters" not in message.message] == []
