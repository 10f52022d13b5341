"""What the axes of an input are: channels and positions, or tokens and features, as the first layer has them."""

from __future__ import annotations

from convcalc.arith.shape import spatial_names
from convcalc.layers.base import Dropped, Flow, Link
from convcalc.network.graph import Graph, Node

TOKENS, FEATURES, CHANNELS, LEADING = "tokens", "features", "channels", "leading"
# All other names are those of positions.
WITHOUT_POSITIONS = (FEATURES, CHANNELS, LEADING)


def input_axes(graph: Graph, tensor: int) -> tuple[str, ...]:
    """The name of each axis of a tensor: channels and the spatial axes behind them, unless a layer reads tokens."""
    rank = len(graph.shape(tensor))
    node, flow = _first_reader(graph, tensor)
    leading = node.layer.channel_axis if node is not None else 0
    if not leading and flow is not None and rank <= 2:
        taken = {part.axis for part in flow if isinstance(part, Link | Dropped)}
        if taken == {0} and len(flow) == 2:
            return (TOKENS, FEATURES)[:rank]
    return (*[LEADING] * leading, CHANNELS, *spatial_names(rank - leading - 1))


def _first_reader(graph: Graph, tensor: int) -> tuple[Node | None, Flow]:
    """The first layer that treats the axes of a tensor differently, and what it reads of them."""
    same = {tensor}
    for index, node in enumerate(graph.nodes):
        flows = node.layer.flow(graph.input_shapes(node), node.output_shape)
        for read, flow in zip(node.reads, flows):
            if read not in same:
                continue
            if node.layer.channel_axis or not _keeps_order(flow, len(graph.shape(tensor))):
                return node, flow
            same.add(graph.tensor_of(index))
    return None, None


def _keeps_order(flow: Flow, rank: int) -> bool:
    """Whether each axis is read along the same axis of the output, as an activation or a norm of tokens does."""
    if flow is None:
        return True
    return len(flow) == rank and all(isinstance(part, Link) and part.axis == axis for axis, part in enumerate(flow))
