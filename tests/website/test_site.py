"""The built site: every link leads somewhere, and in Chromium a reader finds and reads pages without another server."""

from __future__ import annotations

import functools
import shutil
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from website.__main__ import build
from website.links import problems

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(find_spec("zensical") is None, reason="the site needs its builder: pip install '.[docs]'"),
]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(
    CHROMIUM is None or find_spec("playwright") is None, reason="the site is tried in Chromium by playwright"
)
PAGES = ("index", "first-steps/student", "guides/look", "reference/layers/convolution", "reference/json", "zoo/index")


class Quiet(SimpleHTTPRequestHandler):
    """A plain server of files that prints nothing."""

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("built") / "site"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


# Chromium's own remark, at times: the link goes to a heading, and the search field of the theme may not take the focus.
FOCUS = "Autofocus processing was blocked because a document's URL has a fragment"


@pytest.fixture
def tab(address: str) -> Iterator[Page]:
    """A tab of Chromium. What it asks of other servers, and what it says, must be nothing."""
    from playwright.sync_api import sync_playwright  # without it the tests are skipped

    said: list[str] = []
    own = (address, "data:", "blob:")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        made = browser.new_page(base_url=address)
        made.on("console", lambda message: None if message.text.startswith(FOCUS) else said.append(message.text))
        made.on("pageerror", lambda error: said.append(str(error)))
        made.on("request", lambda request: None if request.url.startswith(own) else said.append(request.url))
        yield made
        browser.close()
    assert said == []


def test_every_link_leads_somewhere(site: Path) -> None:
    assert list(problems(site)) == []
    assert {f"{page}.html" for page in PAGES} <= {file.relative_to(site).as_posix() for file in site.rglob("*.html")}


def test_the_reader_is_told_nothing_of_the_repository_alone(site: Path) -> None:
    text = (site / "index.html").read_text(encoding="utf-8")
    assert "zoo/index.html" in text
    assert "only in the repository" not in text


@needs_browser
@pytest.mark.parametrize("width", [360, 900, 1440])
def test_no_page_is_wider_than_the_screen(tab: Page, width: int) -> None:
    tab.set_viewport_size({"width": width, "height": 900})
    for page in PAGES:
        tab.goto(f"{page}.html", wait_until="networkidle")
        assert tab.evaluate("document.documentElement.scrollWidth") <= width, page


@needs_browser
def test_search_finds_a_layer_type(tab: Page) -> None:
    tab.goto("index.html", wait_until="networkidle")
    tab.keyboard.press("Control+k")
    tab.keyboard.type("max_unpool2d")
    tab.get_by_role("option").first.click()
    tab.wait_for_url("**/reference/layers/unpooling.html*")


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_have_the_colours_of_the_page(tab: Page, scheme: str) -> None:
    tab.emulate_media(color_scheme=scheme)  # type: ignore[arg-type] # one of its literals
    tab.goto("zoo/lenet.html", wait_until="networkidle")
    read = "([name, key]) => getComputedStyle(document.querySelector(name))[key]"
    assert tab.evaluate(read, ["img[src*=drawings]", "colorScheme"]) == scheme
    shade = sum(int(part) for part in tab.evaluate(read, ["body", "backgroundColor"])[4:-1].split(",")[:3])
    assert (shade > 600) == (scheme == "light")
