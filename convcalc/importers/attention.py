"""Attention in heads that a source has written out: projections, rearranging, products and a projection of the result.

It is recognised where the source shows that it was one layer: a module computes the projections itself, as PyTorch's
MultiheadAttention does, or nothing has a module. Projections that are modules of their own stay what they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from convcalc.arith.shape import Shape
from convcalc.importers.network import Operation, Tensor
from convcalc.importers.strides import Strides

TYPE = "multihead_attention"
_RESHAPING = frozenset(("reshape", "flatten", "unflatten", "squeeze", "unsqueeze", "identity"))
_REARRANGING = _RESHAPING | {"transpose", "permute", "select", "chunk", "slice"}
_PACKED = "in_proj"


class Part(NamedTuple):
    """One of queries, keys and values: its projection, the first of its features there, and what rearranges it."""

    projection: Operation
    first: int
    rearranging: list[Operation]


class Heads(NamedTuple):
    """Attention that is written out, from its projections to the projection of its result."""

    parts: list[Part]
    core: Operation
    rearranging: list[Operation]
    last: Operation

    @property
    def operations(self) -> list[Operation]:
        """All operations but the last, once."""
        found = [each for part in self.parts for each in (part.projection, *part.rearranging)]
        return list({id(each): each for each in [*found, self.core, *self.rearranging]}.values())

    @property
    def projections(self) -> list[Operation]:
        """The projections of queries, keys and values: one for all three, or one for each."""
        return list({id(part.projection): part.projection for part in self.parts}.values())


def find_heads(last: Operation, maker: Mapping[str, Operation], shapes: Mapping[str, Shape]) -> Heads | None:
    """The attention whose result a linear layer projects; None where it is something else."""
    found = _before(last.inputs[0], maker)
    if found is None or found[0].type != "scaled_dot_product_attention" or len(found[0].inputs) != 3:
        return None
    core, rearranging = found
    *before, heads, tokens, features = core.output.shape
    mixed = _view(core, rearranging, shapes)
    rank = len(before)
    merged = Strides.of(core.output.shape).permute([*range(rank), rank + 1, rank, rank + 2])
    try:
        if mixed is None or mixed != merged.reshape((*before, tokens, heads * features)):
            return None
    except ValueError:
        return None
    parts = [part for value in core.inputs if (part := _part(value, heads, maker, shapes)) is not None]
    result = Heads(parts, core, rearranging, last)
    width = heads * features
    return result if len(parts) == 3 and _has_one_width(result, width, shapes) and _is_one_layer(result) else None


def is_used_alone(heads: Heads, readers: Counter[str]) -> bool:
    """Whether nothing else reads what is computed inside."""
    own = Counter(value for each in (*heads.operations, heads.last) for value in each.inputs)
    return all(own[output.name] == readers[output.name] for each in heads.operations for output in each.outputs)


def parameters(heads: Heads) -> dict[str, object]:
    """The parameters of the layer that it is."""
    has_bias, has_last = ("bias" in each.tensors for each in (heads.projections[0], heads.last))
    own: dict[str, object] = {"num_heads": heads.core.output.shape[-3]}
    if not has_bias:
        own["bias"] = False
    if has_bias != has_last:
        own["proj_bias"] = has_last
    return own | {key: value for key, value in heads.core.parameters.items() if key in ("causal", "dropout")}


def tensors(heads: Heads) -> dict[str, Tensor]:
    """Its parameters by their names in PyTorch."""
    names = [_PACKED] if len(heads.projections) == 1 else ["q_proj", "k_proj", "v_proj"]
    found = {
        f"{name}.{term}": tensor
        for name, each in zip(names, heads.projections)
        for term, tensor in each.tensors.items()
    }
    return found | {f"out_proj.{term}": tensor for term, tensor in heads.last.tensors.items()}


def inputs(heads: Heads) -> list[str]:
    """What it reads: one value for all, one and another, or three."""
    query, key, value = (part.projection.inputs[0] for part in heads.parts)
    if key != value:
        return [query, key, value]
    return [query] if query == key else [query, key]


def _before(value: str, maker: Mapping[str, Operation]) -> tuple[Operation, list[Operation]] | None:
    """What computes a value, and the operations that rearrange it after that, in order."""
    rearranging: list[Operation] = []
    while (operation := maker.get(value)) is not None and operation.type in _REARRANGING and operation.known:
        rearranging.insert(0, operation)
        value = operation.inputs[0]
    return (operation, rearranging) if operation is not None else None


def _part(value: str, heads: int, maker: Mapping[str, Operation], shapes: Mapping[str, Shape]) -> Part | None:
    """Where queries, keys or values come from: features of a linear layer, cut into heads in their order."""
    found = _before(value, maker)
    if found is None or found[0].type != "linear":
        return None
    projection, rearranging = found
    *before, count, tokens, features = shapes[value]
    view, whole = _view(projection, rearranging, shapes), projection.output.shape
    if view is None or count != heads or whole[:-1] != (*before, tokens) or view.first >= whole[-1]:
        return None
    rank = len(before)
    try:
        wanted = Strides.of(whole).cut(rank + 1, view.first, heads * features)
        wanted = wanted.reshape((*before, tokens, heads, features))
    except ValueError:
        return None
    is_equal = view == wanted.permute([*range(rank), rank + 1, rank, rank + 2])
    return Part(projection, view.first, rearranging) if is_equal else None


def _view(source: Operation, rearranging: list[Operation], shapes: Mapping[str, Shape]) -> Strides | None:
    """The value behind some operations as a view of the source; None where it is none."""
    view = Strides.of(source.output.shape)
    try:
        for operation in rearranging:
            view = _rearranged(view, operation, shapes[operation.inputs[0]])
    except (ValueError, IndexError, TypeError):
        return None
    return view


def _rearranged(view: Strides, operation: Operation, shape: Shape) -> Strides:
    given, rank = operation.parameters, len(shape)
    if operation.type in _RESHAPING:
        return view.reshape(operation.output.shape)
    if operation.type in ("transpose", "permute"):
        axes = [axis % rank for axis in given["axes"]]
        order = list(range(rank))
        order[axes[0]], order[axes[1]] = axes[1], axes[0]
        return view.permute(order if operation.type == "transpose" else axes)
    axis = given.get("axis", 0) % rank
    if operation.type == "select":
        cut = view.cut(axis, given["index"] % shape[axis], 1)
        return Strides(cut.first, (*cut.axes[:axis], *cut.axes[axis + 1 :]))
    size = operation.output.shape[axis]
    if operation.type == "chunk":
        return view.cut(axis, given["index"] * -(-shape[axis] // given["chunks"]), size)
    start = given.get("start") or 0
    if given.get("step", 1) != 1:
        raise ValueError("a step")
    return view.cut(axis, start % shape[axis], size)


def _has_one_width(heads: Heads, width: int, shapes: Mapping[str, Shape]) -> bool:
    """Whether all projections have the width of the queries' tokens, and take their features in order."""
    if heads.last.output.shape != shapes[heads.parts[0].projection.inputs[0]]:
        return False
    if heads.last.output.shape[-1] != width or len({"bias" in each.tensors for each in heads.projections}) > 1:
        return False
    firsts = [part.first for part in heads.parts]
    whole = [each.output.shape[-1] for each in heads.projections]
    if len(whole) == 1:
        return sorted(firsts) == [0, width, 2 * width] and whole == [3 * width]
    return len(whole) == 3 and firsts == [0, 0, 0] and whole == [width] * 3


def _is_one_layer(heads: Heads) -> bool:
    """Whether the source shows that it was one layer."""
    around = heads.core.modules
    inside = [*heads.operations, heads.last]
    if any(each.modules[: len(around)] != around for each in inside):
        return False
    if not around:
        return all(not each.modules and not each.name for each in inside) and len(heads.projections) == 1
    if around[-1].kind == TYPE:
        return True
    return all(each.modules == around and not each.name for each in heads.projections)
