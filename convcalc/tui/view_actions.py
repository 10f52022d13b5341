"""Actions that change the view of the screen, and not the network."""

from __future__ import annotations

from convcalc.report.columns import COLUMNS
from convcalc.tui.dialogs import Ask, ChooseMany
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.outline import WIRING_COLUMNS

LIGHT, DARK = "textual-light", "textual-dark"
SORTS = (None, "params", "macs")


def change_wiring(main: MainScreen, by: int) -> None:
    """Show the parameters for the next wiring of every layer."""
    names = list(WIRING_COLUMNS)
    main.outline.wiring = names[(names.index(main.outline.wiring) + by) % len(names)]
    main.refresh_table()
    main.say(f"parameters {main.outline.wiring}")


def fold(main: MainScreen) -> None:
    item = main.selected
    if item is not None and item.is_block and item.key:
        main.outline.toggle(item.key)
        main.refresh_table(item.key)


def fold_all(main: MainScreen, *, unfold: bool) -> None:
    key = main.table.key
    main.outline.fold_all(unfold)
    main.refresh_table(key if unfold else key.partition(".")[0])


def filter_rows(main: MainScreen) -> None:
    """Show the rows that match; they change while the user types."""
    before = main.outline.pattern

    def show(pattern: str | None) -> None:
        main.outline.pattern = before if pattern is None else pattern
        main.refresh_table()

    help = "part of a name or type, or a pattern such as conv*; empty shows all"
    main.app.push_screen(Ask("Filter rows", value=before, help=help, live=show), show)


def jump(main: MainScreen) -> None:
    """Ask for the name of a layer and select it."""
    report = main.session.report
    if report is None:
        return
    names = [row.name for row in report.rows]

    async def go(name: str | None) -> None:
        if name is not None:
            await main.go(name)

    def matches(text: str) -> list[str]:
        return [name for name in names if text.lower() in name.lower()]

    def check(name: str) -> str:
        return "" if name in names else f"there is no layer {name}"

    help = "enter goes to the marked layer"
    main.app.push_screen(Ask("Go to a layer", help=help, options=matches, takes_option=True, check=check), go)


def choose_columns(main: MainScreen) -> None:
    def take(names: list[str] | None) -> None:
        if names is not None:
            main.outline.columns = tuple(names)
            main.refresh_table()

    answers = [(name, f"{column.header}: {column.help}") for name, column in COLUMNS.items() if name != "name"]
    main.app.push_screen(ChooseMany("Columns", answers, main.outline.columns), take)


def change_sort(main: MainScreen) -> None:
    """Sort by params, then by macs, then in the order of the network."""
    sort = main.outline.sort if main.outline.sort in SORTS else None
    main.show_sorted(SORTS[(SORTS.index(sort) + 1) % len(SORTS)])


def change_theme(main: MainScreen) -> None:
    main.app.theme = LIGHT if main.app.current_theme.dark else DARK
    main.why.refresh()
