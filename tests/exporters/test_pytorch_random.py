"""Random networks: their modules run, and have the shapes and counts of the specs."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, assume, given, reject, settings
from hypothesis import strategies as st

from convcalc import api
from tests.strategies.networks import Network, networks

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.exporters.modules import figures, run, samples, source_of_text, torch
from tests.oracles.torch_networks import Network as Oracle


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(network=st.integers(1, 2).flatmap(networks))
def test_a_random_network(network: Network) -> None:
    report = api.analyse(api.loads(network.text))
    with torch.device("meta"):
        module = run(source_of_text(network.text))
        outputs = module(*samples(report.graph, "meta", 2))
    shapes = [tuple(each.shape) for each in (outputs if isinstance(outputs, tuple) else (outputs,))]
    assert shapes == [(2, *report.graph.shape(tensor)) for tensor in dict.fromkeys(report.graph.outputs.values())]
    counted = figures(module)
    assert counted == {figure: getattr(report.totals, figure) for figure in counted}


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(network=st.integers(1, 2).flatmap(networks))
def test_a_random_network_computes_what_its_layers_compute(network: Network) -> None:
    """The oracle runs the layers one by one, in the order of the report."""
    assume("layer_norm2d" not in network.text)  # the oracle has another epsilon
    report = api.analyse(api.loads(network.text))
    torch.manual_seed(0)
    try:
        oracle = Oracle(report.to_dict()).eval()
    except AssertionError:
        reject()  # a layer with weights that the oracle has as a function
    module = run(source_of_text(network.text))
    module.load_state_dict(oracle.state_dict(), strict=True)
    inputs = [torch.randn_like(each) for each in samples(report.graph, "cpu")]
    with torch.no_grad():
        found, expected = module(*inputs), oracle(*inputs)
    torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-5)
