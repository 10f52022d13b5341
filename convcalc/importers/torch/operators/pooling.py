"""Pooling, adaptive pooling and unpooling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import Value


def _sizes(value: Any, rank: int) -> list[int]:
    sizes = [value] if isinstance(value, int) else list(value)
    return sizes * rank if len(sizes) == 1 else sizes


def _rank(call: Call) -> int:
    """The number of axes of the windows, from the function's name."""
    return next(int(letter) for letter in call.node.operator if letter.isdigit())


def _leading(value: Value, rank: int) -> int:
    return len(value.sample) - rank - 1


def _window_pool(stem: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        rank, value = _rank(call), call.rooted(call.input)
        kernel = _sizes(call.get("kernel_size"), rank)
        stride = call.get("stride") or kernel
        parameters: dict[str, Any] = {
            "kernel_size": kernel,
            "stride": _sizes(stride, rank),
            "padding": _sizes(call.get("padding", default=0), rank),
            "ceil_mode": bool(call.get("ceil_mode", default=False)),
            "leading_axes": _leading(value, rank),
        }
        if stem == "max_pool":
            parameters["dilation"] = _sizes(call.get("dilation", default=1), rank)
        else:
            parameters["count_include_pad"] = bool(call.get("count_include_pad", default=True))
        _give_pool(call, f"{stem}{rank}d", value, parameters)

    return handle


def _give_pool(call: Call, type: str, value: Value, parameters: dict[str, Any]) -> None:
    """The pooled map, and where each of its elements was if the source has that."""
    parts: Sequence[tuple[int, str, tuple[int, ...], int | None]] = ()
    if len(call.node.outputs) > 1 and call.node.outputs[1] is not None:
        parts = [(1, "indices", call.shape(1), value.batch)]
    call.give(type, [value], value.batch, parameters, parts=parts)


def _adaptive_pool(stem: str) -> Callable[[Call], None]:
    def handle(call: Call) -> None:
        rank, value = _rank(call), call.rooted(call.input)
        sizes = list(call.shape()[-rank:])
        if not parts_fit(value, rank):
            raise ValueError("a map without channels")
        _give_pool(call, f"{stem}{rank}d", value, {"output_size": sizes, "leading_axes": _leading(value, rank)})

    return handle


def parts_fit(value: Value, rank: int) -> bool:
    return len(value.sample) > rank


def _unpool(call: Call) -> None:
    rank, value, indices = _rank(call), call.rooted(call.input), call.rooted(call.value("indices"))
    parameters: dict[str, Any] = {"leading_axes": _leading(value, rank)}
    if call.get("kernel_size") is not None:
        parameters["kernel_size"] = _sizes(call.get("kernel_size"), rank)
        parameters["stride"] = _sizes(call.get("stride") or call.get("kernel_size"), rank)
        parameters["padding"] = _sizes(call.get("padding", default=0), rank)
        usual = [(size - 1) * stride - 2 * padding + kernel for size, stride, padding, kernel in zip(
            value.shape[-rank:], parameters["stride"], parameters["padding"], parameters["kernel_size"])]  # fmt: skip
        if tuple(usual) != call.shape()[-rank:]:
            parameters["output_size"] = list(call.shape()[-rank:])
    else:
        parameters["kernel_size"] = [out // size for out, size in zip(call.shape()[-rank:], value.shape[-rank:])]
        parameters["output_size"] = list(call.shape()[-rank:])
    call.give(f"max_unpool{rank}d", [value, indices], value.batch, parameters)


HANDLERS: dict[str, Callable[[Call], None]] = {
    **{f"{stem}{rank}d{end}": _window_pool(stem) for stem in ("max_pool", "avg_pool") for rank in (1, 2, 3)
       for end in ("", "_with_indices")},
    **{f"adaptive_{stem}{rank}d{end}": _adaptive_pool(f"adaptive_{stem}") for stem in ("avg_pool", "max_pool")
       for rank in (1, 2, 3) for end in ("", "_with_indices")},
    **{f"_adaptive_avg_pool{rank}d": _adaptive_pool("adaptive_avg_pool") for rank in (2, 3)},
    **{f"max_unpool{rank}d": _unpool for rank in (1, 2, 3)},
}  # fmt: skip
