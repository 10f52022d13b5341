"""What each axis of a tensor holds: features, which a layer has computed, or positions, to which it was applied.

A convolution makes channels and slides over positions; a linear layer, an embedding or attention makes the last axis.
Layers that move axes take these roles along. Where paths disagree or axes were mixed, the role is unknown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from convcalc.arith.shape import Shape
from convcalc.layers.attention import MultiheadAttention
from convcalc.layers.base import Flow, Layer, Link, Part, Unordered
from convcalc.layers.convolution import Convolution
from convcalc.layers.dense import Dense, Embedding
from convcalc.layers.leading_axes import Distributed
from convcalc.layers.rearranging import Transpose
from convcalc.layers.recurrent import Recurrent
from convcalc.layers.reshaping import Permute
from convcalc.layers.transposed_convolution import TransposedConvolution
from convcalc.lint.linted_network import Network
from convcalc.report.rows import Row

FEATURES, POSITIONS = "features", "positions"
# The role of each axis; None for an unknown one.
Roles = tuple[str | None, ...]
# Layers that make the first axis, and layers that make the last one.
MAKES_FIRST = (Convolution, TransposedConvolution)
MAKES_LAST = (Dense, Embedding, MultiheadAttention, Recurrent)


@lru_cache(maxsize=1)
def axis_roles(network: Network) -> list[Roles]:
    """The roles of the axes of every tensor."""
    roles: list[Roles] = [(None,) * len(shape) for shape in network.graph.inputs.values()]
    known: dict[tuple[int, tuple[Roles, ...]], Roles] = {}  # by facts, which equal layers share
    for row in network.rows:
        read = tuple([roles[tensor] for tensor in network.node(row).reads])
        key = id(row.facts), read
        if key not in known:
            known[key] = _of_output(row, read)
        roles.append(known[key])
    return roles


def roles_read(network: Network, row: Row) -> Roles:
    """The roles of the axes of the first tensor that a row reads."""
    return axis_roles(network)[network.node(row).reads[0]]


def is_permuted(network: Network, row: Row) -> bool:
    """Whether axes were exchanged since the last layer that made features: then a row reads them so on purpose."""
    before = network.reads(row)[0]
    while before is not None and made_axis(before.facts.layer, len(before.output_shape)) is None:
        if isinstance(before.facts.layer, Permute | Transpose):
            return True
        before = network.reads(before)[0] if network.reads(before) else None
    return False


def _of_output(row: Row, read: Sequence[Roles]) -> Roles:
    layer, output = row.facts.layer, row.output_shape
    carried = _carried(row, read)
    made = made_axis(layer, len(output))
    if made is None:
        return carried
    # The layer is applied to each place of the other axes; those behind the channels of a map are always positions.
    roles = [POSITIONS if axis > made else role or POSITIONS for axis, role in enumerate(carried)]
    others = [role for axis, role in enumerate(roles) if axis != made and output[axis] > 1]
    # What a second layer along another axis makes, as in an MLP-Mixer, are mixed positions.
    return (*roles[:made], None if FEATURES in others else FEATURES, *roles[made + 1 :])


def made_axis(layer: Layer, rank: int) -> int | None:
    """The axis of an output of this rank that holds the features a layer computes; None where it computes none."""
    if isinstance(layer.layer if isinstance(layer, Distributed) else layer, MAKES_FIRST):
        return layer.output_channel_axis
    return rank - 1 if isinstance(layer, MAKES_LAST) else None


def _carried(row: Row, read: Sequence[Roles]) -> Roles:
    """The roles that the axes of the inputs bring to the output, where all inputs agree."""
    output = row.output_shape
    found: list[set[str]] = [set() for _ in output]
    for roles, flow, shape in zip(read, row.facts.flow, row.input_shapes):
        for axis, (role, size) in enumerate(_moved(roles, flow, shape, output)):
            if role is not None and (size > 1 or output[axis] == 1):
                found[axis].add(role)
    return tuple(roles.pop() if len(roles) == 1 else None for roles in found)


def _moved(roles: Roles, flow: Flow, shape: Shape, output: Shape) -> list[tuple[str | None, int]]:
    """For each axis of the output, the role of what it reads of one input, and the size of that."""
    if flow is None:
        missing = len(output) - len(shape)
        return [(None, 1)] * missing + list(zip(roles, shape))
    return [_of_part(part, axis, roles, shape, output) for axis, part in enumerate(flow[: len(output)])]


def _of_part(part: Part, axis: int, roles: Roles, shape: Shape, output: Shape) -> tuple[str | None, int]:
    if isinstance(part, Link):
        return roles[part.axis], shape[part.axis]
    if isinstance(part, Unordered):
        joined = {roles[each] for each in part.axes if shape[each] > 1}
        return (joined.pop() if len(joined) == 1 else None), output[axis]
    if part is None and len(shape) == len(output) and roles[axis] == FEATURES:
        return FEATURES, shape[axis]  # channels that a layer mixes or regroups are channels still
    return None, 1
