"""The playground, built once, and opened once in each module; skipped where it cannot be."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.playground.browsing import Browser, Page, Watched

ROOT = Path(__file__).resolve().parents[2]
OFFLINE = "convcalc-playground.html"
PYODIDE = ROOT / "playground" / "node_modules" / "pyodide"


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `playground/build.py` wrote; CONVCALC_PLAYGROUND names one that is built already."""
    given = os.environ.get("CONVCALC_PLAYGROUND")
    if given:
        return Path(given)
    if shutil.which("npm") is None:
        pytest.skip("npm is missing, so that the playground cannot be built")
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "playground"
    with (shared / "playground.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one process builds, and the others wait
        if not folder.exists():
            _build(folder)
    return folder


def _build(folder: Path) -> None:
    fetched = ["--no-fetch"] if PYODIDE.is_dir() else []
    command: list[str | Path] = [sys.executable, ROOT / "playground" / "build.py", "--output", folder, *fetched]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode and not PYODIDE.is_dir():
        pytest.skip("the npm packages of the playground cannot be fetched")
    assert done.returncode == 0, done.stderr


# It ends with its module: Playwright holds the event loop of the thread, which tests of other folders need.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # The tests without a browser do without playwright.
    from tests.playground.browsing import CHROMIUM, PATIENCE, expect, sync_playwright

    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as driver:
        started = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture(scope="module")
def opened(browser: Browser, built: Path) -> Iterator[Watched]:
    """The offline file, without a network: opened once in a module, because Python takes seconds to load."""
    from tests.playground.browsing import Watched, expect  # as above

    context = browser.new_context(
        offline=True, viewport={"width": 1440, "height": 900}, permissions=["clipboard-read", "clipboard-write"]
    )
    tab = Watched(context)
    tab.page.goto((built / OFFLINE).as_uri())
    expect(tab.page.locator("#figures")).to_contain_text("44,426")  # at once, before Python is there
    assert tab.page.locator("body").get_attribute("data-engine") == "starting"
    tab.page.wait_for_selector("body[data-engine=ready]")
    yield tab
    context.close()
    tab.check("file:")


@pytest.fixture
def tab(opened: Watched) -> Page:
    """The tab with the small spec, as a user has it at first."""
    from tests.playground.browsing import SPEC, write  # as above

    page = opened.page
    page.set_viewport_size({"width": 1440, "height": 900})
    page.locator("#tab-graph").click()
    page.locator("#tab-layer").click()
    page.locator("#wirings input").first.check()
    write(page, SPEC)
    return page
