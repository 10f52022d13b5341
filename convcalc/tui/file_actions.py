"""Actions on files: saving, recovery, copying, exporting and leaving."""

from __future__ import annotations

import os
import time
from functools import partial

from textual.widgets import Footer

from convcalc.editor import Outcome
from convcalc.editor.tables import markdown_table
from convcalc.errors import UsageError
from convcalc.tui.dialogs import Ask, Choose
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.status import ERROR

SAVE, LEAVE, STAY = "save", "leave", "stay"
KEEP, OVERWRITE = "keep", "overwrite"
FOOTER_TRIES, FOOTER_SECONDS = 40, 0.05  # waits for the footer, before a picture is made
RECOVER, DELETE = "recover", "delete"


def offer_recovery(main: MainScreen) -> None:
    """Ask what to do with unsaved changes of an earlier run."""
    session = main.session
    recovery = session.recoverable()
    if recovery is None:
        return

    async def answer(choice: str | None) -> None:
        if choice == RECOVER:
            await main.show_outcome(session.recover())
        elif choice == DELETE:
            session.storage.delete_other_copies()

    when = time.strftime("%A %d %B, %H:%M", time.localtime(recovery.time))
    text = f"{session.label} has changes of {when} that were not saved."
    answers = [(RECOVER, "Recover them"), (DELETE, "Delete them")]
    main.app.push_screen(Choose("There are unsaved changes of an earlier run", text, answers), answer)


async def save(main: MainScreen) -> None:
    """Write the file; ask for its name where there is none yet."""
    if main.session.path is None:
        save_as(main)
    else:
        await _save(main, None)


def save_as(main: MainScreen) -> None:
    """Ask for a name, and write the text to that file from now on."""

    async def take(path: str | None) -> None:
        if path and path.strip():
            await _save(main, path.strip())

    path, label = main.session.path, main.session.label
    name = path or f"{os.path.basename(label).partition('@')[0].removesuffix('.yaml')}.yaml"
    is_shipped = path is None
    help = "a shipped spec is copied, never written" if is_shipped else "from then on the text is saved to this file"
    main.app.push_screen(Ask("Save as", value=name, help=help), take)


async def _save(main: MainScreen, path: str | None, *, overwrite: bool = False, leave: bool = False) -> None:
    outcome = main.session.save(path, overwrite=overwrite)
    is_in_the_way = bool(main.session.storage.change_on_disk()) if path is None else os.path.exists(path)
    if outcome.refused and is_in_the_way and not overwrite:
        _ask_overwrite(main, path, outcome, leave)
        return
    main.is_changed_on_disk = main.is_changed_on_disk and outcome.refused
    await main.show_outcome(outcome)
    if leave and not outcome.refused:
        _leave(main)


def _ask_overwrite(main: MainScreen, path: str | None, outcome: Outcome, leave: bool) -> None:
    async def answer(choice: str | None) -> None:
        if choice == OVERWRITE:
            await _save(main, path, overwrite=True, leave=leave)

    answers = [(KEEP, "Keep the file as it is"), (OVERWRITE, "Overwrite it")]
    main.app.push_screen(Choose("Overwrite the file?", str(outcome), answers), answer)


# -- copies --------------------------------------------------------------------------------------------------------


def copy_row(main: MainScreen) -> None:
    """Copy the selected row as Markdown to the clipboard of the terminal."""
    _copy(main, main.table.key or None)


def copy_table(main: MainScreen) -> None:
    _copy(main, None)


def _copy(main: MainScreen, layer: str | None) -> None:
    report = main.session.report
    if report is None:
        main.say("there are no figures yet: correct the text first", ERROR)
        return
    try:
        text = markdown_table(report, layer, ["name", *(column.name for column in main.outline.figures())])
    except UsageError as error:
        main.say(str(error), ERROR)
        return
    main.app.copy_to_clipboard(text)
    main.say(f"{layer or 'the table'} was copied as Markdown")


def export(main: MainScreen) -> None:
    """Write a picture of the screen to an SVG file."""

    def write(path: str) -> None:
        try:
            folder, name = os.path.split(path.strip())
            main.app.save_screenshot(name, folder or ".")
            main.say(f"the screen is in {path.strip()}")
        except OSError as error:
            main.say(f"{path} cannot be written: {error.strerror}", ERROR)

    footer = main.query_one(Footer)

    def write_with_footer(path: str, tries: int = FOOTER_TRIES) -> None:
        is_empty = not any(each.region.width for each in footer.children)
        if is_empty and tries:  # Textual fills it anew after a dialog
            main.set_timer(FOOTER_SECONDS, partial(write_with_footer, path, tries - 1))
        else:
            write(path)

    def later(path: str | None) -> None:
        if path:
            main.app.call_later(write_with_footer, path)  # after the dialog has closed: the picture must not show it

    main.app.push_screen(Ask("Export the screen as", value="convcalc.svg"), later)


# -- leaving -------------------------------------------------------------------------------------------------------


async def quit(main: MainScreen) -> None:
    """Leave; ask first where there are unsaved changes."""
    session = main.session
    if not session.is_modified:
        _leave(main)
        return
    if isinstance(main.app.screen, Choose):
        return  # the question is open already

    async def answer(choice: str | None) -> None:
        if choice == LEAVE:
            _leave(main)
        elif choice == SAVE and session.path is not None:
            await _save(main, None, leave=True)
        elif choice == SAVE:
            save_as(main)

    answers = [(SAVE, "Save"), (LEAVE, "Leave without saving"), (STAY, "Stay")]
    text = f"{session.label} differs from the saved text"
    main.app.push_screen(Choose("There are unsaved changes", text, answers), answer)


def _leave(main: MainScreen) -> None:
    main.session.close()
    main.app.exit()
