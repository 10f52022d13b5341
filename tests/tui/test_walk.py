"""The walk in docs/guides/explore.md, key by key: what it says is on the screen."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

import convcalc
from docs.make_images import CLAIM, KEY, PICTURE, Step, walk
from tests.tui.driving import on_screen

pytestmark = [pytest.mark.anyio, pytest.mark.slow]
SIZE = (120, 46)


async def test_the_walk_of_the_page_goes_as_it_says() -> None:
    steps, done = list(walk()), []
    assert {KEY, CLAIM, PICTURE} == {step.kind for step in steps}
    async with on_screen("lenet", SIZE) as screen:
        main = screen.main
        for step in steps:
            done.append(step)
            if step.kind == KEY:
                await screen.press(step.text)
                await screen.until(lambda: not main.session.is_current or main._checked_text == main.session.text)
            elif step.kind == CLAIM:
                assert not screen.app.is_running or step.text in screen.shown(), (done[-8:], screen.shown())
        assert done[-1] == Step(KEY, "q")
        await screen.until(lambda: screen.app.return_code is not None)
    report = convcalc.analyse("lenet.yaml")
    assert report.row("conv1").params == 89_856
    assert Path("lenet.yaml").exists()
