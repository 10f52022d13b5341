"""Edits of the text, each read again at once, and the steps back and forth."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from convcalc.editor import changes
from convcalc.editor.changes import EditedText
from convcalc.editor.filing import Filing
from convcalc.editor.history import UndoStep
from convcalc.editor.outcome import Outcome
from convcalc.editor.pausing import collector_paused
from convcalc.errors import SpecError, UsageError
from convcalc.problems import Problem
from convcalc.text.document import Document
from convcalc.text.values import Path


class Editor(Filing):
    """A text that is edited by the names of its layers. Every edit gives an Outcome.

    `only_if_valid` refuses what would not build; `merge_key` joins an edit with the step before it of the same key.
    """

    def set(self, layer: str, key: str, value: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set a key of the entry that a layer comes from, or its cell of the rows. A name is set as `rename` does."""
        return self._edit(
            lambda: changes.set_value(self._reading, self._read, layer, key, value), only_if_valid, merge_key
        )

    def set_origin(
        self, layer: str, key: str, value: Any, *, only_if_valid: bool = False, merge_key: str = ""
    ) -> Outcome:
        """Set what an expression of one name reads, `=width`, or fills a key from rows: where that is written."""
        return self._edit(lambda: changes.set_origin(self._reading, layer, key, value), only_if_valid, merge_key)

    def unset(self, layer: str, key: str, *, only_if_valid: bool = False) -> Outcome:
        """Take a key out: the layer has its default again."""
        return self._edit(lambda: changes.unset(self._reading, layer, key), only_if_valid)

    def set_sharing(self, layer: str, value: Any, *, only_if_valid: bool = False) -> Outcome:
        """Set how positions share weights: `full`, `none`, {tile: [2, 2]} or {regions: [3, 3]}."""
        return self.set(layer, "sharing", value, only_if_valid=only_if_valid)

    def add(
        self,
        type: str,
        keys: Mapping[str, Any] | None = None,
        *,
        after: str | None = None,
        before: str | None = None,
        into: str | None = None,
        only_if_valid: bool = False,
    ) -> Outcome:
        """Add an entry beside a layer, or at the start of what `into` names: a block, a container, "" the network.

        Without a place it goes to the end of the network. `layers` of the outcome are the rows that it makes.
        """
        return self._edit(
            lambda: changes.add(self._reading, self._read, type, keys or {}, after, before, into), only_if_valid
        )

    def remove(self, layer: str, *, only_if_valid: bool = False) -> Outcome:
        """Take the entry of a layer out. Refused where others name it."""
        return self._edit(lambda: changes.remove(self._reading, self._read, layer), only_if_valid)

    def move(self, layer: str, by: int, *, only_if_valid: bool = False) -> Outcome:
        """Move an entry by so many places within its list: down where `by` is positive."""
        return self._edit(lambda: changes.move(self._reading, self._read, layer, by), only_if_valid)

    def rename(self, layer: str, name: str, *, only_if_valid: bool = False) -> Outcome:
        """Give an entry another name, there and wherever it is named. Refused where that cannot be."""
        return self._edit(lambda: changes.rename(self._reading, self._read, layer, name), only_if_valid)

    def set_input(self, shape: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set the input, as `3x64x64` or a list: that of the variant in view where it has its own."""
        return self._edit(lambda: changes.set_input(self._reading, shape), only_if_valid, merge_key)

    def set_param(self, name: str, value: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set a param: with the variant in view where that gives it, else with the file."""
        return self._edit(lambda: changes.set_param(self._reading, name, value), only_if_valid, merge_key)

    def set_text(
        self, text: str, *, title: str = "edit the text", only_if_valid: bool = False, merge_key: str = ""
    ) -> Outcome:
        """Replace the whole text, whether it can be read or not."""
        return self._edit(lambda: EditedText(title, Document(text)), only_if_valid, merge_key)

    def recover(self) -> Outcome:
        """Take what an earlier session left behind as one edit, which can be undone."""
        recovery = self.recoverable()
        if recovery is None:
            return Outcome("there is nothing to recover", refused=True, problems=self.problems)
        outcome = self.set_text(recovery.text, title="recover unsaved changes")
        self.checkpoint(force=True)
        self.discard_recovery()
        return outcome

    def undo(self) -> Outcome:
        """Take the last step back."""
        if not self._history.done:
            return Outcome("there is nothing to undo", refused=True)
        title = self._history.done[-1].title
        return self._go(self._history.undo(self.text), f"undid: {title}")

    def redo(self) -> Outcome:
        """Make the step again that was taken back last."""
        if not self._history.undone:
            return Outcome("there is nothing to redo", refused=True)
        title = self._history.undone[-1].title
        return self._go(self._history.redo(self.text), f"did again: {title}")

    @property
    def history(self) -> Sequence[UndoStep]:
        """What undo takes back, the last one first to go; `title` says in words what each did."""
        return tuple(self._history.done)

    @property
    def undone(self) -> Sequence[UndoStep]:
        """What redo makes again, the last one first."""
        return tuple(self._history.undone)

    @collector_paused()
    def _go(self, text: str, message: str) -> Outcome:
        self._show(self._read(Document(text)))
        return Outcome(message, changed=True, problems=self.problems)

    @collector_paused()
    def _edit(self, change: Callable[[], EditedText], only_if_valid: bool, merge_key: str = "") -> Outcome:
        """Make a change and read what comes of it."""
        try:
            done = change()
        except UsageError as error:
            return Outcome(error.message, refused=True, help=error.help, problems=self.problems)
        except SpecError as error:
            problem = error.problems[0]
            help = "mend the text first, or take the last step back"
            return Outcome(f"the text cannot be read: {problem.message}", refused=True, help=help,
                           problems=error.problems)  # fmt: skip
        before = self.text
        if done.document.text == before:
            return Outcome(f"{done.title}: it is so already", layers=done.layers, problems=self.problems)
        reading = self._read(done.document)
        at_field = _at(reading.problems, done.path, done.document)
        if only_if_valid and reading.problems:
            first = (at_field or reading.problems)[0]
            return Outcome(first.message, refused=True, help=first.help, problems=reading.problems, at_field=at_field)
        self._history.add(done.title, before, done.document.text, merge_key)
        self._show(reading)
        layers = done.layers or self._made(done.path)
        return Outcome(done.title + done.note, changed=True, problems=reading.problems, at_field=at_field,
                       layers=layers)  # fmt: skip

    def _made(self, path: Path | None) -> list[str]:
        """The rows that an entry makes which was added."""
        from convcalc.editor.finding import entries_at

        return entries_at(self._reading, path) if path is not None and isinstance(path[-1], int) else []


def _at(problems: list[Problem], path: Path | None, document: Document) -> list[Problem]:
    """The problems at a path or in what stands there."""
    if path is None:
        return []
    found = []
    for problem in problems:
        try:
            place = document.path_at(problem.where.line, problem.where.column) if problem.where.line else ()
        except SpecError:
            place = ()
        if place[: len(path)] == path:
            found.append(problem)
    return found
