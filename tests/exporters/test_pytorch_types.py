"""Every layer type, by the example of its manual page: its module has the shape and the counts of the layer."""

from __future__ import annotations

import pytest

from convcalc import api, layers
from convcalc.exporters.pytorch.layers import RULES
from convcalc.manual.pages import manual

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.exporters.modules import figures, run, samples, source_of_text, torch


def example(name: str) -> str:
    kind = layers.find(name)
    assert kind is not None
    return manual(kind).sections["Example"]


@pytest.mark.parametrize("name", sorted(RULES))
def test_the_example_of_a_type(name: str) -> None:
    text = example(name)
    report = api.analyse(api.loads(text))
    with torch.device("meta"):
        module = run(source_of_text(text))
        outputs = module(*samples(report.graph, "meta", 2))
    shapes = [tuple(each.shape) for each in (outputs if isinstance(outputs, tuple) else (outputs,))]
    assert shapes == [(2, *report.graph.shape(tensor)) for tensor in dict.fromkeys(report.graph.outputs.values())]
    counted = figures(module)
    assert counted == {figure: getattr(report.totals, figure) for figure in counted}
