"""The session: a document, its figures, and what can be done with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from convcalc.editor.editor import Editor
from convcalc.editor.opening import Opened, opened
from convcalc.editor.outcome import Outcome
from convcalc.editor.pausing import collector_paused
from convcalc.editor.reading import WRONG_VIEW, Reading
from convcalc.editor.state import Pin
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.problems import nearest
from convcalc.report.report import Report

if TYPE_CHECKING:
    from convcalc.editor.state import EditField, Findings, SweepPoint
    from convcalc.report.derivation import Derivation
    from convcalc.report.difference import Difference


def open_session(
    target: str, *, variant: str | None = None, dtype: str = "float32", batch: int = 1, view: Overrides | None = None
) -> Session:
    """A session on a file, FILE@VARIANT, a shipped spec or variant by its name, REV:FILE, or `-`.

    A file that does not build can be opened: it has problems, and no report. Raises UsageError for an unknown target
    or a view that cannot be, SpecError for a file that is not there or is no text, and for an unknown variant.
    """
    session = Session(opened(target, dtype, batch), variant, view or Overrides())
    for problem in session.problems:
        if problem.rule == WRONG_VIEW:
            raise UsageError(problem.message, problem.help)
        if problem.rule == "unknown-variant":
            raise SpecError([problem])
    return session


class Session(Editor):
    """A spec that is being edited. See the package for what it holds, `Editor` for the edits, `Filing` for saving."""

    def __init__(self, start: Opened, variant: str | None = None, view: Overrides | None = None) -> None:
        super().__init__(start, variant if variant is not None else start.variant, view or Overrides())
        self.pins: dict[str, Pin] = {}
        self._difference: tuple[Report, Report, Difference] | None = None
        self._findings: tuple[Reading, Findings] | None = None

    # -- views ---------------------------------------------------------------------------------------------------

    def set_variant(self, name: str | None) -> Outcome:
        """Look at another variant, None for the file itself."""
        if name is not None and name not in self.variants:
            known = self.variants
            help = nearest(name, known) or ("its variants are " + ", ".join(known) if known else "it has no variants")
            return Outcome(f"there is no variant `{name}`", refused=True, help=help, problems=self.problems)
        self.variant = name
        self._show(self._read(self.document))
        words = f"the variant {name}" if name is not None else "the file itself"
        return Outcome(words, changed=True, problems=self.problems)

    def pin(self, name: str = "") -> Pin:
        """Name the present state: `A`, `B`, … without a name. Raises UsageError where it does not build."""
        if self.report is None or not self.is_current:
            raise UsageError("what does not build has no figures to compare with", "mend it first")
        if not name:
            letters = (f"{chr(65 + number % 26)}{number // 26 or ''}" for number in range(len(self.pins) + 1))
            name = next(letter for letter in letters if letter not in self.pins)
        self.pins[name] = Pin(name, self.text, self.variant, self.view, self.report)
        self._history.seal()
        return self.pins[name]

    def unpin(self, name: str) -> None:
        """Forget a pin. Raises UsageError where there is none of that name."""
        self._pinned(name)
        del self.pins[name]

    def _pinned(self, name: str) -> Pin:
        if name not in self.pins:
            known = "the pins are " + ", ".join(self.pins) if self.pins else "pin the present state first"
            help = nearest(name, self.pins) or known
            raise UsageError(f"there is no pin `{name}`", help)
        return self.pins[name]

    # -- questions -----------------------------------------------------------------------------------------------

    def places(self, layer: str) -> list[str]:
        """The rows that come from the same entry. Raises UsageError, as all of these, for an unknown layer."""
        from convcalc.editor.places import made_by

        return made_by(self._reading, layer)

    def fields(self, layer: str) -> list[EditField]:
        """What of a layer, block or container can be set."""
        from convcalc.editor.fields import fields

        return fields(self.entry(layer), self.report if self.is_current else None)

    @collector_paused()
    def difference(self, pin: str = "") -> Difference | None:
        """What the last good figures differ in from a pin, or from the file as saved; None where that did not build."""
        from convcalc.report.difference import Difference

        old = self._pinned(pin).report if pin else self.baseline
        if old is None or self.report is None:
            return None
        known = self._difference
        if known is None or known[0] is not old or known[1] is not self.report:
            known = self._difference = old, self.report, Difference(old, self.report)
        return known[2]

    def findings(self) -> Findings:
        """What is wrong with the text and what the linter says of it, by row; made once for a text and a variant.

        May be called from a thread: what it looks at is taken once, and no edit changes it.
        """
        from convcalc.editor.finding import findings

        known, reading = self._findings, self._reading
        if known is not None and known[0] is reading:
            return known[1]
        found = findings(reading, self._origin)
        self._findings = reading, found
        return found

    def sweep(self, layer: str, key: str, values: Sequence[Any] | None = None) -> Iterator[SweepPoint]:
        """The network with each of the values in turn, made as they are asked for; the text stays as it is."""
        from convcalc.editor.sweeping import sweep

        return sweep(self._reading, self._origin, self.view, layer, key, values, self.report)

    def why(self, layer: str) -> Derivation:
        """How each figure of a layer comes about: what `explain` prints."""
        from convcalc.report.derivation import derive

        return derive(self._figures(), layer)

    def markdown(self, layer: str | None = None, columns: Sequence[str] | None = None) -> str:
        """The table as Markdown, or one row of it."""
        from convcalc.editor.finding import table

        return table(self._figures(), layer, columns)

    def _figures(self) -> Report:
        if self.report is None:
            raise UsageError("there are no figures yet", "mend the text first")
        return self.report
