"""Random networks: their models have the figures of the specs, and compute what the PyTorch modules compute."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from convcalc.errors import SpecError
from convcalc.exporters.export import export
from tests.strategies.networks import Network, networks

pytest.importorskip("keras", reason="runs models of Keras: pip install '.[oracle]'")

from tests.exporters.keras_models import FORMATS, differences, network_of_text
from tests.exporters.keras_weights import outputs_of_both, torch


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(network=st.integers(1, 2).flatmap(networks), data_format=st.sampled_from(FORMATS))
def test_a_random_network(network: Network, data_format: str) -> None:
    built = network_of_text(network.text)
    try:
        export(built, "keras", data_format=data_format)
    except SpecError:
        reject()  # what Keras cannot say
    assert differences(built, data_format) == []
    expected, found = outputs_of_both(built, data_format)
    for one, other in zip(found, expected, strict=True):
        scale = max(float(other.abs().max()), 1e-30)
        torch.testing.assert_close(one / scale, other / scale, rtol=1e-3, atol=1e-3)
