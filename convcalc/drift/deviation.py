"""One difference between a spec and its source, and what a source does not tell."""

from __future__ import annotations

from dataclasses import dataclass

from convcalc.report.rows import Row


@dataclass(frozen=True, slots=True)
class Deviation:
    """One difference, at a layer of the spec; without a layer it is about the network.

    Deviations of one `kind` at one entry are the same difference in several copies. `at` is the key of the entry.
    `minor` ones change no shape, no count and no wiring.
    """

    row: Row | None
    kind: str
    message: str
    at: str = ""
    help: str = ""
    minor: bool = False


@dataclass(frozen=True, slots=True)
class Losses:
    """What the format of a source does not keep: dropouts and folded batch norms, what is trained.

    `biases` are the indices of the rows of the source without the bias of zeros that they had.
    """

    exported: bool = False
    trainable: bool = False
    biases: frozenset[int] = frozenset()
