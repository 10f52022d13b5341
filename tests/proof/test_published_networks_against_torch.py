"""The networks of tests/data/specs, rebuilt row by row in PyTorch from their reports."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="compares with PyTorch: pip install '.[oracle]'")

from tests.proof.test_published_networks import SPECS, report_of
from tests.specs.test_networks_against_torch import Rebuilt, disagreements


@pytest.mark.parametrize("target", SPECS)
def test_network_agrees(target: str) -> None:
    report = report_of(target).to_dict()
    assert disagreements(report, Rebuilt(report)) == []
