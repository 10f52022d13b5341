"""Elements moved, repeated, joined and shuffled."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import FIXED, Value


def _concat(call: Call) -> None:
    values = [value for value in call.values("tensors") if 0 not in value.shape]
    rank = values[0].rank
    axis = call.get("dim", "axis", default=0) % max(rank, 1)
    if len(values) == 1:
        call.same(values[0])
        return
    batches = {value.batch for value in values if value.batch is not None}
    batch = next(iter(batches)) if len(batches) == 1 else None
    if batch is None or axis == batch or any(value.batch is None and value.shape[batch] != 1 for value in values):
        values, batch = [call.unbatched(value) for value in values], None
    else:
        values = [value if value.batch is not None else call.translator.batched(value, batch, call.node)
                  for value in values]  # fmt: skip
    own = axis - (batch is not None and axis > batch)
    call.give("concat", values, batch, {"axis": own})


def _stack(call: Call) -> None:
    values = call.values("tensors")
    axis = call.get("dim", default=0) % (values[0].rank + 1)
    batches = {value.batch for value in values}
    batch = next(iter(batches)) if len(batches) == 1 else None
    if batch is None or values[0].rank == 1:
        known = {value.batch for value in values if value.batch is not None}
        place = next(iter(known)) if len(known) == 1 and values[0].rank > 1 else None
        if place is not None and all(value.shape[place] == 1 for value in values):
            values = [value if value.batch is not None else call.translator.batched(value, place, call.node)
                      for value in values]  # fmt: skip
            batch = place
        else:
            values, batch = [call.unbatched(value) for value in values], None
    own = axis
    if batch is not None:
        own = axis - (axis > batch)
        batch += axis <= batch
    if not values[0].shape:
        call.give("concat", values, None)
    else:
        call.give("stack", values, batch, {"axis": own})


def _expand(call: Call) -> None:
    value, shape = call.input, call.shape()
    added = len(shape) - value.rank
    batch = None if value.batch is None else value.batch + added
    if batch is not None and shape[batch] != value.shape[batch - added]:
        value, batch = call.unbatched(value), None
    if value.shape == shape[added:] and all(size == 1 for size in shape[:added]) and value.batch is None and added:
        result = replace(value, shape=shape)
        if value.tensor is not None or value.origin == FIXED:
            call.translator.values[call.node.outputs[0] or ""] = result
            return
    sample = Value("", shape, batch).sample
    if sample == value.sample:
        call.alias(value, batch)
        return
    call.give("expand", [value], batch, {"shape": list(sample)})


def _tile(call: Call) -> None:
    value = call.input
    repeats = list(call.get("repeats", "dims", "sizes"))
    added = max(len(repeats) - value.rank, 0)
    repeats = [1] * (value.rank - len(repeats)) + repeats
    if added:
        shape = (1,) * added + value.shape
        batch = None if value.batch is None else value.batch + added
        flat = Value("", shape, batch).sample
        value = replace(value, shape=shape) if value.tensor is not None or value.origin == FIXED else call.insert(
            "reshape", [value], shape, batch, shape=list(flat))  # fmt: skip
    if value.batch is not None and repeats[value.batch] != 1:
        value = call.unbatched(value)
    own = [times for axis, times in enumerate(repeats) if axis != value.batch]
    if all(times == 1 for times in own):
        call.same(value)
    else:
        call.give("tile", [value], value.batch, {"repeats": own})


def _repeat_interleave(call: Call) -> None:
    value, axis, repeats = call.input, call.get("dim"), call.get("repeats")
    if axis is None or not isinstance(repeats, int):
        raise ValueError("repeats of all elements, or a tensor of them")
    if value.is_batch(axis):
        value = call.unbatched(value)
    call.give("repeat_interleave", [value], value.batch, {"repeats": repeats, "axis": value.axis(axis)})


def _roll(call: Call) -> None:
    value = call.input
    shifts, dims = call.get("shifts"), call.get("dims")
    shifts = [shifts] if isinstance(shifts, int) else list(shifts)
    dims = [dims] if isinstance(dims, int) else list(dims)
    pairs = [(shift, value.axis(axis)) for shift, axis in zip(shifts, dims) if not value.is_batch(axis) and shift]
    if not pairs:
        call.same(value)
        return
    parameters = {"shifts": [shift for shift, _ in pairs], "axes": [axis for _, axis in pairs]}
    call.give("roll", [value], value.batch, parameters)


def _flip(call: Call) -> None:
    value = call.input
    axes = [value.axis(axis) for axis in call.axes(value, call.get("dims")) if not value.is_batch(axis)]
    call.give("flip", [value], value.batch, {"axes": axes}) if axes else call.same(value)


def _shuffle(type: str, key: str, *names: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        value = call.rooted(call.input)
        leading = len(value.sample) - 3
        call.give(type, [value], value.batch, {key: call.get(*names), "leading_axes": leading})

    return handle


def _gather(call: Call) -> None:
    axis = call.get("dim")
    value, index = call.input, call.value("index")
    if value.batch != index.batch or value.is_batch(axis):
        value, index = call.unbatched(value), call.unbatched(index)
    call.give("gather", [value, index], value.batch, {"axis": value.axis(axis)})


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(("cat", "concat", "concatenate"), _concat),
    "stack": _stack,
    **dict.fromkeys(("expand", "expand_as", "broadcast_to"), _expand),
    **dict.fromkeys(("repeat", "tile"), _tile),
    "repeat_interleave": _repeat_interleave,
    "roll": _roll,
    "flip": _flip,
    "pixel_shuffle": _shuffle("pixel_shuffle", "upscale_factor", "upscale_factor"),
    "pixel_unshuffle": _shuffle("pixel_unshuffle", "downscale_factor", "downscale_factor"),
    "channel_shuffle": _shuffle("channel_shuffle", "groups", "groups"),
    "native_channel_shuffle": _shuffle("channel_shuffle", "groups", "groups"),
    "gather": _gather,
}
