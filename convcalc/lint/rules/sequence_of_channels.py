"""A sequence layer that reads the channels of a map as steps, and the positions as features.

A convolution gives [channels, positions]; recurrent layers and attention read [steps, features]. Without a permutation
between them the shapes fit, but the layer walks over the channels, and its weights belong to fixed positions: their
number depends on the length of the input.

Fails:
    input: [1, 256]
    layers:
      - conv1d: {out_channels: 64, kernel_size: 9, padding: 4}
      - relu
      - lstm: {hidden_size: 32}

Passes:
    input: [1, 256]
    layers:
      - conv1d: {out_channels: 64, kernel_size: 9, padding: 4}
      - relu
      - permute: {axes: [1, 0]}
      - lstm: {hidden_size: 32}

Source:
    PyTorch's Conv1d gives (N, C, L), and its LSTM with batch_first reads (N, L, features).
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from convcalc.arith.shape import Shape, format_shape
from convcalc.layers.attention import MultiheadAttention
from convcalc.layers.base import LayerError
from convcalc.layers.recurrent import Recurrent
from convcalc.lint.axis_roles import FEATURES, POSITIONS, is_permuted, roles_read
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row


def check(network: Network) -> Iterator[Finding]:
    for row in network.of(Recurrent, MultiheadAttention):
        shape, roles = row.input_shapes[0], roles_read(network, row)
        channels = [axis for axis, role in enumerate(roles) if role == FEATURES and shape[axis] > 1]
        if roles[-1] == POSITIONS and shape[-1] > 1 and channels and not is_permuted(network, row):
            axis = channels[0]
            yield Finding(
                row,
                f"reads {shape[-2]:,} steps of {shape[-1]:,} features, but axis {axis} of its input"
                f" {format_shape(shape)} has the channels, and the last axis has positions",
                help=_remedy(row, axis, shape),
            )


def _remedy(row: Row, axis: int, shape: Shape) -> str:
    """Put the channels last, and all positions in one axis before them."""
    rest = [size for each, size in enumerate(shape) if each != axis]
    order = [*(each for each in range(len(shape)) if each != axis), axis]
    if len(shape) == 2 or axis:
        written, read = f"put `permute: {{axes: {order}}}` before it", (*rest, shape[axis])
    else:
        written, read = (
            "put `flatten: {start_axis: 1}` and `permute: {axes: [1, 0]}` before it",
            (prod(rest), shape[axis]),
        )
    try:
        row.facts.layer.output_shape((read, *row.input_shapes[1:]))
    except LayerError:
        return "permute its input, so that the channels are the last axis"
    return f"{written}: it then reads {read[-2]:,} steps of {read[-1]:,} features"
