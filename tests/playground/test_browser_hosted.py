"""The hosted form in Chromium, below a path of a server."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.playground.browsing import SPEC, Browser, Watched, served, write

pytestmark = pytest.mark.slow


def test_the_hosted_form_works_below_any_path(browser: Browser, built: Path, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "playground").symlink_to(built)
    tab = Watched(browser.new_context())
    with served(tmp_path) as address:
        base = f"{address}docs/playground/"
        tab.page.goto(base)
        tab.page.wait_for_selector("body[data-engine=ready]")
        write(tab.page, SPEC)
        # A long computation gives way to a newer text.
        tab.page.keyboard.press("Control+A")
        tab.page.keyboard.insert_text(
            SPEC.replace("- relu", "- conv2d: {repeat: 4900, out_channels: 4, kernel_size: 1}")
        )
        tab.page.wait_for_timeout(200)
        write(tab.page, SPEC.replace("out_channels: 4", "out_channels: 6"))
        tab.page.context.close()
    tab.check(base)
