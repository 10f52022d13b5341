"""What norms share: the weights that scale a normalised result, and axes that every position reads as a whole."""

from __future__ import annotations

from convcalc.arith.formula import Formula
from convcalc.arith.shape import Shape
from convcalc.arith.window import whole
from convcalc.layers.base import Link, Term

CHANNELS = Formula("in_channels")
OUT_UNITS = Formula("out_units")
EPS = "added to the variance"
AFFINE = "whether the result is scaled by learned weights"
BIAS = "whether a learned bias is added, where affine"


def affine_terms(count: Formula, *, affine: bool, bias: bool) -> tuple[Term, ...]:
    """The learned weights that scale the result, and the learned biases, as many of each as `count` gives."""
    if not affine:
        return ()
    weight = Term.fixed("weight", count, OUT_UNITS)
    return (weight, Term.fixed("bias", count, OUT_UNITS, is_bias=True)) if bias else (weight,)


def whole_from(shape: Shape, first: int) -> tuple[Link, ...]:
    """One to one before the axis `first`; from there on every position reads the whole of each axis."""
    return tuple(Link(axis, whole(size) if axis >= first else None) for axis, size in enumerate(shape))
