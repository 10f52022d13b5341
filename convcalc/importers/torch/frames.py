"""Modules of PyTorch that an export cuts into many calls, and that are one layer here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convcalc.importers.network import Tensor
from convcalc.importers.torch.graph import Frame, Graph, Node, Ref, readers_of

ATTENTION = "torch.nn.modules.activation.MultiheadAttention"
FUNCTION = "multi_head_attention_forward"
WEIGHTS = {
    "in_proj_weight": "in_proj_weight", "q_proj_weight": "q_proj_weight", "k_proj_weight": "k_proj_weight",
    "v_proj_weight": "v_proj_weight", "in_proj_bias": "in_proj_bias", "bias_k": "bias_k", "bias_v": "bias_v",
    "out_proj.weight": "out_proj_weight", "out_proj.bias": "out_proj_bias",
}  # fmt: skip


def joined(graph: Graph) -> list[Node]:
    """The calls in order; those of an attention module are one call of the function that it is."""
    nodes: list[Node] = []
    graph.readers = readers_of(graph.nodes)
    outputs = set(graph.outputs)
    for frame, group in _groups(graph.nodes):
        made = _attention(graph, frame, group, outputs) if frame is not None else None
        nodes += made or group
    return nodes


def _groups(nodes: list[Node]) -> Iterator[tuple[Frame | None, list[Node]]]:
    """Neighbouring calls inside one attention module, or outside of any."""
    current: Frame | None = None
    group: list[Node] = []
    for node in nodes:
        frame = next((frame for frame in node.frames if frame.kind == ATTENTION), None)
        if frame != current and group:
            yield current, group
            group = []
        current = frame
        group.append(node)
    if group:
        yield current, group


def _attention(graph: Graph, frame: Frame, group: list[Node], outputs: set[str]) -> list[Node] | None:
    """The calls of an attention module as one; None where they are not as torch makes them."""
    held = {ref: tensor for ref, tensor in graph.parameters.items() if tensor.name.startswith(frame.path + ".")}
    linears = [node for node in group if node.operator == "linear"]
    if any(node.operator == FUNCTION for node in group) or not 2 <= len(linears) <= 4:
        return None
    *projections, out = linears
    heads = _heads(graph, group)
    queries = [node.arguments.get("input") for node in projections]
    output = _output(graph, group, out)
    if heads is None or output is None or not all(isinstance(ref, Ref) for ref in queries):
        return None
    names = ("query", "key", "value")
    arguments: dict[str, Any] = {name: queries[min(number, len(queries) - 1)] for number, name in enumerate(names)}
    arguments["num_heads"] = heads
    arguments.update(_weights(frame, held))
    arguments["is_causal"] = any(node.arguments.get("is_causal") is True for node in group)
    before = [node for node in group if _is_turn(node) and any(ref in queries for ref in map(_ref, node.outputs))]
    made = {name for node in group for name in node.outputs}
    before_made = {name for node in before for name in node.outputs}
    if any(ref.name in made and ref.name not in before_made for ref in queries if isinstance(ref, Ref)):
        return None
    if len(projections) == 2 and queries[0] == queries[1]:
        return None
    after = [node for node in group if _is_turn(node) and node.arguments.get("self") == Ref(output)]
    outside = _read_outside(graph, group, outputs)
    ends = {output, *(name for node in after for name in node.outputs)}
    others = [name for name in outside if name not in ends and name not in before_made]
    mask = _mask(group, made)
    if len(others) > 1 or mask is None:
        return None
    arguments.update(mask)
    if others:
        arguments["average_attn_weights"] = len(graph.values[others[0]].shape) == 3
    call = Node(FUNCTION, arguments, [output, *others], _through(frame, out.frames), out.place)
    return [*before, call, *after]


def _ref(name: str | None) -> Ref | None:
    return Ref(name) if name is not None else None


def _through(frame: Frame, frames: tuple[Frame, ...]) -> tuple[Frame, ...]:
    """The modules from the outermost to `frame`."""
    return frames[: frames.index(frame) + 1]


def _is_turn(node: Node) -> bool:
    """Whether a call exchanges the first two axes."""
    return node.operator == "transpose" and {node.arguments.get("dim0"), node.arguments.get("dim1")} == {0, 1}


def _heads(graph: Graph, group: list[Node]) -> int | None:
    """The number of heads: the second axis of what attends, or the first where batch and heads are one axis."""
    for node in group:
        query = node.arguments.get("query")
        if node.operator == "scaled_dot_product_attention" and isinstance(query, Ref):
            return graph.values[query.name].shape[1]
        if node.operator in ("bmm", "baddbmm") and node.outputs[0] is not None:
            return graph.values[node.outputs[0]].shape[0]
    return None


def _output(graph: Graph, group: list[Node], out: Node) -> str | None:
    """The value that the module gives before it exchanges batch and tokens: that of the last projection, or a view."""
    name = out.outputs[0]
    if name is None or len(graph.values[name].shape) == 3:
        return name
    views = (node.outputs[0] for node in group if node.operator == "view" and node.arguments.get("self") == Ref(name))
    return next(views, None)


def _weights(frame: Frame, held: dict[str, Tensor]) -> dict[str, Ref]:
    """The parameters of the module by the names that the function has for them."""
    found = {}
    for value, tensor in held.items():
        name = WEIGHTS.get(tensor.name.removeprefix(frame.path + "."))
        if name is not None:
            found[name] = Ref(value)
    return found


def _mask(group: list[Node], made: set[str | None]) -> dict[str, Ref] | None:
    """The mask that the module is given, None where it computes one itself."""
    for node in group:
        mask = node.arguments.get("attn_mask")
        if node.operator == "baddbmm":
            mask = node.arguments.get("self")
        if isinstance(mask, Ref):
            return {"attn_mask": mask} if mask.name not in made else None
    return {}


def _read_outside(graph: Graph, group: list[Node], outputs: set[str]) -> list[str]:
    """The values of the group that other calls or the network's outputs read."""
    inside = {id(node) for node in group}
    made = [name for node in group for name in node.outputs if name is not None]
    return [
        name for name in made
        if name in outputs or any(id(node) not in inside for node in graph.readers.get(name, ()))
    ]  # fmt: skip
