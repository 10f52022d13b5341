"""A spec and its code, or another network that it describes, are not the same.

`check net.yaml --against TARGET` finds every layer that only one of them has, every other value of a parameter, and
other wiring. Layers are compared by what they compute and of what, not by name, line or order. Figures that only follow
from an earlier difference are not findings of their own.

What changes no shape, count or wiring is a warning: eps, the share of a dropout, a name. Names are compared where at
least half of them are equal, once for each block. The rest is an error.

Fails:
    # --against 'pytorch:mypkg.models:Net', whose first convolution has kernel_size=5 and padding=2
    input: [3, 32, 32]
    layers:
      - conv2d: {name: stem, out_channels: 16, kernel_size: 3, padding: 1}
      - relu

Passes:
    # --against 'pytorch:mypkg.models:Net'
    input: [3, 32, 32]
    layers:
      - conv2d: {name: stem, out_channels: 16, kernel_size: 5, padding: 2}
      - relu
"""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.drift.deviation import Losses
from convcalc.drift.drift import Drift
from convcalc.importers.network import ForeignNetwork
from convcalc.lint.finding import Finding
from convcalc.problems import ERROR, WARNING
from convcalc.report.report import Report

# Formats that keep whether parameters are trained.
KEEP_TRAINABLE = ("PyTorch", "Keras")
# Formats whose exporters leave dropouts out and fold batch norms.
EXPORTED = ("ONNX",)


def check(report: Report, source: Report, foreign: ForeignNetwork | None) -> Iterator[Finding]:
    """The findings in a network; `foreign` is the network that its source was read from, None for a spec."""
    for each in Drift(report, source, _losses(source, foreign)).deviations():
        severity = WARNING if each.minor else ERROR
        yield Finding(each.row, each.message, at=each.at, help=each.help, severity=severity, kind=each.kind)


def _losses(source: Report, foreign: ForeignNetwork | None) -> Losses:
    """What the source has lost."""
    if foreign is None:
        return Losses(trainable=True)
    rows = [row for row in source.rows if not row.facts.layer.is_further_output]
    return Losses(
        foreign.format.startswith(EXPORTED),
        foreign.format.startswith(KEEP_TRAINABLE),
        frozenset(row.index for row, operation in zip(rows, foreign.operations) if operation.lost_bias),
    )
