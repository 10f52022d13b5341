"""The operator `x[…]`."""

from __future__ import annotations

from typing import Any

from convcalc.importers.keras.emitter import Emitter
from convcalc.importers.keras.request import Request
from convcalc.importers.keras.values import NoCounterpart, Value


def get_item(request: Request) -> Value:
    """Each axis by itself: `select` for a number, `slice` for a range."""
    key = request.kwargs.get("slice_spec", request.args[1] if len(request.args) > 1 else None)
    keys = key if isinstance(key, list) else [key]
    value = request.input
    keys = _without_ellipsis(keys, value.rank + 1)
    if len(keys) > value.rank + 1 or not _is_whole(keys[0]):
        raise NoCounterpart("GetItem")
    emitter, taken = request.emitter, 0
    names = iter([None])
    for number, each in enumerate(keys[1:], 1):
        if _is_whole(each):
            continue
        value, gone = _taken(emitter, value, number - taken, each, next(names, ""))
        taken += gone
    return value


def _taken(emitter: Emitter, value: Value, axis: int, key: Any, name: str | None) -> tuple[Value, bool]:
    """The value with one axis cut or gone, and whether it is gone."""
    ours = value.axis(axis)
    if isinstance(key, int) and not isinstance(key, bool):
        order = tuple(each - (each > ours) for each in value.order if each != ours)
        return emitter.emit("select", [value], order, name=name, axis=ours, index=key), True
    bounds = _bounds(key)
    if bounds is None or any(each is not None and type(each) is not int for each in bounds):
        raise NoCounterpart("GetItem")
    start, stop, step = bounds
    step = 1 if step is None else step
    if step == -1 and start is None and stop is None:
        return emitter.emit("flip", [value], name=name, axes=ours), False
    if step < 1:
        raise NoCounterpart("GetItem")
    return emitter.emit("slice", [value], name=name, axis=ours, start=start, stop=stop, step=step), False


def _bounds(key: Any) -> tuple[Any, Any, Any] | None:
    """Start, stop and step of a slice, as Keras 3 or Keras 2 writes it."""
    if isinstance(key, dict) and key.get("class_name") == "__slice__":
        key = key.get("config")
    if not isinstance(key, dict) or not {"start", "stop", "step"} >= set(key):
        return None
    return key.get("start"), key.get("stop"), key.get("step")


def _is_whole(key: Any) -> bool:
    return _bounds(key) == (None, None, None) or _bounds(key) == (None, None, 1)


def _is_ellipsis(key: Any) -> bool:
    return key == "..." or (isinstance(key, dict) and key.get("class_name") == "__ellipsis__")


def _without_ellipsis(keys: list[Any], rank: int) -> list[Any]:
    """The keys with `...` replaced by as many whole axes as are left."""
    at = next((number for number, key in enumerate(keys) if _is_ellipsis(key)), None)
    if at is None:
        return keys
    whole: dict[str, None] = {"start": None, "stop": None, "step": None}
    return [*keys[:at], *[whole] * max(0, rank - len(keys) + 1), *keys[at + 1 :]]
