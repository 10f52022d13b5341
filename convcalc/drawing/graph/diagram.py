"""What a graph drawing shows, without positions."""

from __future__ import annotations

from typing import NamedTuple


class Box(NamedTuple):
    """A layer, a block, an input or an output.

    `name` is its full name and `kind` the colour: one of the keys of `palette.COLOURS`. `lines` are the texts in it,
    and `tip` is a longer one. `heat` is its share of a figure of the network, from 0 to 1; None where
    it is not known or not shown. `rows` are the numbers of the rows of the report that it has.
    """

    name: str
    kind: str
    lines: tuple[str, ...]
    tip: str = ""
    heat: float | None = None
    rows: tuple[int, ...] = ()


class Edge(NamedTuple):
    """A tensor from one box to another, by their numbers; `label` is its shape where it is worth saying."""

    source: int
    target: int
    label: str = ""


class Frame(NamedTuple):
    """A block that is opened: the numbers of its boxes are `first` to `last`."""

    name: str
    first: int
    last: int


class Diagram(NamedTuple):
    """Boxes in the order of the network, so that each edge leads to a later one."""

    boxes: list[Box]
    edges: list[Edge]
    frames: list[Frame]
