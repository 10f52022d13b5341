"""Measures the playground in headless Chromium: until it is ready, and from a keystroke to the figures.

    python playground/measure.py DIR [--runs 5] [--keys 20]

DIR is what `build.py` wrote. Each figure is the median of one run of this script. `ready` is of a new browser, with
nothing in its cache; a keystroke replaces a digit of the spec by the next one, so that all figures are computed anew.
"""

from __future__ import annotations

import argparse
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median
from time import perf_counter

from playwright.sync_api import Browser, Page, sync_playwright

READY = "body[data-engine=ready]"
# The next change of the figures after a key, in milliseconds.
WATCH = """() => {
  window.measured = [];
  let pressed = 0;
  addEventListener("keydown", () => { pressed = performance.now(); }, { capture: true });
  new MutationObserver(() => { if (pressed) measured.push(performance.now() - pressed); pressed = 0; })
    .observe(document.getElementById("figures"), { childList: true });
}"""
# The network, and a part of its spec that ends in a digit.
NETWORKS = {
    "lenet": ("name: conv2, out_channels: 16", 50.0),
    "resnet@resnet50": ("base_width: 64, classes: 100", 300.0),
}


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a folder on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


def ready(browser: Browser, address: str) -> float:
    """Seconds from an address until Python is ready."""
    page = browser.new_context().new_page()
    start = perf_counter()
    page.goto(address)
    page.wait_for_selector(READY, timeout=120_000)
    taken = perf_counter() - start
    page.context.close()
    return taken


def keystrokes(page: Page, target: str, part: str, keys: int) -> list[float]:
    """Milliseconds from each key to the figures."""
    page.locator("#shipped").select_option(target)
    page.wait_for_timeout(2000)  # until the editor is quiet
    line = page.locator(".cm-line", has_text=part).first
    line.click()
    page.keyboard.press("Home")
    page.keyboard.press("Home")
    for _ in range(line.inner_text().index(part) + len(part)):
        page.keyboard.press("ArrowRight")
    page.evaluate("measured.length = 0")
    for number in range(keys):
        page.keyboard.press("Shift+ArrowLeft")
        page.keyboard.press(str(number % 10))  # the last eight texts are known, so that another digit is a new one
        # The policy of the page forbids to evaluate a text again and again in it.
        while page.evaluate("measured.length") <= number:
            page.wait_for_timeout(20)
        page.wait_for_timeout(500)  # until the views of the network have followed
    found: list[float] = page.evaluate("measured")
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--runs", type=int, default=5, help="new browsers for each form")
    parser.add_argument("--keys", type=int, default=20, help="keystrokes for each network")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    alone = (options.folder / "convcalc-playground.html").resolve().as_uri()
    with sync_playwright() as driver, served(options.folder) as hosted:
        for name, address in (("hosted", hosted), ("offline file", alone)):
            times = []
            for _ in range(options.runs):
                browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
                times.append(ready(browser, address))
                browser.close()
            print(f"ready, {name:<24} {median(times):6.1f} s   (goal 6 s)")
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(alone)
        page.wait_for_selector(READY, timeout=120_000)
        page.evaluate(WATCH)
        for target, (part, goal) in NETWORKS.items():
            taken = median(keystrokes(page, target, part, options.keys))
            print(f"keystroke to figures, {target:<17} {taken:4.0f} ms  (goal {goal:.0f} ms)")
        browser.close()


if __name__ == "__main__":
    main()
