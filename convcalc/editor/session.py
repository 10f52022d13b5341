"""The session: a document, its figures, and the operations on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from convcalc import garbage
from convcalc.editor import changes
from convcalc.editor.changes import EditedText
from convcalc.editor.fields import fields
from convcalc.editor.files import Storage
from convcalc.editor.history import History, UndoStep
from convcalc.editor.places import EntryPlace, entries_at, find, made_by, problems_at
from convcalc.editor.reading import Origin, Reading, Readings
from convcalc.editor.recovery import Recovery
from convcalc.editor.sweeping import sweep
from convcalc.editor.tables import markdown_table
from convcalc.editor.typed import as_plain
from convcalc.editor.values import EditField, Findings, Outcome, Pin, SweepPoint
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.problems import Problem, nearest
from convcalc.report.derivation import Derivation, derive
from convcalc.report.difference import Difference
from convcalc.report.report import Report
from convcalc.text.document import Document
from convcalc.text.files import display_path
from convcalc.text.writing import flow_text

Change = Callable[[Reading], EditedText]


class Session:
    """A spec that is being edited; the docstring of the package describes it.

    Every edit gives an Outcome. `only_if_valid` refuses an edit after which the text would not build; `merge_key` joins
    an edit with the previous one of the same key.
    """

    def __init__(
        self, storage: Storage, origin: Origin, variant: str | None = None, view: Overrides | None = None
    ) -> None:
        self.variant = variant
        self.view = view or Overrides()
        self.report: Report | None = None
        self.pins: dict[str, Pin] = {}
        self._storage = storage
        self._readings = Readings(origin)
        self._history = History()
        self._difference: tuple[Report, Report, Difference] | None = None
        self._findings: tuple[Reading, Findings] | None = None
        self._show(self._read(Document(storage.saved)))

    def _read(self, document: Document) -> Reading:
        return self._readings.read(document, self.variant, self.view)

    def _show(self, reading: Reading) -> None:
        self._reading = reading
        if reading.report is not None:
            self.report = reading.report

    # -- the present state -------------------------------------------------------------------------------------------

    @property
    def document(self) -> Document:
        """The text as a document for edits."""
        return self._reading.document

    @property
    def text(self) -> str:
        """The text, with its byte order mark where it has one."""
        return self.document.text

    @property
    def label(self) -> str:
        """The name of the text in messages: the file, the shipped spec, REV:FILE or standard input."""
        return self._reading.origin.label

    @property
    def path(self) -> str | None:
        """The file; None for a shipped spec, a revision and standard input."""
        return None if self._storage.file is None else self._storage.file.path

    @property
    def variants(self) -> list[str]:
        """The variants of the text; none where it cannot be read."""
        return self._reading.variants

    @property
    def problems(self) -> list[Problem]:
        """The problems of the present text."""
        return self._reading.problems

    @property
    def is_current(self) -> bool:
        """Whether `report` is the report of the present text."""
        return self._reading.report is not None

    @property
    def saved_text(self) -> str:
        """The text as it was opened or last saved."""
        return self._storage.saved

    @property
    def is_modified(self) -> bool:
        """Whether the text differs from the one that was opened or last saved."""
        return self.text != self.saved_text

    @property
    def baseline(self) -> Report | None:
        """The figures of the text as it was opened or last saved, in the present variant and view."""
        return self._read(Document(self.saved_text)).report

    @property
    def history(self) -> Sequence[UndoStep]:
        """The steps for undo, the last one first, each with a `title` in words."""
        return tuple(self._history.done)

    @property
    def undone(self) -> Sequence[UndoStep]:
        """The steps for redo, the last one first."""
        return tuple(self._history.undone)

    # -- edits -------------------------------------------------------------------------------------------------------

    def set(self, layer: str, key: str, value: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set a key of the entry of a layer, or its cell of the rows. The key `name` is set as by `rename`."""
        return self._edit(lambda now: changes.set_value(now, layer, key, value), only_if_valid, merge_key)

    def set_origin(
        self, layer: str, key: str, value: Any, *, only_if_valid: bool = False, merge_key: str = ""
    ) -> Outcome:
        """Set the value behind a key that reads a single name, `=width`, or rows, at the place of that value."""
        return self._edit(lambda now: changes.set_origin(now, layer, key, value), only_if_valid, merge_key)

    def unset(self, layer: str, key: str, *, only_if_valid: bool = False) -> Outcome:
        """Remove a key, so that its default applies."""
        return self._edit(lambda now: changes.unset(now, layer, key), only_if_valid)

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
        """Add an entry beside a layer, or at the start of `into`: a block, a container, or "" for the network.

        Without a place it goes to the end of the network. `layers` of the outcome are its rows.
        """
        return self._edit(lambda now: changes.add(now, type, keys or {}, after, before, into), only_if_valid)

    def remove(self, layer: str, *, only_if_valid: bool = False) -> Outcome:
        """Remove the entry of a layer. Refused where other entries refer to it."""
        return self._edit(lambda now: changes.remove(now, layer), only_if_valid)

    def move(self, layer: str, by: int, *, only_if_valid: bool = False) -> Outcome:
        """Move an entry `by` places within its list, down where `by` is positive."""
        return self._edit(lambda now: changes.move(now, layer, by), only_if_valid)

    def rename(self, layer: str, name: str, *, only_if_valid: bool = False) -> Outcome:
        """Rename an entry, with every reference to it. Refused where that is impossible."""
        return self._edit(lambda now: changes.rename(now, layer, name), only_if_valid)

    def set_input(self, shape: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set the input, as `3x64x64` or a list: of the variant in view where it has its own."""
        return self._edit(lambda now: changes.set_input(now, shape), only_if_valid, merge_key)

    def set_param(self, name: str, value: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set a param in the variant in view where that sets it, else in the file."""
        return self._edit(lambda now: changes.set_param(now, name, value), only_if_valid, merge_key)

    def set_text(
        self, text: str, *, title: str = "edit the text", only_if_valid: bool = False, merge_key: str = ""
    ) -> Outcome:
        """Replace the whole text; it may be unreadable."""
        return self._edit(lambda now: EditedText(title, Document(text)), only_if_valid, merge_key)

    def undo(self) -> Outcome:
        """Undo the last step."""
        if not self._history.done:
            return Outcome("there is nothing to undo", refused=True)
        title = self._history.done[-1].title
        return self._go_to(self._history.undo(self.text), f"undid: {title}")

    def redo(self) -> Outcome:
        """Redo the step that was undone last."""
        if not self._history.undone:
            return Outcome("there is nothing to redo", refused=True)
        title = self._history.undone[-1].title
        return self._go_to(self._history.redo(self.text), f"redone: {title}")

    @garbage.paused()
    def _go_to(self, text: str, message: str) -> Outcome:
        self._show(self._read(Document(text)))
        return Outcome(message, changed=True, problems=self.problems)

    @garbage.paused()
    def _edit(self, change: Change, only_if_valid: bool, merge_key: str = "") -> Outcome:
        """Make a change, and read the new text."""
        try:
            done = change(self._reading)
        except UsageError as error:
            return self._refused(error)
        except SpecError as error:
            return Outcome(f"the text cannot be read: {error.problems[0].message}", refused=True,
                           help="correct the text first, or undo the last step", problems=error.problems)  # fmt: skip
        before = self.text
        if done.document.text == before:
            return Outcome(f"{done.title}: no change", layers=done.layers, problems=self.problems)
        reading = self._read(done.document)
        at_field = problems_at(reading, done.path)
        if only_if_valid and reading.problems:
            first = (at_field or reading.problems)[0]
            return Outcome(first.message, refused=True, help=first.help, problems=reading.problems, at_field=at_field)
        self._history.add(done.title, before, done.document.text, merge_key)
        self._show(reading)
        layers = done.layers or entries_at(reading, done.path)
        return Outcome(done.title + done.note, changed=True, problems=reading.problems, at_field=at_field,
                       layers=layers)  # fmt: skip

    def _refused(self, error: UsageError) -> Outcome:
        return Outcome(error.message, refused=True, help=error.help, problems=self.problems)

    # -- the file and its recovery copies ------------------------------------------------------------------------------

    def save(self, path: str | None = None, *, overwrite: bool = False) -> Outcome:
        """Write the text to its file, or to `path`, which becomes its file.

        Refused where the file changed on disk or another one exists already, unless `overwrite`, and where it cannot be
        written.
        """
        target = path or self.path
        try:
            if target is None:
                raise UsageError(f"{self.label} has no file of its own", "give the file to save it to")
            is_other = self._storage.save(self.text, target, overwrite=overwrite)
        except UsageError as error:
            return self._refused(error)
        self._history.seal()
        if is_other:  # included files are then relative to another folder
            self._readings = Readings(self._readings.origin.moved(display_path(target), target))
            self._show(self._read(self.document))
        return Outcome(f"saved {display_path(target)}", changed=True, problems=self.problems)

    def changed_on_disk(self) -> str:
        """The change of the file since it was read, in words; empty where it is unchanged."""
        return "" if self._storage.file is None else self._storage.file.change_on_disk()

    def checkpoint(self, *, force: bool = False) -> None:
        """Write a recovery copy while there are unsaved changes, at most every two seconds; call it often.

        It also prepares the next edit.
        """
        if self._reading.spec is not None:
            self.document.prepare()
        garbage.collect_when_idle()
        self._storage.keep_copy(self.text, force=force)

    @property
    def recovery_failure(self) -> str:
        """Why no recovery copy can be written; empty where one can."""
        return "" if self._storage.copies is None else self._storage.copies.failure

    def recoverable(self) -> Recovery | None:
        """The latest unsaved text of another session on this target, where it differs from the present text."""
        return None if self._storage.copies is None else self._storage.copies.left(self.text)

    def recover(self) -> Outcome:
        """Take the recoverable text, as one edit that can be undone."""
        recovery = self.recoverable()
        if recovery is None:
            return Outcome("there is nothing to recover", refused=True, problems=self.problems)
        outcome = self.set_text(recovery.text, title="recover unsaved changes")
        self.checkpoint(force=True)
        self.discard_recovery()
        return outcome

    def discard_recovery(self) -> None:
        """Delete the copies of other sessions."""
        if self._storage.copies is not None:
            self._storage.copies.discard()

    def close(self) -> None:
        """End the session and delete its recovery copy. Copies of other sessions stay until a user declines them."""
        if self._storage.copies is not None:
            self._storage.copies.remove()

    # -- variants and pins -------------------------------------------------------------------------------------------

    def set_variant(self, name: str | None) -> Outcome:
        """Look at another variant, None for the file itself."""
        if name is not None and name not in self.variants:
            known = self.variants
            help = nearest(name, known) or ("its variants are " + ", ".join(known) if known else "it has no variants")
            return self._refused(UsageError(f"there is no variant `{name}`", help))
        self.variant = name
        self._show(self._read(self.document))
        words = f"the variant {name}" if name is not None else "the file itself"
        return Outcome(words, changed=True, problems=self.problems)

    def pin(self, name: str = "") -> Pin:
        """Name the present state: `A`, `B`, … without a name. Raises UsageError where it does not build."""
        if self.report is None or not self.is_current:
            raise UsageError("a text that does not build has no figures to compare with", "correct it first")
        if not name:
            letters = (f"{chr(65 + number % 26)}{number // 26 or ''}" for number in range(len(self.pins) + 1))
            name = next(letter for letter in letters if letter not in self.pins)
        self.pins[name] = Pin(name, self.text, self.variant, self.view, self.report)
        self._history.seal()
        return self.pins[name]

    def unpin(self, name: str) -> None:
        """Remove a pin. Raises UsageError where there is none of that name."""
        self._pinned(name)
        del self.pins[name]

    def _pinned(self, name: str) -> Pin:
        if name not in self.pins:
            known = "the pins are " + ", ".join(self.pins) if self.pins else "pin the present state first"
            raise UsageError(f"there is no pin `{name}`", nearest(name, self.pins) or known)
        return self.pins[name]

    # -- questions; they raise UsageError for an unknown layer ---------------------------------------------------------

    def entry(self, layer: str) -> EntryPlace:
        """The place of a layer, block or container. Raises UsageError also where it is in another file."""
        return find(self._reading, layer)

    def places(self, layer: str) -> list[str]:
        """The rows that come from the same entry."""
        return made_by(self._reading, layer)

    def fields(self, layer: str) -> list[EditField]:
        """The keys of a layer, block or container that can be set."""
        return fields(self.entry(layer), self.report if self.is_current else None)

    def params(self) -> dict[str, str]:
        """The params of the spec as they are written, by name: of the variant in view where it has its own."""
        return {name: flow_text(as_plain(value), in_flow=False) for name, value in self._reading.params().items()}

    @garbage.paused()
    def difference(self, pin: str = "") -> Difference | None:
        """How the last good figures differ from a pin, or from the saved file; None where that did not build."""
        old = self._pinned(pin).report if pin else self.baseline
        if old is None or self.report is None:
            return None
        known = self._difference
        if known is None or known[0] is not old or known[1] is not self.report:
            known = self._difference = old, self.report, Difference(old, self.report)
        return known[2]

    def findings(self) -> Findings:
        """The findings of `check` in the text, by row; computed once for a text and a variant.

        It may be called in a thread: it uses one reading, which no edit changes.
        """
        from convcalc.editor.findings import findings  # the lint rules: an edit does not need them

        known, reading = self._findings, self._reading
        if known is not None and known[0] is reading:
            return known[1]
        found = findings(reading)
        self._findings = reading, found
        return found

    def sweep(self, layer: str, key: str, values: Sequence[Any] | None = None) -> Iterator[SweepPoint]:
        """The network with each of the values, made one at a time; the text stays as it is."""
        return sweep(self._reading, layer, key, values, self.report)

    def why(self, layer: str) -> Derivation:
        """How each figure of a layer is computed: what `explain` prints."""
        return derive(self._figures(), layer)

    def markdown(self, layer: str | None = None, columns: Sequence[str] | None = None) -> str:
        """The table as Markdown, or one row of it."""
        return markdown_table(self._figures(), layer, columns)

    def _figures(self) -> Report:
        if self.report is None:
            raise UsageError("there are no figures yet", "correct the text first")
        return self.report
