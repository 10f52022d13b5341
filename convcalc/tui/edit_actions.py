"""Actions that change the network, and those that pin and compare states of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from textual.screen import ModalScreen

from convcalc.editor import Outcome
from convcalc.errors import UsageError
from convcalc.tui.adding import complete_type, parse_layer, suggestions
from convcalc.tui.dialogs import Ask, AskValues
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.outline import ROOT
from convcalc.tui.status import ERROR, WARNING

Answer = TypeVar("Answer")


async def switch_keep_size(main: MainScreen) -> None:
    """Let the padding follow the kernel in every edit and sweep, or not."""
    main.session.keep_size = not main.session.keep_size
    words = "padding follows the kernel, and outputs keep their sizes" if main.session.keep_size else "padding stays"
    main.say(words)
    await main.refresh_side()


async def edit_network(main: MainScreen) -> None:
    """Open the fields of the whole network; escape leads back to the row."""
    main.came_from = main.key
    main.network.select_network()
    await main.open_tab("edit")


def add(main: MainScreen, *, after: bool) -> None:
    """Ask for a layer, and put it after or before the selected one; then ask for the keys that it still needs."""
    key, session = main.key, main.session
    place = "into" if key == ROOT else "after" if after else "before"
    typed: list[tuple[str, dict[str, str]]] = []  # the type and keys, the last at the end

    def missing() -> dict[str, str]:
        type_name, keys = typed[-1]
        return {name: help for name, help in session.required(type_name).items() if name not in keys}

    def put(more: Mapping[str, str]) -> Outcome:
        type_name, keys = typed[-1]
        at: dict[str, Any] = {place: key}
        return session.add(type_name, {**more, **keys}, **at, only_if_valid=session.is_current)

    def put_if_complete(text: str) -> Outcome:
        typed.append(parse_layer(text, session.required))
        return Outcome("") if missing() else put({})

    def ask_for_missing() -> None:
        if missing():
            _ask_for_edit(main, put, lambda check: AskValues(f"{typed[-1][0]} needs", missing(), check))

    def dialog(check: Callable[[str], str]) -> Ask:
        return Ask(
            f"Add a layer {'first' if key == ROOT else f'{place} {key}'}", check=check,
            help="a type and its parameters: conv2d out_channels=16 kernel_size=3; enter or tab takes the marked type",
            options=lambda text: suggestions(text, session.blocks),
            complete=lambda type_name: complete_type(type_name, session.required(type_name)),
        )  # fmt: skip

    _ask_for_edit(main, put_if_complete, dialog, ask_for_missing)


def rename(main: MainScreen) -> None:
    """Ask for another name of the selected entry."""
    key = _selected_entry(main)
    if not key:
        return

    def edit(name: str) -> Outcome:
        return main.session.rename(key, name.strip(), only_if_valid=main.session.is_current)

    help = "every reference to it in the file changes with it"
    name = key.rpartition(".")[2]
    _ask_for_edit(main, edit, lambda check: Ask(f"Rename {key}", value=name, help=help, check=check))


def _ask_for_edit(
    main: MainScreen,
    edit: Callable[[Answer], Outcome],
    dialog: Callable[[Callable[[Answer], str]], ModalScreen[Answer | None]],
    then: Callable[[], None] = lambda: None,
) -> None:
    """Ask for something and make the edit that it describes; the dialog stays open while the edit is refused."""
    outcomes: list[Outcome] = []

    def check(answer: Answer) -> str:
        try:
            outcome = edit(answer)
        except UsageError as error:
            return str(error)
        if outcome.refused:
            return str(outcome.problems[0] if outcome.problems else outcome)
        outcomes.append(outcome)
        return ""

    async def show(answer: Answer | None) -> None:
        if answer is None:
            return
        for outcome in outcomes:
            await main.show_outcome(outcome, next(iter(outcome.layers), None))
        then()

    main.app.push_screen(dialog(check), show)


async def remove(main: MainScreen) -> None:
    key = _selected_entry(main)
    if key:
        await main.show_outcome(main.session.remove(key))


async def move(main: MainScreen, by: int) -> None:
    key = _selected_entry(main)
    if key:
        outcome = main.session.move(key, by)
        await main.show_outcome(outcome, next(iter(outcome.layers), key))


async def switch_sharing(main: MainScreen) -> None:
    """Give each position of the layer its own weights, or let all positions share them."""
    key = _selected_entry(main)
    if not key:
        return
    row = main.selected.rows[0] if main.selected is not None else None
    is_shared = row is not None and row.config.get("sharing") == "full"
    await main.show_outcome(main.session.set(key, "sharing", "none" if is_shared else "full"))


async def undo(main: MainScreen) -> None:
    """Undo the last edit, or take back what was typed into a field and is not in the text."""
    if not main.edit.take_back():
        await main.show_outcome(main.session.undo())


async def redo(main: MainScreen) -> None:
    await main.show_outcome(main.session.redo())


def _selected_entry(main: MainScreen) -> str:
    """The key of the selected entry; empty, with a notice, where none is selected."""
    key = main.key
    if not key:
        main.say("select a layer first", WARNING)
    return key


# -- pins ----------------------------------------------------------------------------------------------------------


async def pin(main: MainScreen) -> None:
    """Pin the present state as a column, and compare with it from now on."""
    try:
        pinned = main.session.pin()
    except UsageError as error:
        main.say(str(error), ERROR)
        return
    main.against = pinned.name
    main.say(f"pinned as {pinned.name}; the figures are compared with it")
    await main.refresh_all()


async def unpin(main: MainScreen) -> None:
    """Remove the pin that the figures are compared with, or else the last one."""
    name = main.against or next(reversed(main.session.pins), "")
    if name:
        main.session.unpin(name)
        main.against = "" if main.against == name else main.against
        await main.refresh_all()


async def change_against(main: MainScreen) -> None:
    """Compare with the next of the saved file and the pins."""
    names = ["", *main.session.pins]
    place = names.index(main.against) if main.against in names else 0
    main.against = names[(place + 1) % len(names)]
    await main.refresh_all()
