"""What a file of weights holds: the shape of each tensor by its name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from convcalc.arith.shape import Shape
from convcalc.errors import SpecError
from convcalc.problems import Problem, Where
from convcalc.text.files import display_path


class Tensor(NamedTuple):
    """The shape of a tensor; `is_whole` where its elements are whole numbers, as those of a counter are."""

    shape: Shape
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The tensors of a file, in its order.

    `left_out` names what the file holds beside them, such as the state of an optimizer. With `other_axes` the shapes
    have the axes in another order than those of PyTorch.
    """

    path: str
    format: str
    tensors: Mapping[str, Tensor]
    left_out: list[str] = field(default_factory=list)
    other_axes: bool = False


def unreadable(path: str, message: str, help: str = "") -> SpecError:
    """The error for a file that is no checkpoint."""
    return SpecError([Problem("unreadable-file", message, Where(display_path(path)), help=help)])
