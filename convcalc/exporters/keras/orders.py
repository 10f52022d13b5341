"""The order of the axes of each tensor: a map has its channels last where the data format is channels_last."""

from __future__ import annotations

from math import prod

from convcalc.arith.shape import Shape
from convcalc.exporters.register import ranks
from convcalc.layers.leading_axes import Distributed
from convcalc.network.graph import Graph, Node

# Layers that read and write maps in the data format of Keras.
MAPS = frozenset((
    *ranks("conv"), *ranks("locally_connected"), *ranks("conv_transpose"), *ranks("max_pool"), *ranks("avg_pool"),
    *ranks("adaptive_avg_pool"), *ranks("adaptive_max_pool"), *ranks("batch_norm"), *ranks("instance_norm"),
    *ranks("dropout"), "global_avg_pool", "global_max_pool", "group_norm", "layer_norm2d", "local_response_norm",
    "global_response_norm", "prelu", "softmax2d", "upsample", "pixel_shuffle", "pixel_unshuffle", "channel_shuffle",
    "crop", "center_crop", "subsample2d",
))  # fmt: skip
# Layers that compute the same in any order of the axes.
ANY = frozenset((
    "relu", "relu6", "leaky_relu", "elu", "selu", "celu", "gelu", "silu", "mish", "sigmoid", "log_sigmoid", "tanh",
    "hardswish", "hardsigmoid", "hardtanh", "hardshrink", "softshrink", "tanhshrink", "threshold", "softplus",
    "softsign", "softmax", "softmin", "log_softmax", "glu", "dropout", "alpha_dropout", "identity", "add", "sub", "mul",
    "div", "maximum", "minimum", "concat", "exp", "expm1", "log", "log1p", "log2", "log10", "sqrt", "rsqrt", "square",
    "reciprocal", "neg", "abs", "sign", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "erf", "floor",
    "ceil", "round", "clamp", "scalar", "nan_to_num", "floor_divide", "remainder", "atan2", "pow", "eq", "ne", "lt",
    "le", "gt", "ge", "logical_and", "logical_or", "logical_not", "where", "masked_fill", "lerp", "cumsum", "cumprod",
    "normalize", "roll", "flip", "tile", "repeat_interleave", "slice", "chunk", "split", "index_select", "layer_scale",
    "positional_embedding", "pad", "drop_path",
))  # fmt: skip
_REDUCTIONS = frozenset(("sum", "mean", "max", "min", "prod", "var", "std", "norm", "logsumexp", "select"))
# Layers that keep the numbers in their order and change the shape alone.
RESHAPING = frozenset(("flatten", "unflatten", "reshape", "squeeze", "unsqueeze"))
_MOVING = frozenset(("permute", "transpose"))


def is_same_either_way(shape: Shape) -> bool:
    """Whether the numbers are in the same order with the channels first and last."""
    return len(shape) < 2 or shape[0] == 1 or prod(shape[1:]) == 1


def placed(shape: Shape, is_last: bool) -> Shape:
    """A shape of the spec as Keras has it.

    >>> placed((3, 8, 9), True), placed((3, 8, 9), False)
    ((8, 9, 3), (3, 8, 9))
    """
    return (*shape[1:], shape[0]) if is_last else shape


class Orders:
    """`last` says of each tensor whether its first axis is last in Keras, `reads` in which order a node reads."""

    def __init__(self, graph: Graph, data_format: str) -> None:
        self.graph = graph
        self.is_last = data_format == "channels_last"
        self.wanted = self._wanted()
        count = len(graph.inputs)
        self.last = [self._is_wanted(tensor) for tensor in range(count)]
        self.reads: list[tuple[bool, ...]] = []
        for index, node in enumerate(graph.nodes):
            reads, writes = self._orders(index, node) if self.is_last else ((False,) * len(node.reads), False)
            self.reads.append(tuple(
                order and len(graph.shape(tensor)) > 1 for order, tensor in zip(reads, node.reads)
            ))  # fmt: skip
            self.last.append(writes and len(node.output_shape) > 1)

    def _wanted(self) -> dict[int, bool]:
        """The order in which each tensor is read first, as far as layers of any order do not decide."""
        wanted: dict[int, bool] = {}
        graph = self.graph
        for index in range(len(graph.nodes) - 1, -1, -1):
            node, tensor = graph.nodes[index], graph.tensor_of(index)
            kind = node.layer.type.name
            order: bool | None = kind in MAPS
            if kind in ANY or kind in _REDUCTIONS or node.layer.is_further_output:
                order = wanted.get(tensor)
            elif kind in RESHAPING or kind in _MOVING:
                order = None
            for read in node.reads:
                if order is not None:
                    wanted[read] = order
        return wanted

    def _is_wanted(self, tensor: int) -> bool:
        shape = self.graph.shape(tensor)
        return self.is_last and len(shape) > 1 and self.wanted.get(tensor, len(shape) > 2)

    def _orders(self, index: int, node: Node) -> tuple[tuple[bool, ...], bool]:
        """The orders in which a node reads its inputs, and that of its output."""
        graph, kind = self.graph, node.layer.type.name
        given = [self.last[tensor] for tensor in node.reads]
        shapes, count = graph.input_shapes(node), len(node.reads)
        wanted = self._is_wanted(graph.tensor_of(index))
        if isinstance(node.layer, Distributed):
            return (False,) * count, False
        if kind in MAPS:
            return (True,) * count, True
        if kind in ANY and len({len(shape) for shape in shapes}) == 1:
            return (any(given),) * count, any(given)
        if kind in _REDUCTIONS and len(shapes[0]) == len(node.output_shape):
            return (given[0],), given[0]
        if kind in _REDUCTIONS:
            return (given[0],), given[0] and not self._loses_channels(node)
        if kind in RESHAPING and given[0] and len(node.output_shape) > 1 and shapes[0][0] == node.output_shape[0]:
            return (True,), True  # the axes behind the channels change alone
        if kind in RESHAPING:
            return (given[0] and is_same_either_way(shapes[0]),), wanted and is_same_either_way(node.output_shape)
        if kind in _MOVING:
            return (given[0],), self._moved(node, shapes[0], given[0], wanted)
        return (False,) * count, not count and wanted

    @staticmethod
    def _loses_channels(node: Node) -> bool:
        axes = getattr(node.layer, "axis", 0)
        rank = len(node.output_shape) + 1
        axes = range(rank) if axes is None else [axes] if isinstance(axes, int) else axes
        return any(axis in (0, -rank) or axis % rank == 0 for axis in axes)

    @staticmethod
    def _moved(node: Node, shape: Shape, given: bool, wanted: bool) -> bool:
        """The order of an output for which nothing must be moved; else the wanted one."""
        for order in (False, True):
            if moves(node, len(shape), given, order) == tuple(range(len(shape))):
                return order
        return wanted


def moves(node: Node, rank: int, given: bool, order: bool) -> tuple[int, ...]:
    """Which axis each axis of the output of a permutation is in the input, both as Keras has them."""
    axes = [axis % rank for axis in node.layer.axes]  # type: ignore[attr-defined]  # only of types that have it
    if node.layer.type.name == "transpose":
        one, other = axes
        axes = list(range(rank))
        axes[one], axes[other] = other, one
    theirs = placed(tuple(range(rank)), given)
    return tuple(theirs.index(axes[axis]) for axis in placed(tuple(range(rank)), order))
