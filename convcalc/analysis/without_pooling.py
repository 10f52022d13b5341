"""What if the pooling of a network were left out: the same graph with an identity in place of each pooling layer."""

from __future__ import annotations

from convcalc.arith.shape import format_shape
from convcalc.errors import UsageError
from convcalc.layers.adaptive_pooling import AdaptivePooling, GlobalPooling
from convcalc.layers.base import Layer, LayerError, LayerType
from convcalc.layers.subsampling import Pooling
from convcalc.network.graph import Graph, Node

POOLING = (Pooling, AdaptivePooling, GlobalPooling)
_IDENTITY = Layer(LayerType("identity", Layer), {})


def without_pooling(graph: Graph) -> Graph:
    """The graph with its pooling and sub-sampling left out, shapes propagated anew.

    Raises UsageError where the rest does not fit together then, as where one branch pools and another strides.
    """
    result = Graph(graph.source, graph.name, graph.variant)
    result.inputs, result.outputs = graph.inputs, graph.outputs
    for node in graph.nodes:
        layer = _IDENTITY if isinstance(node.layer, POOLING) else node.layer
        shapes = result.input_shapes(node)
        try:
            output = layer.output_shape(shapes)
        except LayerError as error:
            reason = error.reading(f"{format_shape(shapes[0])} input")
            network, at = graph.name or "the network", f"{node.name} ({layer.type.name})"
            raise UsageError(f"without pooling {network} does not fit together: {at}: {reason}") from None
        copy = Node(node.name, layer, node.reads, output, node.entry, node.line, node.trainable)
        copy.tied_to, copy.tied_terms = node.tied_to, node.tied_terms
        result.nodes.append(copy)
    return result
