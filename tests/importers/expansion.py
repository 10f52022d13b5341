"""A shipped network as if a reader had read it: every layer by itself, its blocks as modules."""

from __future__ import annotations

from typing import Any

from convcalc.importers.network import ForeignNetwork, Input, Module, Operation, Output, Tensor
from convcalc.language.overrides import Overrides
from convcalc.language.parse import parse
from convcalc.layers.base import LayerError
from convcalc.layers.further_outputs import FurtherOutput
from convcalc.network.build import build
from convcalc.network.graph import Graph, Node
from convcalc.network.trace import Trace
from convcalc.targets.find import find

# These take one number for all axes; the built layer has one for each.
PER_AXIS = ("kernel_size", "stride", "padding", "dilation", "output_padding", "output_size", "scale_factor")


def expanded(target: str) -> tuple[Graph, ForeignNetwork]:
    """A shipped network, and its operations."""
    found, trace = find(target), Trace()
    spec, problems = parse(found.source)
    graph = build(spec, problems, found.variant, Overrides(), trace)
    kinds = {name: str(entry.type) for name, (entry, _) in trace.entries.items()}
    tensors = [*graph.inputs, *(f"v{index}" for index in range(len(graph.nodes)))]
    operations: list[Operation] = []
    by_tensor: dict[str, Operation] = {}
    for index, node in enumerate(graph.nodes):
        if isinstance(node.layer, FurtherOutput):
            by_tensor[tensors[node.reads[0]]].outputs.append(Output(f"v{index}", node.output_shape, node.layer.part))
        else:
            operations.append(_operation(graph, index, node, tensors, kinds))
            by_tensor[f"v{index}"] = operations[-1]
    inputs = [Input(name, shape) for name, shape in graph.inputs.items()]
    return graph, ForeignNetwork(
        graph.name, "a spec", inputs, [tensors[tensor] for tensor in graph.outputs.values()], operations
    )


def _operation(graph: Graph, index: int, node: Node, tensors: list[str], kinds: dict[str, str]) -> Operation:
    *folders, name = node.name.split(".")
    paths = [".".join(folders[: depth + 1]) for depth in range(len(folders))]
    owner = node if node.tied_to is None else graph.nodes[node.tied_to]
    weights = {"all": Tensor(owner.name, (), node.trainable)} if node.layer.has_parameters else {}
    return Operation(
        node.layer.type.name,
        [tensors[tensor] for tensor in node.reads],
        [Output(f"v{index}", node.output_shape)],
        _parameters(node),
        weights,
        modules=tuple(Module(each, kinds.get(path, "")) for each, path in zip(folders, paths)),
        name=name,
        place=f"layer {node.name}",
        known=not node.layer.is_custom,
    )


def _parameters(node: Node) -> dict[str, Any]:
    if node.layer.is_custom:
        return {}
    kind = node.layer.type
    try:
        usual = kind.build({}).config()
    except LayerError:
        usual = {}
    known = {name: value for name, value in node.layer.config().items() if name in kind.parameters}
    if known.get("like") is not None:  # the size of the other entry
        known["size" if "size" in known else "output_size"] = known.pop("like")
    return {name: _plain(name, value) for name, value in known.items() if name not in usual or value != usual[name]}


def _plain(name: str, value: Any) -> Any:
    if isinstance(value, tuple):
        items = [_plain(name, item) for item in value]
        return items[0] if name in PER_AXIS and isinstance(items[0], int) and len(set(map(repr, items))) == 1 else items
    return value
