"""Maps made larger or smaller."""

from __future__ import annotations

from convcalc.exporters.keras.layers.register import Placed, Register, chain, layer, on_sequence
from convcalc.exporters.python.code import Argument, Call, Code, collapse
from convcalc.exporters.register import Unsupported

rules = Register()


@rules("upsample")
def upsample(placed: Placed) -> Code:
    own, sizes, wanted = placed.layer, placed.shape[1:], placed.output[1:]
    if own.align_corners:
        raise Unsupported("Keras has no resizing that aligns the corners (align_corners)")
    is_whole = all(want % have == 0 for want, have in zip(wanted, sizes))
    factors = tuple(want // have for want, have in zip(wanted, sizes))
    if own.mode == "nearest" and is_whole and len(sizes) < 4:
        call = Call(f"layers.UpSampling{len(sizes)}D", (Argument(collapse(factors), "size"),))
        return chain(*on_sequence(placed, "", call))
    if own.mode == "bilinear" and is_whole:
        interpolation = Argument("bilinear", "interpolation")
        return layer("UpSampling2D", Argument(collapse(factors), "size"), interpolation)
    if own.mode == "bilinear" and len(sizes) == 2 and own.scale_factor is None:
        is_larger = all(want >= have for want, have in zip(wanted, sizes))
        if is_larger:  # a smaller map would be another one in Keras, which may smooth it
            return layer("Resizing", *map(Argument, wanted))
    raise Unsupported(f"Keras interpolates in another way than {own.mode} for these sizes")
