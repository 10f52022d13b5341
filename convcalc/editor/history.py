"""The changes of a text, one by one, so that they can be undone and redone."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class UndoStep:
    """One change of a text: `old` is replaced by `new` at `start`. `title` describes it in words.

    It has only the part that differs, so that a long history stays small.
    """

    title: str
    start: int
    old: str
    new: str
    merge_key: str = ""

    @classmethod
    def between(cls, title: str, before: str, after: str, merge_key: str = "") -> UndoStep:
        """The step from one text to another."""
        start = _common_start(before, after)
        end = _common_end(before[start:], after[start:])
        return cls(title, start, before[start : len(before) - end], after[start : len(after) - end], merge_key)

    def forward(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.start + len(self.old) :]

    def backward(self, text: str) -> str:
        return text[: self.start] + self.old + text[self.start + len(self.new) :]


class History:
    """The steps that led to a text, and those after it that were undone."""

    def __init__(self) -> None:
        self.done: list[UndoStep] = []
        self.undone: list[UndoStep] = []

    def add(self, title: str, before: str, after: str, merge_key: str = "") -> None:
        """Add a change. It is merged with the last step of the same key; a step without any effect is removed."""
        if self.done and merge_key and self.done[-1].merge_key == merge_key and not self.undone:
            before = self.done.pop().backward(before)
        self.undone.clear()
        if before != after:
            self.done.append(UndoStep.between(title, before, after, merge_key))

    def seal(self) -> None:
        """Do not merge later changes into the last step: the user has seen or saved the state after it."""
        if self.done:
            self.done[-1].merge_key = ""

    def undo(self, text: str) -> str:
        """The text before the last step."""
        step = self.done.pop()
        self.undone.append(step)
        return step.backward(text)

    def redo(self, text: str) -> str:
        """The text after the step that was undone last."""
        step = self.undone.pop()
        self.done.append(step)
        self.seal()
        return step.forward(text)


def _common_start(one: str, other: str) -> int:
    """The number of equal characters at the start of two texts.

    >>> _common_start("abcd", "abxd"), _common_start("ab", "abc"), _common_start("", "a")
    (2, 2, 0)
    """
    known, limit = 0, min(len(one), len(other))
    while known < limit:  # bisection: comparing halves is faster than comparing characters
        middle = (known + limit + 1) // 2
        if one[known:middle] == other[known:middle]:
            known = middle
        else:
            limit = middle - 1
    return known


def _common_end(one: str, other: str) -> int:
    return _common_start(one[::-1], other[::-1])
