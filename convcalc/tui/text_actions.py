"""Actions on the text of the file: the user's own editor, and changes that another program makes."""

from __future__ import annotations

import os

from textual.app import SuspendNotSupported

from convcalc.errors import UsageError
from convcalc.tui import external_editor
from convcalc.tui.dialogs import Choose
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.status import ERROR, WARNING

SAVE, STAY, RELOAD = "save", "stay", "reload"


def watch(main: MainScreen) -> None:
    """Say that another program has changed the file; the change itself waits for the user."""
    change = main.session.storage.new_change_on_disk()
    if change is None:
        return
    main.is_changed_on_disk = bool(change)
    if change:
        main.say(f"{change}; ctrl+r reads it again", WARNING)
    main.refresh_summary()


async def reload(main: MainScreen) -> None:
    """Read the file again; ask first where there are unsaved changes."""
    if not main.session.is_modified:
        await _reload(main)
        return

    async def answer(choice: str | None) -> None:
        if choice == RELOAD:
            await _reload(main)

    answers = [(STAY, "Keep the changes on the screen"), (RELOAD, "Read the file; undo brings the changes back")]
    text = f"{main.session.label} would replace the unsaved changes."
    main.app.push_screen(Choose("Read the file again?", text, answers), answer)


async def _reload(main: MainScreen) -> None:
    outcome = main.session.reload()
    main.is_changed_on_disk = main.is_changed_on_disk and outcome.refused
    await main.show_outcome(outcome)


async def open_editor(main: MainScreen) -> None:
    """Open the file in the user's editor, at the selected entry or at the first problem; save first."""
    session = main.session
    if session.path is None:
        main.say(f"{session.label} has no file of its own; ctrl+s saves a copy, which the editor can open", ERROR)
    elif not session.is_modified:
        await _open_editor(main)
    else:

        async def answer(choice: str | None) -> None:
            if choice == SAVE:
                outcome = session.save()
                if outcome.refused:
                    await main.show_outcome(outcome)
                else:
                    await _open_editor(main)

        text = f"The editor opens the file; {session.label} has changes that are not in it."
        answers = [(SAVE, "Save, and open the editor"), (STAY, "Stay")]
        main.app.push_screen(Choose("There are unsaved changes", text, answers), answer)


async def _open_editor(main: MainScreen) -> None:
    path, line = os.path.relpath(main.session.path or ""), main.network.line(main.session)
    try:
        call = external_editor.call_at(external_editor.editor_words(), path, line)
        with main.app.suspend():  # an error in here would leave the terminal to the shell
            failure = external_editor.run(call)
    except SuspendNotSupported:
        failure = "this terminal cannot be given to an editor"
    except UsageError as error:
        failure = str(error)
    if main.session.storage.change_on_disk():
        await _reload(main)
    else:
        main.say(f"{path} has not changed")
    if failure:
        main.say(failure, ERROR)
    main.app.refresh()
