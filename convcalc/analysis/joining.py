"""Along which axis a layer puts the positions of one tensor beside those of others."""

from __future__ import annotations

from collections.abc import Sequence

from convcalc.analysis.layout import Place, axes_of
from convcalc.arith.shape import Shape
from convcalc.layers.base import Flow, Link, Single

# In place of an axis: it is not known whether a layer puts positions beside others.
UNCERTAIN = -1


def positions_along(
    flow: Sequence[Flow],
    places: Sequence[Sequence[Place]],
    shapes: Sequence[Shape],
    output: Shape,
    *,
    certain: bool,
) -> int | None:
    """The axis along which a layer puts positions beside others; None where it joins channels, or nothing.

    A layer that reads one tensor adds a class token. A concatenation joins channels where no branch has positions, if
    that is `certain`; otherwise it is UNCERTAIN.
    """
    for parts, shape in zip(flow, shapes):
        for axis, part in enumerate(parts or ()):
            if isinstance(part, Single) or (
                isinstance(part, Link) and _is_joined(part, shape[part.axis], output[axis])
            ):
                if len(flow) == 1 or _has_positions(axis, flow, places):
                    return axis
                return None if certain else UNCERTAIN
    return None


def _is_joined(link: Link, size: int, output_size: int) -> bool:
    """Whether the positions of an input axis are only some of those of the output axis that reads it."""
    if link.window is None:
        return size != output_size
    return not link.window.shift and None in link.window.taps


def _has_positions(axis: int, flow: Sequence[Flow], places: Sequence[Sequence[Place]]) -> bool:
    """Whether some tensor has positions along the axis that an output axis reads."""
    for parts, branch in zip(flow, places):
        part = parts[axis] if parts else Link(axis)
        if isinstance(part, Link) and any(part.axis in axes_of(place) for place in branch):
            return True
    return False
