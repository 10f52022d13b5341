"""The text of a session and where it is kept: what it was read from, saved to, and recovered from."""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING

from convcalc.editor.history import History
from convcalc.editor.opening import Opened
from convcalc.editor.outcome import Outcome
from convcalc.editor.reading import Origin, Reading
from convcalc.editor.recovery import Copies, Recovery
from convcalc.editor.saving import File, write_text
from convcalc.editor.values import as_plain
from convcalc.errors import UsageError
from convcalc.language.overrides import Overrides
from convcalc.problems import Problem
from convcalc.report.report import Report
from convcalc.text.document import Document
from convcalc.text.files import display
from convcalc.text.source import Source
from convcalc.text.writing import flow_text

if TYPE_CHECKING:
    from convcalc.editor.places import Place

COLLECTED_AFTER = 32  # edits: each leaves behind the scopes and names of blocks, 2,000 objects of a large network
REMEMBERED = 8  # readings: undo and redo, and going to and fro between variants, cost nothing
Key = tuple[str, str | None, Overrides, Origin]


class Filing:
    """A text with its figures, its file, and the copy that outlives a crash."""

    def __init__(self, start: Opened, variant: str | None, view: Overrides) -> None:
        self._origin = start.origin
        self._file = start.file
        self._copies = start.copies
        self._saved = start.text
        self._history = History()
        self._readings: dict[Key, Reading] = {}
        self.variant = variant
        self.view = view
        self.report: Report | None = None
        self._shown = 0  # since garbage was collected
        self._show(self._read(Document(start.text)))

    # -- what is read --------------------------------------------------------------------------------------------

    def _read(self, document: Document) -> Reading:
        """What a text holds in the variant and the view that are looked at."""
        return self._read_as(document, self.variant, self.view)

    def _read_as(self, document: Document, variant: str | None, view: Overrides) -> Reading:
        key = document.text, variant, view, self._origin
        known = self._readings.pop(key, None)
        if known is None:
            known = Reading(document, variant, view, self._origin)
        self._readings[key] = known  # last, as the one that was used last
        if len(self._readings) > REMEMBERED:
            del self._readings[next(iter(self._readings))]
        return known

    def _show(self, reading: Reading) -> None:
        self._reading = reading
        self._shown += 1
        if reading.report is not None:
            self.report = reading.report

    @property
    def document(self) -> Document:
        """The text, as edits see it."""
        return self._reading.document

    @property
    def text(self) -> str:
        """The text, with its byte order mark where it has one."""
        return self._reading.document.text

    @property
    def label(self) -> str:
        """How messages call it: the file, the shipped spec, REV:FILE or standard input."""
        return self._origin.label

    @property
    def variants(self) -> list[str]:
        """The variants of the text; none where it cannot be read."""
        return self._reading.variants

    @property
    def problems(self) -> list[Problem]:
        """What is wrong with the present text."""
        return self._reading.problems

    @property
    def is_current(self) -> bool:
        """Whether `report` is of the present text."""
        return self._reading.report is not None

    @property
    def saved_text(self) -> str:
        """The text as it was opened or last saved."""
        return self._saved

    @property
    def is_modified(self) -> bool:
        """Whether the text differs from the one that was opened or saved."""
        return self.text != self._saved

    @property
    def baseline(self) -> Report | None:
        """The figures of the text as it was opened or saved, in the variant and view that are looked at."""
        return self._read(Document(self._saved)).report

    def entry(self, layer: str) -> Place:
        """Where a layer, block or container stands. Raises UsageError where it is not there, or in another file."""
        from convcalc.editor.places import find

        return find(self._reading, layer)

    def params(self) -> dict[str, str]:
        """The params of the spec as they are written, by name: of the variant in view where it has its own."""
        spec = self._reading.spec
        if spec is None:
            return {}
        pairs = dict(spec.params.pairs)
        if self.variant in spec.variants:
            pairs.update(spec.variants[self.variant].params.pairs)
        return {name: flow_text(as_plain(value), in_flow=False) for name, value in pairs.items()}

    # -- the file ------------------------------------------------------------------------------------------------

    @property
    def path(self) -> str | None:
        """The file, None for what has none: a shipped spec, a revision, standard input."""
        return None if self._file is None else self._file.path

    def changed_on_disk(self) -> str:
        """What changed in the file since it was read, in words; empty where nothing did."""
        return "" if self._file is None else self._file.change

    def save(self, path: str | None = None, *, overwrite: bool = False) -> Outcome:
        """Write the text to its file, or to `path`, which is its file from then on.

        Refused where the file changed on disk or another one is there already, unless `overwrite`, and where it cannot
        be written.
        """
        target = path or self.path
        if target is None:
            help = "name the file that it is saved to"
            return Outcome(f"{self.label} has no file of its own", refused=True, help=help, problems=self.problems)
        if "\0" in target:
            return Outcome("a file name holds no NUL", refused=True, help="choose another", problems=self.problems)
        is_own = self._file is not None and os.path.realpath(target) == os.path.realpath(self._file.path)
        if not overwrite:
            reason = self.changed_on_disk() if is_own else _in_the_way(target)
            if reason:
                help = "overwrite it, or save to another file"
                return Outcome(reason, refused=True, help=help, problems=self.problems)
        try:
            write_text(target, self.text)
        except UsageError as error:
            return Outcome(error.message, refused=True, help=error.help, problems=self.problems)
        self._keep(target, is_own)
        return Outcome(f"saved {display(target)}", changed=True, problems=self.problems)

    def _keep(self, path: str, is_own: bool) -> None:
        """The text is that of a file from here on."""
        self._saved = self.text
        self._history.seal()
        if self._copies is not None:
            self._copies.remove()
        if is_own and self._file is not None:
            self._file.text = self.text
            return
        self._file = File(path, self.text)
        self._copies = Copies(os.path.realpath(path))
        name = display(path)
        self._origin = Origin(name, Source(name, "", path), self._origin.dtype, self._origin.batch)
        self._show(self._read(self.document))  # what it includes by paths lies elsewhere

    # -- the copy that outlives a crash --------------------------------------------------------------------------

    def checkpoint(self, *, force: bool = False) -> None:
        """Keep a recovery copy while there are unsaved changes; call it often, it writes at most every two seconds.

        What the next edit would have to wait for is done here too, for nobody waits once the figures are shown.
        """
        if self._reading.spec is not None:
            self.document.prepare()
        if self._shown >= COLLECTED_AFTER:
            self._shown = 0
            gc.collect()  # edits pause the collector, and a command may have switched it off
        if self._copies is None:
            return
        if self.is_modified:
            self._copies.keep(self.text, force=force)
        else:
            self._copies.remove()

    @property
    def recovery_failure(self) -> str:
        """Why no recovery copy could be written; empty where it could."""
        return "" if self._copies is None else self._copies.failed

    def recoverable(self) -> Recovery | None:
        """The latest text that a session on this target left behind unsaved, where it differs from the present one."""
        return None if self._copies is None else self._copies.left(self.text)

    def discard_recovery(self) -> None:
        """Delete what was left behind."""
        if self._copies is not None:
            self._copies.discard()

    def close(self) -> None:
        """A clean end: the recovery copy goes. What an earlier session left behind stays until it is declined."""
        if self._copies is not None:
            self._copies.remove()


def _in_the_way(path: str) -> str:
    return f"{display(path)} is there already" if os.path.lexists(path) else ""
