"""Dropout as the last layer: what is dropped are the outputs themselves.

In training some of the outputs are then 0, whatever the network made of the input, and the loss compares these with the
targets. Dropout is meant for what a further layer weighs: it stands before the last layer with weights.

Fails:
    input: [512]
    layers:
      - linear: {out_features: 10}
      - dropout: {p: 0.5}

Passes:
    input: [512]
    layers:
      - dropout: {p: 0.5}
      - linear: {out_features: 10}

Source:
    Srivastava et al., Dropout: a simple way to prevent neural networks from overfitting, JMLR 2014, section 4.
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.layers.regularisation import Dropout
from convcalc.lint.network import Finding, Network


def check(network: Network) -> Iterator[Finding]:
    for step in network.of(Dropout):
        assert isinstance(step.layer, Dropout)  # `of` gives no other
        if step in network.outputs and step.layer.p and step.type != "drop_path":
            message = f"drops values of the output itself, each with p {step.layer.p:g}"
            yield Finding(step, message, help="put it before the last layer with weights")
