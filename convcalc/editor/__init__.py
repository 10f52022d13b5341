"""A spec that is being edited: its text, its figures, undo, saving and recovery, without any user interface.

The screen, the prompt and scripts work on a `Session`: they read keys and words, call its methods and show its state.
Nothing here prints, asks or starts threads.

    session = open_session("net.yaml@small")     a file, FILE@VARIANT, a shipped name, REV:FILE, `-`

Its state (all cheap to read):

    session.document      the text as a text.document.Document         session.text      the text as a string
    session.path          the file, None for a shipped spec or a pipe   session.label     its name in messages
    session.variant       the variant in view, or None                 session.variants  the variants of the text
    session.view          View(input, params, sharing, keep_size): other values without a change of the text
    session.blocks        the blocks and custom types of the text
    session.report        the last good figures (report.report.Report), None where there are none yet
    session.is_current    whether these are the figures of the present text
    session.problems      the problems of the present text: [] exactly where is_current is true
    session.is_modified   whether the text differs from the one that was opened or saved
    session.baseline      the figures of the text as it was opened or last saved, None where it did not build
    session.pins          name -> Pin: states with a name, to compare with
    session.history       the UndoSteps for undo, session.undone those for redo

Edits. Each gives an Outcome and never raises for a wrong request. `only_if_valid=True` refuses an edit after which the
text does not build; otherwise the text changes, `report` stays the last good one and `is_current` is False. `merge_key`
joins an edit with the previous one of the same key, as for typing in one field. A layer is given by the full name of
its row (`layer1.0.conv1`); blocks, containers and copied entries have full names too (`layer1.0`, `layer1`).

    set(layer, key, value, keep_size=)   unset(layer, key)    set_origin(layer, key, value)
    add(type, keys, after= | before= | into=)     remove(layer)                   move(layer, by)
    rename(layer, name)      set_input(shape)     set_param(name, value)          set_text(text)
    undo()                   redo()

Values are Python values or text as a user types it: `7`, `[3, 3]`, `same`, `=2 * width`.
`rename` changes every reference too. `remove`, `add` and `move` are refused where a reference would lose its layer or
refer to another one. `set_origin` changes the value that `=width` reads, or the cell of the rows. `set_variant(name)`
gives an Outcome too, but is not a step of the history. A View is given when a session is opened.

Questions; they raise UsageError for an unknown layer, key or pin:

    fields(layer) -> [EditField]       what can be set: key, value, written text, default, help, choices, origin
    places(layer, key="") -> [str]     the rows that come from the same entry, or that an edit of the key changes
    entry(layer) -> EntryPlace     where it is written
    param_values() -> {name: value}
    line(layer="") -> int          its line, or that of the first problem
    entry_lines() -> {line: layer}  also of a text that does not build
    required(type) -> {key: help}  what an entry of the type must set
    params() -> {name: text}       the params as they are written, of the variant in view where it has its own
    difference(pin="") -> Difference | None      from the file as saved, or from a pin
    findings() -> Findings         the problems and lint findings by row; slower, computed once for each text
    sweep(layer, key, values=None, keep_size=, every_copy=) -> Iterator[SweepPoint]
    usual_values(layer, key) -> [value]     those that `sweep` takes where none are given
    present_value(layer, key) -> value      that of a layer, or of a param of a block
    sweep_axes(["conv1.stride=1,2", "width=8..64*2"], where=, sort=, top=, pareto=, sample=, keep_size=) -> Sweep
    pin(name="") -> Pin            unpin(name)

Files: save(path=None, overwrite=False) -> Outcome, reload() -> Outcome, close(), storage.change_on_disk() -> str, and
storage.new_change_on_disk() -> str | None, which is cheap to call often.
Recovery: checkpoint(force=False), recoverable() -> Recovery | None, recover() -> Outcome,
storage.delete_other_copies(), storage.copy_failure. Call checkpoint after every edit, and with force=True where the
process is about to end.
"""

from convcalc.editor.history import UndoStep
from convcalc.editor.opening import open_session
from convcalc.editor.places import EntryPlace
from convcalc.editor.recovery import Recovery
from convcalc.editor.session import Session
from convcalc.editor.values import EditField, Findings, Outcome, Pin, SweepPoint, View

__all__ = ["EditField", "EntryPlace", "Findings", "Outcome", "Pin", "Recovery", "Session", "SweepPoint", "UndoStep",
           "View", "open_session"]  # fmt: skip
