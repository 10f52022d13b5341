"""The session: a text, its figures, and the operations on them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from convcalc import garbage
from convcalc.editor import changes
from convcalc.editor.changes import EditedText
from convcalc.editor.fields import fields, required_keys
from convcalc.editor.files import Storage
from convcalc.editor.history import UndoStep
from convcalc.editor.pins import find_pin, free_name
from convcalc.editor.places import EntryPlace, entry_lines, find, layers_of_entry
from convcalc.editor.reading import Origin, Reading
from convcalc.editor.recovery import Recovery
from convcalc.editor.state import Change, State
from convcalc.editor.sweeping import param_values, present_value, sweep, usual_values
from convcalc.editor.values import EditField, Findings, Outcome, Pin, SweepPoint, refusal
from convcalc.errors import SpecError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.problems import Problem
from convcalc.report.difference import Difference
from convcalc.report.report import Report
from convcalc.text.document import Document
from convcalc.text.files import display_path
from convcalc.text.source import as_plain
from convcalc.text.writing import flow_text

if TYPE_CHECKING:
    from convcalc.sweeping.sweep import Sweep


class Session:
    """A spec that is being edited; the docstring of the package describes it.

    Every edit gives an Outcome. `only_if_valid` refuses an edit after which the text would not build; `merge_key` joins
    an edit with the previous one of the same key. `storage` is the file with its recovery copies. `keep_size` is the
    default of `set` and `sweep`.
    """

    def __init__(
        self, storage: Storage, origin: Origin, variant: str | None = None, view: Overrides | None = None
    ) -> None:
        self.storage = storage
        self.pins: dict[str, Pin] = {}
        self.keep_size = view is not None and view.keep_size
        self._state = State(Document(storage.saved), origin, variant, view or Overrides())
        self._difference: Difference | None = None
        self._findings: tuple[Reading, Findings] | None = None

    # -- the present state -------------------------------------------------------------------------------------------

    @property
    def variant(self) -> str | None:
        """The variant in view; None for the file itself."""
        return self._state.variant

    @property
    def view(self) -> Overrides:
        """Other values without a change of the text."""
        return self._state.view

    @property
    def report(self) -> Report | None:
        """The last good figures; None where the text never built."""
        return self._state.report

    @property
    def document(self) -> Document:
        """The text as a document for edits."""
        return self._state.reading.document

    @property
    def text(self) -> str:
        """The text, with its byte order mark where it has one."""
        return self.document.text

    @property
    def label(self) -> str:
        """The name of the text in messages: the file, the shipped spec, REV:FILE or standard input."""
        return self._state.reading.origin.label

    @property
    def path(self) -> str | None:
        """The file; None for a shipped spec, a revision and standard input."""
        return None if self.storage.file is None else self.storage.file.path

    @property
    def variants(self) -> list[str]:
        """The variants of the text; empty where the text cannot be read."""
        return self._state.reading.variants

    @property
    def blocks(self) -> list[str]:
        """The blocks and custom types that the text defines; empty where it cannot be read."""
        spec = self._state.reading.spec
        return [] if spec is None else [*spec.blocks, *spec.custom]

    @property
    def problems(self) -> list[Problem]:
        """The problems of the present text."""
        return self._state.reading.problems

    @property
    def is_current(self) -> bool:
        """Whether `report` is the report of the present text."""
        return self._state.reading.report is not None

    @property
    def is_modified(self) -> bool:
        """Whether the text differs from the text as it was opened or last saved."""
        return self.text != self.storage.saved

    @property
    def baseline(self) -> Report | None:
        """The figures of the text as it was opened or last saved, in the present variant and view."""
        return self._state.read(Document(self.storage.saved)).report

    @property
    def history(self) -> Sequence[UndoStep]:
        """The steps that can be undone, in the order in which they were made."""
        return tuple(self._state.history.done)

    @property
    def undone(self) -> Sequence[UndoStep]:
        """The steps that can be redone; the last one is redone first."""
        return tuple(self._state.history.undone)

    # -- edits -------------------------------------------------------------------------------------------------------

    def set(
        self, layer: str, key: str, value: Any, *, keep_size: bool = False, only_if_valid: bool = False,
        merge_key: str = "",
    ) -> Outcome:  # fmt: skip
        """Set a key of the entry of a layer, or its cell of the rows. The key `name` is set as by `rename`.

        With `keep_size` the padding changes with a kernel, so that the output of the layer keeps its size.
        """
        keep = keep_size or self.keep_size
        return self._edit(
            lambda now: changes.set_value(now, layer, key, value, keep_size=keep), only_if_valid, merge_key
        )

    def set_origin(
        self, layer: str, key: str, value: Any, *, only_if_valid: bool = False, merge_key: str = ""
    ) -> Outcome:
        """Set the value that a key reads by a single name, as in `=width`, or from rows, at the place of that value."""
        return self._edit(lambda now: changes.set_origin(now, layer, key, value), only_if_valid, merge_key)

    def unset(self, layer: str, key: str, *, only_if_valid: bool = False) -> Outcome:
        """Remove a key, so that its default applies."""
        return self._edit(lambda now: changes.unset(now, layer, key), only_if_valid)

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

        Without a place the entry goes to the end of the network. `layers` of the outcome are its rows.
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
        """Set the input, as `3x64x64` or a list. Where the variant in view has its own input, set that one."""
        return self._edit(lambda now: changes.set_input(now, shape), only_if_valid, merge_key)

    def set_param(self, name: str, value: Any, *, only_if_valid: bool = False, merge_key: str = "") -> Outcome:
        """Set a param: in the variant in view where the variant sets it, else in the file."""
        return self._edit(lambda now: changes.set_param(now, name, value), only_if_valid, merge_key)

    def set_text(
        self, text: str, *, title: str = "edit the text", only_if_valid: bool = False, merge_key: str = ""
    ) -> Outcome:
        """Replace the whole text. The new text may have errors."""
        return self._edit(lambda now: EditedText(title, Document(text)), only_if_valid, merge_key)

    def set_variant(self, name: str | None) -> Outcome:
        """Look at another variant; None is the file itself. This is not a step of the history."""
        return self._state.set_variant(name)

    def undo(self) -> Outcome:
        """Undo the last step."""
        return self._state.undo()

    def redo(self) -> Outcome:
        """Redo the step that was undone last."""
        return self._state.redo()

    def _edit(self, change: Change, only_if_valid: bool, merge_key: str = "") -> Outcome:
        return self._state.edit(change, only_if_valid=only_if_valid, merge_key=merge_key)

    # -- the file and its recovery copies ------------------------------------------------------------------------------

    def save(self, path: str | None = None, *, overwrite: bool = False) -> Outcome:
        """Write the text to its file, or to `path`, which becomes its file.

        Refused where the file cannot be written. Also refused, unless `overwrite`, where the file changed on disk, or
        where another file exists at `path`.
        """
        target = path or self.path
        try:
            if target is None:
                raise UsageError(f"{self.label} has no file of its own", "give the file to save it to")
            is_other = self.storage.save(self.text, target, overwrite=overwrite)
        except UsageError as error:
            return refusal(error, self.problems)
        self._state.history.seal()
        if is_other:
            self._state.move_to(display_path(target), target)
        return Outcome(f"saved {display_path(target)}", changed=True, problems=self.problems)

    def reload(self) -> Outcome:
        """Read the file again, as one edit that can be undone. Refused where the file cannot be read."""
        name = display_path(self.path) if self.path is not None else self.label
        if self.path is None:
            return Outcome(f"{name} has no file of its own", refused=True, problems=self.problems)
        try:
            text = self.storage.read_again()
        except OSError as error:
            return Outcome(f"{name} cannot be read: {error.strerror}", refused=True, problems=self.problems)
        except SpecError as error:
            return Outcome(error.problems[0].message, refused=True, help=error.problems[0].help, problems=self.problems)
        self._state.history.seal()
        outcome = self.set_text(text, title=f"read {name} again")
        self._state.history.seal()
        return outcome

    def checkpoint(self, *, force: bool = False) -> None:
        """Write a recovery copy while there are unsaved changes, at most every two seconds; call it often.

        It also prepares the next edit.
        """
        if self._state.reading.spec is not None:
            self.document.prepare()
        garbage.collect_when_idle()
        self.storage.write_copy(self.text, force=force)

    def recoverable(self) -> Recovery | None:
        """The latest unsaved text of another session on this target, where it differs from the present text."""
        return self.storage.latest_copy(self.text)

    def recover(self) -> Outcome:
        """Replace the text by the recoverable one, as one edit that can be undone."""
        recovery = self.recoverable()
        if recovery is None:
            return Outcome("there is nothing to recover", refused=True, problems=self.problems)
        outcome = self.set_text(recovery.text, title="recover unsaved changes")
        self.checkpoint(force=True)
        self.storage.delete_other_copies()
        return outcome

    def close(self) -> None:
        """End the session and delete its recovery copy. Copies of other sessions stay until a user declines them."""
        self.storage.delete_own_copy()

    # -- pins --------------------------------------------------------------------------------------------------------

    def pin(self, name: str = "") -> Pin:
        """Pin the present state: as `A`, `B`, … without a name. Raises UsageError where it does not build."""
        if self.report is None or not self.is_current:
            raise UsageError("a text that does not build has no figures to compare with", "correct it first")
        self._state.history.seal()
        name = name or free_name(self.pins)
        self.pins[name] = Pin(name, self.text, self.variant, self.view, self.report)
        return self.pins[name]

    def unpin(self, name: str) -> None:
        """Remove a pin. Raises UsageError where there is none of that name."""
        del self.pins[find_pin(self.pins, name).name]

    @garbage.paused()
    def difference(self, pin: str = "") -> Difference | None:
        """The difference of the last good figures from a pin, or from the saved file; None where that did not build."""
        old = find_pin(self.pins, pin).report if pin else self.baseline
        if old is None or self.report is None:
            return None
        known = self._difference
        if known is None or known.old is not old or known.new is not self.report:
            known = self._difference = Difference(old, self.report)
        return known

    # -- questions; they raise UsageError for an unknown layer ---------------------------------------------------------

    def entry(self, layer: str) -> EntryPlace:
        """The place of a layer, block or container. Raises UsageError also where it is in another file."""
        return find(self._state.reading, layer)

    def line(self, layer: str = "") -> int:
        """The line of the text with the entry of a layer; without a layer, that of the first problem."""
        if layer:
            return self.document.position(self.entry(layer).path)[0]
        own = self._state.reading.source.name
        return next((each.where.line for each in self.problems if each.where.file == own and each.where.line), 1)

    def entry_lines(self) -> dict[int, str]:
        """The first layer that an entry makes, by the line of the entry; also of a text that does not build."""
        return entry_lines(self._state.reading)

    def required(self, type: str) -> dict[str, str]:
        """The keys that an entry of a type must set, each with its help."""
        return required_keys(self._state.reading, type)

    def places(self, layer: str, key: str = "") -> list[str]:
        """The rows that come from the same entry; with a key, those that an edit of it changes."""
        return self.entry(layer).layers_with(key) if key else layers_of_entry(self._state.reading, layer)

    def fields(self, layer: str) -> list[EditField]:
        """The keys of a layer, block or container that can be set, with their values."""
        return fields(self.entry(layer), self.report if self.is_current else None)

    def params(self) -> dict[str, str]:
        """The params of the spec by name, as they are written; those of the variant in view where it has its own."""
        params = self._state.reading.params()
        return {name: flow_text(as_plain(value), in_flow=False) for name, value in params.items()}

    def param_values(self) -> dict[str, Any]:
        """The values of the params of the spec by name, in the present view; empty where it has no layer."""
        params = self._state.reading.params()
        return {name: value for name, value in param_values(self._state.reading).items() if name in params}

    def findings(self) -> Findings:
        """The findings of `check` in the text, by row; computed once for a text and a variant.

        A thread may call it: it uses one reading, which no edit changes.
        """
        from convcalc.editor.findings import findings  # the lint rules: an edit does not need them

        known, reading = self._findings, self._state.reading
        if known is not None and known[0] is reading:
            return known[1]
        found = findings(reading)
        self._findings = reading, found
        return found

    def sweep(
        self, layer: str, key: str, values: Sequence[Any] | None = None, *, keep_size: bool = False,
        every_copy: bool = False,
    ) -> Iterator[SweepPoint]:  # fmt: skip
        """The network with each of the values, built one at a time; the text does not change.

        Only the layer changes, or the layers that a pattern matches, or with `every_copy` all that its entry makes. The
        layer "params" means a param of that name, and "" with the key "input" the input, or with "input.height" a size
        of it. Texts are read as `convcalc sweep` reads them: `3,5,7`, `16..128:16`, `16..256*2`.
        """
        return sweep(self._state.reading, layer, key, values, self.report, keep_size=keep_size or self.keep_size,
                     every_copy=every_copy)  # fmt: skip

    def usual_values(self, layer: str, key: str) -> list[Any]:
        """The values that `sweep` takes where none are given. Raises UsageError where none are known."""
        return usual_values(self._state.reading, layer, key, self.report)

    def present_value(self, layer: str, key: str) -> Any:
        """The value that a key has now, of several copies that of the first. Raises UsageError."""
        return present_value(self._state.reading, self.places(layer, key)[0], key, self.report)

    def sweep_axes(self, axes: Sequence[str], *, keep_size: bool = False, **options: Any) -> Sweep:
        """The networks with all combinations of values, each axis as in `conv1.kernel_size=3,5`, as rows.

        The options `where`, `sort`, `top`, `pareto` and `sample` are those of `convcalc.sweep`. Raises UsageError and
        SpecError.
        """
        from convcalc.editor.combining import sweep_axes  # an option: most sessions vary one key at a time

        return sweep_axes(self._state.reading, axes, keep_size=keep_size or self.keep_size, **options)
