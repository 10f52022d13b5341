"""The whole page: one file without anything from elsewhere."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from convcalc import __version__
from convcalc.drawing.palette import FAINT, INK, PAPER
from convcalc.page.markup import text
from convcalc.page.network import Article
from convcalc.page.subject import Subject
from convcalc.render.style import Screen

HERE = Path(__file__).parent
# The parts of the script in the order in which they need each other.
SCRIPTS = ("shared", "copying", "table", "rows", "drawing", "field", "layer", "start")


@dataclass(frozen=True, slots=True)
class PagePrintout:
    """The page of some networks."""

    subjects: Sequence[Subject]

    def html(self, screen: Screen) -> Iterator[str]:
        return page(self.subjects)


def page(subjects: Sequence[Subject]) -> Iterator[str]:
    """The page of one network, or of several side by side."""
    alone = len(subjects) == 1
    articles = [Article(subject, number, alone=alone) for number, subject in enumerate(subjects, 1)]
    script = _script()
    name = " · ".join(dict.fromkeys(article.name for article in articles))
    yield "<!DOCTYPE html>\n"
    yield f'<html lang="en">\n<head>\n<meta charset="utf-8">\n{_policy(script)}'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>{text(name)}</title>\n<style>\n{_style(articles)}</style>\n</head>\n<body>\n<main>\n"
    if not alone:
        from convcalc.page.comparison import side_by_side  # only a page of several networks has it

        yield from side_by_side([subject.report for subject in subjects])
        yield '<div class="articles">\n'
    for article in articles:
        yield from article.html()
    yield "" if alone else "</div>\n"
    yield f"</main>\n<footer>convcalc {__version__}: every figure on this page is exact, and was computed from the spec"
    yield f" alone.</footer>\n<script>{script}</script>\n</body>\n</html>\n"


def _script() -> str:
    parts = [(HERE / "script" / f"{name}.js").read_text("utf-8") for name in SCRIPTS]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _policy(script: str) -> str:
    """What a browser may run and load: this script, and nothing from elsewhere."""
    digest = b64encode(sha256(script.encode()).digest()).decode()
    rules = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{digest}'"
    return f'<meta http-equiv="Content-Security-Policy" content="{rules}">\n'


def _style(articles: Iterable[Article]) -> str:
    """The rules of the page, and those of the drawings."""
    drawings = "".join(dict.fromkeys(f".drawing{{{article.drawings.style}}}\n" for article in articles))
    return style() + drawings


def style() -> str:
    """The colours of the drawings for the page, and its own rules."""
    colours = [f"--ink:{INK[dark]};--faint:{FAINT[dark]};--paper:{PAPER[dark]}" for dark in (0, 1)]
    own = (HERE / "report.css").read_text("utf-8")
    return f":root{{{colours[0]}}}\n@media (prefers-color-scheme:dark){{:root{{{colours[1]}}}}}\n{own}"
