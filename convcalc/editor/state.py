"""The present text of a session with its figures, and the steps for undo and redo."""

from __future__ import annotations

from collections.abc import Callable

from convcalc import garbage
from convcalc.editor.changes import EditedText
from convcalc.editor.history import History
from convcalc.editor.places import entries_at, problems_at
from convcalc.editor.reading import Origin, Reading, Readings
from convcalc.editor.values import Outcome, refusal
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.problems import nearest
from convcalc.report.report import Report
from convcalc.text.document import Document

Change = Callable[[Reading], EditedText]


class State:
    """The text of a session in one variant and one view.

    `reading` is the reading of the present text. `report` is the last good report: that of the last text that built.
    """

    def __init__(self, document: Document, origin: Origin, variant: str | None, view: Overrides) -> None:
        self.variant = variant
        self.view = view
        self.report: Report | None = None
        self.history = History()
        self._readings = Readings(origin)
        self._show(self.read(document))
        self._explain_view()

    def read(self, document: Document) -> Reading:
        """The reading of a text in the present variant and view."""
        return self._readings.read(document, self.variant, self.view)

    def _show(self, reading: Reading) -> None:
        self.reading = reading
        if reading.report is not None:
            self.report = reading.report

    def move_to(self, name: str, path: str) -> None:
        """Read the same text as the text of another file: its included files are then relative to another folder."""
        self._readings = Readings(self.reading.origin.at(name, path))
        self._show(self.read(self.reading.document))

    def set_variant(self, name: str | None) -> Outcome:
        """Read the text in another variant; None is the file itself."""
        known = self.reading.variants
        if name is not None and name not in known:
            help = nearest(name, known) or ("its variants are " + ", ".join(known) if known else "it has no variants")
            return refusal(UsageError(f"there is no variant `{name}`", help), self.reading.problems)
        self.variant = name
        self._show(self.read(self.reading.document))
        words = f"the variant {name}" if name is not None else "the file itself"
        return Outcome(words, changed=True, problems=self.reading.problems)

    @garbage.paused()
    def edit(self, change: Change, *, only_if_valid: bool, merge_key: str = "") -> Outcome:
        """Make a change, read the new text, and add a step to the history."""
        try:
            edited = change(self.reading)
        except UsageError as error:
            return refusal(error, self.reading.problems)
        except SpecError as error:
            return Outcome(f"the text cannot be read: {error.problems[0].message}", refused=True,
                           help="correct the text first, or undo the last step", problems=error.problems)  # fmt: skip
        before = self.reading.document.text
        if edited.document.text == before:
            return Outcome(f"{edited.title}: no change", layers=edited.layers, problems=self.reading.problems)
        reading = self.read(edited.document)
        self._explain_misfit(reading)
        at_field = problems_at(reading, edited.path)
        if only_if_valid and reading.problems:
            first = (at_field or reading.problems)[0]
            return Outcome(first.message, refused=True, help=first.help, problems=reading.problems, at_field=at_field)
        if reading.problems and not self.reading.problems:
            self.history.seal()  # one undo leads back to the last text that built
        self.history.add(edited.title, before, edited.document.text, merge_key)
        self._show(reading)
        layers = edited.layers or entries_at(reading, edited.path)
        return Outcome(edited.title + edited.note, changed=True, problems=reading.problems, at_field=at_field,
                       layers=layers)  # fmt: skip

    def _explain_view(self) -> None:
        """Name the layer that the view changed where another one can no longer read it."""
        reading, spec = self.reading, self.reading.spec
        if reading.misfit is not None and self.view.changes_values and spec is not None and reading.misread is not None:
            from convcalc.network.misfit import explain_overrides  # only a view that breaks the network needs it

            explain_overrides(reading.misfit, spec, reading.misread, self.variant, self.view)
            reading.misfit = None

    def _explain_misfit(self, reading: Reading) -> None:
        """Name the layer that an edit changed where another one can no longer read it."""
        if reading.misfit is not None and self.report is not None:
            from convcalc.network.misfit import explain  # only an edit that breaks the network needs it

            explain(reading.misfit, self.report.graph, "the edit")
            reading.misfit = None  # a reading is cached: its problem is explained once

    def undo(self) -> Outcome:
        """Undo the last step."""
        if not self.history.done:
            return Outcome("there is nothing to undo", refused=True)
        title = self.history.done[-1].title
        return self._go_to(self.history.undo(self.reading.document.text), f"undid: {title}")

    def redo(self) -> Outcome:
        """Redo the step that was undone last."""
        if not self.history.undone:
            return Outcome("there is nothing to redo", refused=True)
        title = self.history.undone[-1].title
        return self._go_to(self.history.redo(self.reading.document.text), f"redid: {title}")

    @garbage.paused()
    def _go_to(self, text: str, message: str) -> Outcome:
        self._show(self.read(Document(text)))
        return Outcome(message, changed=True, problems=self.reading.problems)
