"""From the answer of trace.py to a graph."""

from __future__ import annotations

from typing import Any

from convcalc.importers.network import ForeignNetwork, Tensor
from convcalc.importers.torch.graph import Frame, Graph, Meta, Node, Ref
from convcalc.importers.torch.translate import translate


def network_of(answer: dict[str, Any]) -> ForeignNetwork:
    """The network of a trace."""
    return translate(graph_of(answer))


def graph_of(answer: dict[str, Any]) -> Graph:
    values = {name: Meta(tuple(shape), dtype) for name, (shape, dtype) in answer["values"].items()}
    stacks = [tuple(Frame(*frame) for frame in stack) for stack in answer["stacks"]]
    version = str(answer["torch"]).partition("+")[0]
    graph = Graph(str(answer["name"]), f"PyTorch module, torch {version}", values)
    for kind in ("parameters", "buffers", "constants"):
        held = {name: Tensor(full, tuple(shape), bool(trainable)) for name, (full, shape, trainable) in
                answer[kind].items()}  # fmt: skip
        setattr(graph, kind, held)
    for index, (operator, arguments, outputs, stack, in_place) in enumerate(answer["nodes"]):
        named = {name: _argument(value) for name, value in arguments.items()}
        place = f"call {index + 1} ({operator})"
        graph.nodes.append(Node(operator, named, outputs, stacks[stack], place, in_place))
    graph.inputs, graph.outputs = answer["inputs"], answer["outputs"]
    if answer["stopped"]:
        graph.is_part = True
        graph.remarks.append(_stop(answer["stopped"]))
    return graph


def _argument(value: Any) -> Any:
    if isinstance(value, dict):
        if "tensor" in value:
            return Ref(value["tensor"])
        return {name: _argument(each) for name, each in value.items()}
    return [_argument(each) for each in value] if isinstance(value, list) else value


def _stop(stopped: dict[str, Any]) -> str:
    """Where a trace ended early."""
    inside = f" in `{stopped['module']}`" if stopped["module"] else ""
    reason = f"{stopped['type']}: {stopped['message']}" if stopped["type"] else stopped["message"]
    first = reason.strip().splitlines()[0] if reason.strip() else "no reason is given"
    return f"the trace stopped after {stopped['calls']:,} calls{inside}: {first[:300]}; what follows is not in it"
