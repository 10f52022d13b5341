"""Every layer type, by the example of its manual page: the model has its figures and computes what PyTorch computes."""

from __future__ import annotations

from math import prod
from pathlib import Path

import pytest

from convcalc import api, layers
from convcalc.exporters.keras.layers import RULES
from convcalc.manual.pages import manual

pytest.importorskip("keras", reason="runs models of Keras: pip install '.[oracle]'")

from tests.exporters.keras_models import FORMATS, differences, network_of_text
from tests.exporters.keras_weights import outputs_of_both, torch

# Types whose example Keras cannot say; other networks of this file and of test_keras_source.py have them.
REFUSED = {"constant", "lstm", "rnn"}

# The example on the page has 150 thousand positions.
SMALL = {
    "locally_connected3d": """
    input: [2, 4, 5, 6]
    layers: [locally_connected3d: {out_channels: 3, kernel_size: 2, stride: [1, 1, 2]}]
    """
}


def example(name: str) -> str:
    if name in SMALL:
        return SMALL[name]
    kind = layers.find(name)
    assert kind is not None
    return manual(kind).sections["Example"]


@pytest.mark.slow
@pytest.mark.parametrize("data_format", FORMATS)
@pytest.mark.parametrize("name", sorted(RULES.keys() - REFUSED))
def test_the_example_of_a_type(name: str, data_format: str, tmp_path: Path) -> None:
    network = network_of_text(example(name))
    report = api.analyse(network.graph)
    elements = sum(map(prod, network.graph.inputs.values()))
    params, macs = report.totals.params, report.totals.macs
    assert params is not None
    assert macs is not None
    assert differences(network, data_format, tmp_path if params else None) == []
    if max(params, macs / 100, elements) < 1_000_000:
        expected, found = outputs_of_both(network, data_format)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5, equal_nan=True)
