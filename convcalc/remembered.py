"""What one build of a network computes and the next may use again."""

from __future__ import annotations

from typing import Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")

# Results kept from one build to the next: some megabytes, and more than the different layers of a sweep's axes.
MAX_RESULTS = 8192


class Remembered(Generic[K, V]):
    """Results by what they depend on, kept from one build to the next.

    Only results of pure functions of the key belong here. Nothing is dropped while a network is built, so that equal
    layers of one network share their results, however large it is; the next build starts empty after a very large one.
    """

    __slots__ = ("_most", "_results")

    def __init__(self, most: int = MAX_RESULTS) -> None:
        self._most = most
        self._results: dict[K, V] = {}

    def of_build(self) -> dict[K, V]:
        """The results for a build that starts now."""
        if len(self._results) > self._most:
            self._results = {}  # a new one: a build that has not ended keeps its own
        return self._results
