"""Cells put around a tensor, or cut off it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import Value


def _pad(call: Call) -> None:
    value, amounts = call.input, list(call.get("pad", "padding"))
    mode = {"constant_pad_nd": "constant"}.get(call.node.operator) or call.get("mode", default="constant")
    for name in ("reflect", "replicat", "circular"):
        if call.node.operator.lstrip("_").startswith(name):
            mode = {"replicat": "replicate"}.get(name, name)
    pairs = [(amounts[index], amounts[index + 1]) for index in range(0, len(amounts), 2)][::-1]
    first = value.rank - len(pairs)
    if all(pair == (0, 0) for pair in pairs):
        call.same(value)
        return
    for offset, pair in enumerate(pairs):
        if value.is_batch(first + offset) and pair != (0, 0):
            value = call.unbatched(value)
    by_axis = dict(zip(range(first, value.rank), pairs))
    own = {value.axis(axis): pair for axis, pair in by_axis.items() if not value.is_batch(axis)}
    if any(amount < 0 for pair in own.values() for amount in pair):
        value, own = _cut(call, value, own)
    fill = call.get("value", default=0)
    parameters = {"mode": mode, "value": fill if mode == "constant" and fill else 0}
    rank = len(value.sample)
    if own.get(0, (0, 0)) == (0, 0) and rank > 1:
        parameters["padding"] = _amounts([own.get(axis, (0, 0)) for axis in range(1, rank)])
        call.give("pad", [value], value.batch, parameters)
        return
    parameters["padding"] = _amounts([own.get(axis, (0, 0)) for axis in range(rank)])
    batch = None if value.batch is None else value.batch + 1
    raised = call.insert("unsqueeze", [value], (1, *value.shape), batch, axis=0)
    padded = call.insert("pad", [raised], (1, *call.shape()), batch, **parameters)
    call.give("squeeze", [padded], value.batch, {"axis": 0})


def _cut(call: Call, value: Value, own: dict[int, tuple[int, int]]) -> tuple[Value, dict[int, tuple[int, int]]]:
    """Negative amounts cut cells off. Axes are those of the sample."""
    for axis, (before, after) in own.items():
        if before < 0 or after < 0:
            source = axis + (value.batch is not None and axis >= value.batch)
            size = value.shape[source] + min(before, 0) + min(after, 0)
            shape = (*value.shape[:source], size, *value.shape[source + 1 :])
            value = call.insert("slice", [value], shape, value.batch, axis=axis, start=-before if before < 0 else None,
                                stop=after if after < 0 else None)  # fmt: skip
    return value, {axis: (max(before, 0), max(after, 0)) for axis, (before, after) in own.items()}


def _amounts(pairs: list[tuple[int, int]]) -> Any:
    amounts: list[Any] = [before if before == after else [before, after] for before, after in pairs]
    return amounts[0] if all(each == amounts[0] for each in amounts) and type(amounts[0]) is int else amounts


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(("pad", "constant_pad_nd", "reflection_pad1d", "reflection_pad2d", "reflection_pad3d",
                     "replication_pad1d", "replication_pad2d", "replication_pad3d", "_pad_circular"), _pad),
}  # fmt: skip
