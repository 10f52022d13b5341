"""What arrives while the screen closes: the result of a worker, a timer, a message of a part."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

from textual.screen import Screen

from convcalc.editor import Findings, open_session
from convcalc.tui.app import ExploreApp
from convcalc.tui.main_screen import MainScreen
from convcalc.tui.table import NetworkTable

pytestmark = [pytest.mark.anyio, pytest.mark.slow]

Step = Callable[[], Awaitable[None]]


def call_while_closing(step: Step, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call `step` when the parts of the screen are removed already, and the screen itself is not yet."""

    async def unmounted(self: Screen[object]) -> None:
        await step()

    monkeypatch.setattr(Screen, "on_unmount", unmounted, raising=False)


async def test_the_rules_end_while_the_screen_closes(lenet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    session = open_session(lenet)
    app = ExploreApp(session)

    def findings() -> Findings:
        released.wait()
        return Findings([], {}, [])

    async def release() -> None:
        released.set()
        await app.workers.wait_for_complete()

    monkeypatch.setattr(session, "findings", findings)
    call_while_closing(release, monkeypatch)
    async with app.run_test() as pilot:
        await pilot.pause()
        app.main.start_lint()
        await pilot.pause()
    assert released.is_set()


async def test_timers_and_messages_of_parts_while_the_screen_closes(
    lenet: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = ExploreApp(open_session(lenet))
    refreshed: list[str] = []

    async def refresh(self: MainScreen, *, keep: bool = False) -> None:
        refreshed.append(self.tab)

    async def arrive() -> None:
        monkeypatch.setattr(MainScreen, "refresh_side", refresh)
        assert not app.main.post_message(NetworkTable.Selected("conv1"))
        await app.action_perform("undo")
        assert not any(timer._task and not timer._task.done() for timer in app.main._timers)

    call_while_closing(arrive, monkeypatch)
    async with app.run_test() as pilot:
        await pilot.pause()
    assert not refreshed


async def test_a_form_is_opened_after_the_app_was_asked_to_exit(lenet: str) -> None:
    app = ExploreApp(open_session(lenet))
    async with app.run_test() as pilot:
        await pilot.pause()
        app.exit()
        await app.main.edit.prepare(99)
