"""Why a node cannot be read as a layer, or not with the batch axis where it was assumed."""

from __future__ import annotations


class Unmatched(Exception):
    """No layer type does what a node does; the message says why."""


class BatchConflict(Exception):
    """The batch axis is not where it was assumed: an operation works along it."""
