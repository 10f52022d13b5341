"""What was done to a text, step by step, so that it can be taken back and done again."""

from __future__ import annotations


class UndoStep:
    """One change of a text: `old` stood at `start`, and `new` stands there after it. `title` says in words what it did.

    Only what differs is kept, so that a history of any length stays small.
    """

    __slots__ = ("merge_key", "new", "old", "start", "title")

    def __init__(self, title: str, before: str, after: str, merge_key: str = "") -> None:
        self.title = title
        self.merge_key = merge_key
        self.start = _common_start(before, after)
        end = _common_end(before[self.start :], after[self.start :])
        self.old = before[self.start : len(before) - end]
        self.new = after[self.start : len(after) - end]

    def forward(self, text: str) -> str:
        return text[: self.start] + self.new + text[self.start + len(self.old) :]

    def backward(self, text: str) -> str:
        return text[: self.start] + self.old + text[self.start + len(self.new) :]


class History:
    """The steps that lie behind a text, and those ahead of it that were taken back."""

    def __init__(self) -> None:
        self.done: list[UndoStep] = []
        self.undone: list[UndoStep] = []

    def add(self, title: str, before: str, after: str, merge_key: str = "") -> None:
        """Note a change; one with the key of the last step is merged into it, and vanishes where both cancel."""
        if self.done and merge_key and self.done[-1].merge_key == merge_key and not self.undone:
            before = self.done.pop().backward(before)
        self.undone.clear()
        if before != after:
            self.done.append(UndoStep(title, before, after, merge_key))

    def seal(self) -> None:
        """Let no later change be merged into the last step: the state before it was seen or kept."""
        if self.done:
            self.done[-1].merge_key = ""

    def undo(self, text: str) -> str:
        """The text before the last step."""
        step = self.done.pop()
        self.undone.append(step)
        return step.backward(text)

    def redo(self, text: str) -> str:
        """The text after the step that was taken back last."""
        step = self.undone.pop()
        self.done.append(step)
        self.seal()
        return step.forward(text)


def _common_start(one: str, other: str) -> int:
    """How many characters two texts have in common at their start.

    >>> _common_start("abcd", "abxd"), _common_start("ab", "abc"), _common_start("", "a")
    (2, 2, 0)
    """
    known, limit = 0, min(len(one), len(other))
    while known < limit:  # halves are compared as a whole, which is quicker than one character after the other
        middle = (known + limit + 1) // 2
        if one[known:middle] == other[known:middle]:
            known = middle
        else:
            limit = middle - 1
    return known


def _common_end(one: str, other: str) -> int:
    return _common_start(one[::-1], other[::-1])
