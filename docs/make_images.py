"""Makes the pictures for the README and the docs: python docs/make_images.py.

The pictures of the screen need the extra `explore`.
"""

from __future__ import annotations

import asyncio
import io
import os
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.terminal_theme import MONOKAI
from textual.pilot import Pilot

from convcalc import analyse, difference, sweep
from convcalc.editor import open_session
from convcalc.render.difference_printout import DifferencePrintout
from convcalc.render.report import report_sheet
from convcalc.render.style import Screen
from convcalc.render.table import sheets_renderable
from convcalc.report.columns import DEFAULT, columns
from convcalc.report.view import View
from convcalc.tui.app import ExploreApp

PAGE = Path(__file__).parent / "guides" / "explore.md"
IMAGES = Path(__file__).parent / "images"
SCREEN = (112, 27)  # columns and lines of the pictures of the screen
# A picture inside a page cannot load fonts from elsewhere, so it uses the reader's own monospaced font.
_FONT_FACE = re.compile(r"\s*@font-face \{.*?\}", re.S)
_FONT = re.compile(r"Fira Code, monospace")
_SPEC = re.compile(r"^```yaml\n(# mobile\.yaml.*?)^```", re.M | re.S)
_NUMBERED = re.compile(r"terminal-\d+")
_BLANK = re.compile(r"<text [^>]*>(?:&#160;)*</text>")
_CLIPS = re.compile(r"<clipPath id=\"[\w-]+-line-\d+\">.*?</clipPath>\s*| clip-path=\"url\(#[\w-]+-line-\d+\)\"", re.S)


def portable(svg: str) -> str:
    """Removes foreign fonts from a picture, and what shows nothing: blanks, and clips of lines that fit."""
    svg = _FONT.sub("monospace", _FONT_FACE.sub("", svg))
    return _CLIPS.sub("", _BLANK.sub("", _NUMBERED.sub("convcalc", svg)))


def count_picture(target: str, file: Path) -> None:
    """The table of `convcalc count TARGET` as an SVG: light text on a dark ground, readable on any page."""
    sheet = report_sheet(View(analyse(target), columns(DEFAULT)))
    console = Console(record=True, width=sheet.width, file=io.StringIO(), force_terminal=True, highlight=False)
    console.print(sheets_renderable([sheet]))
    # A fixed id, so that the same table always makes the same file.
    svg = console.export_svg(title=f"convcalc count {target}", theme=MONOKAI, unique_id="convcalc")
    file.write_text(portable(svg), encoding="utf-8")


class Step(NamedTuple):
    """A step of the walk in docs/guides/explore.md: a key, a text that the screen shows then, or a picture of it."""

    kind: str
    text: str


KEY, CLAIM, PICTURE = "key", "claim", "picture"
_KEYS = {"↓": "down", "↑": "up", **{key: key for key in ("enter", "escape", "tab", "ctrl+s", "ctrl+z", *"ewruq1269")}}
_STEP = re.compile(r"!\[.*?\]\(../images/explore-(?P<picture>[\w-]+)\.svg\)|`(?P<code>[^`]+)`(?P<twice> twice)?"
                   r"|(?P<figure>\d[\d,.x]*\d(?: %)?|\d)")  # fmt: skip


def walk() -> Iterator[Step]:
    """The steps of the walk: every key in it, and every figure and every other text in backquotes, which must show."""
    text = PAGE.read_text(encoding="utf-8").partition("On the left are")[2].partition("\n## ")[0]
    for found in _STEP.finditer(text):
        code = found["code"]
        if found["picture"]:
            yield Step(PICTURE, found["picture"])
        elif code in _KEYS:
            yield from [Step(KEY, _KEYS[code])] * (2 if found["twice"] else 1)
        else:
            yield Step(CLAIM, code or found["figure"])


async def screen_pictures(folder: Path) -> None:
    """The screen of `convcalc explore lenet` where the walk in docs/guides/explore.md has a picture."""
    app = ExploreApp(open_session("lenet"))

    async def picture(pilot: Pilot[None], name: str) -> None:
        await pilot.pause()
        app.main.start_lint()  # the screen would start it a little later
        await app.workers.wait_for_complete()
        await pilot.pause()
        svg = app.export_screenshot(title="convcalc explore lenet")
        (folder / f"explore-{name}.svg").write_text(portable(svg), encoding="utf-8")

    async with app.run_test(size=SCREEN) as pilot:
        for step in walk():
            if step == (KEY, "ctrl+s"):
                break  # the rest writes a file
            if step.kind == KEY:
                await pilot.press(step.text)
            elif step.kind == PICTURE:
                await picture(pilot, step.text)


# Each drawing that a page shows: the name of its file, the target, and the arguments of Report.draw.
DRAWINGS: list[tuple[str, str, dict[str, str]]] = [
    ("wiring-lenet-conv1", "lenet", {"kind": "wiring", "layer": "conv1"}),
    ("wiring-lenet5-c3", "lenet5-1998", {"kind": "wiring", "layer": "C3"}),
    ("graph-unet", "unet", {"kind": "graph"}),
    ("graph-resnet50-heat", "resnet50", {"kind": "graph", "heat": "params"}),
    ("maps-lenet", "lenet", {"kind": "maps"}),
    ("maps-alexnet", "alexnet", {"kind": "maps"}),
    ("maps-unet", "unet", {"kind": "maps"}),
]


def sweep_pictures(folder: Path) -> None:
    """The plots of docs/guides/sweep.md, whose spec is written there."""
    spec = _SPEC.search((PAGE.parent / "sweep.md").read_text(encoding="utf-8"))
    assert spec is not None  # the page has it
    with tempfile.TemporaryDirectory() as work:
        file = Path(work, "mobile.yaml")
        file.write_text(spec[1], encoding="utf-8")
        mobile = sweep(file, ["width=0.25..1.5:0.05", "depth=0.5..2:0.05"], where="macs < 300M",
                       pareto="params,-receptive_field")  # fmt: skip
        mobile.plot().save(folder / "sweep-mobile.svg")
    kernels = ["conv1.kernel_size=1..13:2", "conv2.kernel_size=1..7:2"]
    sweep("lenet", kernels, pareto="params,macs").plot().save(folder / "sweep-lenet.svg")


def change_picture(old: str, new: str) -> str:
    """The drawing of `convcalc diff OLD NEW`."""
    found = difference(old, new)
    return "".join(DifferencePrintout(found).svg(Screen()))


def drawings(folder: Path) -> None:
    """The drawings of the pages."""
    (folder / "change-alexnet.svg").write_text(change_picture("alexnet", "alexnet@torchvision"), encoding="utf-8")
    for name, target, arguments in DRAWINGS:
        analyse(target).draw(**arguments).save(folder / f"{name}.svg")  # type: ignore[arg-type]


if __name__ == "__main__":
    IMAGES.mkdir(exist_ok=True)
    count_picture("lenet", IMAGES / "count-lenet.svg")
    drawings(IMAGES)
    sweep_pictures(IMAGES)
    with tempfile.TemporaryDirectory() as state:  # for the copies of unsaved changes
        os.environ["XDG_STATE_HOME"] = state
        asyncio.run(screen_pictures(IMAGES))
