"""Maps of another size, windows as columns, sampling, Fourier transforms, look-ups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from convcalc.importers.torch.call import Call
from convcalc.importers.torch.values import LEARNED, without

MODES = {
    "upsample_nearest1d": "nearest", "upsample_nearest2d": "nearest", "upsample_nearest3d": "nearest",
    "_upsample_nearest_exact1d": "nearest-exact", "_upsample_nearest_exact2d": "nearest-exact",
    "_upsample_nearest_exact3d": "nearest-exact", "upsample_linear1d": "linear", "upsample_bilinear2d": "bilinear",
    "_upsample_bilinear2d_aa": "bilinear", "upsample_trilinear3d": "trilinear", "upsample_bicubic2d": "bicubic",
    "_upsample_bicubic2d_aa": "bicubic", "upsample_nearest": "nearest", "upsample_bilinear": "bilinear",
}  # fmt: skip
MAX_PLACES = 100_000  # that a selection lists
WITH_CORNERS = ("linear", "bilinear", "trilinear", "bicubic")


def _upsample(call: Call) -> None:
    value = call.rooted(call.input)
    rank = value.rank - 2
    mode = MODES.get(call.node.operator) or call.get("mode", default="nearest")
    if value.shape == call.shape():
        call.same(value)
        return
    factors = call.get("scale_factors", "scale_factor")
    parameters: dict[str, Any] = {"mode": mode, "leading_axes": len(value.sample) - rank - 1}
    sizes = call.shape()[2:]
    factors = [factors] * rank if isinstance(factors, (int, float)) else factors
    if factors and all(int(old * factor) == new for old, factor, new in zip(value.shape[2:], factors, sizes)):
        parameters["scale_factor"] = list(factors)
    else:
        parameters["size"] = list(sizes)
    if mode in WITH_CORNERS and call.get("align_corners"):
        parameters["align_corners"] = True
    call.give("upsample", [value], value.batch, parameters)


def _pair(value: Any) -> list[int]:
    return [value] * 2 if isinstance(value, int) else list(value) * (2 // len(value))


def _columns(type: str) -> Callable[[Call], None]:
    """im2col and col2im."""

    def handle(call: Call) -> None:
        if call.get("dimension") is not None:
            _windows(call)
            return
        value = call.rooted(call.input)
        names = {"kernel_size": None, "stride": 1, "padding": 0, "dilation": 1}
        parameters = {name: _pair(call.get(name, default=default)) for name, default in names.items()}
        parameters["leading_axes"] = len(value.sample) - (3 if type == "unfold" else 2)  # type: ignore[assignment]
        if type == "fold":
            parameters["output_size"] = _pair(call.get("output_size"))
        call.give(type, [value], value.batch, parameters)

    return handle


def _windows(call: Call) -> None:
    """Tensor.unfold: windows along one axis, their cells as the last axis."""
    value, axis = call.input, call.get("dimension")
    size, step = call.get("size"), call.get("step")
    if value.is_batch(axis):
        value = call.unbatched(value)
    axis %= value.rank
    count = (value.shape[axis] - size) // step + 1
    own = value.axis(axis)
    if not 0 < count * size <= MAX_PLACES:
        raise ValueError("too many windows to list")
    parameters = {"axis": own, "indices": [start * step + cell for start in range(count) for cell in range(size)]}
    before, after = value.shape[:axis], value.shape[axis + 1 :]
    if parameters["indices"] != list(range(value.shape[axis])):
        value = call.insert("index_select", [value], (*before, count * size, *after), value.batch, **parameters)
    batch = value.batch + 1 if value.batch is not None and value.batch > axis else value.batch
    split = call.insert("unflatten", [value], (*before, count, size, *after), batch, axis=own, shape=[count, size])
    order = [place for place in range(len(split.sample)) if place != own + 1] + [own + 1]
    last = value.batch
    if order == sorted(order):
        call.same(split)
    else:
        call.give("permute", [split], last, {"axes": order})


def _grid_sample(call: Call) -> None:
    value, grid = call.rooted(call.input), call.rooted(call.value("grid"))
    if value.batch is None or grid.batch is None:
        raise ValueError("a grid for each of several maps")
    mode, padding = call.get("mode", "interpolation_mode", default=0), call.get("padding_mode", default=0)
    parameters = {
        "mode": ("bilinear", "nearest", "bicubic")[mode] if isinstance(mode, int) else mode,
        "padding_mode": ("zeros", "border", "reflection")[padding] if isinstance(padding, int) else padding,
        "align_corners": bool(call.get("align_corners", default=False)),
    }
    call.give("grid_sample", [value, grid], 0, parameters)


def _affine_grid(call: Call) -> None:
    theta = call.rooted(call.value("theta"))
    parameters = {"size": list(call.shape()[1:-1]), "align_corners": bool(call.get("align_corners", default=False))}
    call.give("affine_grid", [theta], theta.batch, parameters)


def _fourier(call: Call) -> None:
    """fft_rfft2 and kin: the transform by the name, the axes by `dim` or the number in the name."""
    name = call.node.operator.removeprefix("fft_").removeprefix("_")
    type = next(stem for stem in ("irfft", "rfft", "ifft", "fft") if name.startswith(stem))
    value = call.input
    dims = call.get("dim")
    if dims is None:
        dims = {"2": [-2, -1], "n": list(range(value.rank))}.get(name[-1], [-1])
    axes = call.axes(value, dims)
    if value.batch in axes:
        value = call.unbatched(value)
    parameters: dict[str, Any] = {"axes": [value.axis(axis) for axis in axes]}
    if call.get("n", "s") is not None and type != "irfft" and any(
        call.shape()[axis] not in (value.shape[axis], value.shape[axis] // 2 + 1) for axis in axes
    ):  # fmt: skip
        raise ValueError("a transform of another length")
    if type == "irfft":
        size = call.shape()[axes[-1]]
        parameters["size"] = None if size == 2 * (value.shape[axes[-1]] - 1) else size
    call.give(type, [value], value.batch, parameters)


def _embedding(call: Call) -> None:
    weight, indices = call.value("weight"), call.value("indices", "input", "self")
    if weight.tensor is None or weight.origin != LEARNED:
        raise ValueError("a table that is computed")
    padding = call.get("padding_idx")
    parameters = {
        "num_embeddings": weight.shape[0],
        "embedding_dim": weight.shape[1],
        "padding_idx": None if padding is None or padding < 0 else padding,
    }
    tensors = {"weight": weight.tensor}
    if indices.sample != without(indices.shape, indices.batch):  # a single number, which is a vector of one here
        wide = call.translator.insert_layer(
            call.node, "embedding", [indices], (1, weight.shape[1]), parameters, tensors
        )
        call.alias(call.translator.batched(wide, 0, call.node), None if indices.batch is None else 0)
        return
    call.give("embedding", [indices], indices.batch, parameters, tensors=tensors)


HANDLERS: dict[str, Callable[[Call], None]] = {
    **dict.fromkeys(MODES, _upsample),
    **dict.fromkeys(("interpolate", "upsample"), _upsample),
    **dict.fromkeys(("im2col", "unfold"), _columns("unfold")),
    **dict.fromkeys(("col2im", "fold"), _columns("fold")),
    **dict.fromkeys(("grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "grid_sample"), _grid_sample),
    **dict.fromkeys(("affine_grid", "affine_grid_generator"), _affine_grid),
    **{f"fft_{stem}{end}": _fourier for stem in ("fft", "ifft", "rfft", "irfft") for end in ("", "2", "n")},
    "embedding": _embedding,
}  # fmt: skip
