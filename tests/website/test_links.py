"""The check of a built site finds each kind of broken link, and nothing in a site without one."""

from __future__ import annotations

from pathlib import Path

import pytest

from website.links import problems

GOOD = """<html><head><link rel="stylesheet" href="a%20b.css"><link rel="canonical" href="https://example.org/"></head>
<body id="top"><a href="#top">up</a><a href="folder/">folder</a><a href="folder/index.html#there">there</a>
<a href="https://example.org/#x">elsewhere</a><a href="mailto:a@example.org">mail</a><a>no link</a>
<img src="data:image/png;base64,AA"><script src="code.js"></script></body></html>"""


def write(site: Path, page: str) -> None:
    (site / "folder").mkdir()
    (site / "folder" / "index.html").write_text('<h1 id="there">There</h1><a href="../index.html">back</a>')
    (site / "index.html").write_text(page)
    (site / "a b.css").write_text("p { background: url(data:image/png;base64,AA) }")
    (site / "code.js").write_text("")


def test_a_good_site(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert list(problems(tmp_path)) == []


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ('<a href="nothing.html">', "nothing.html: there is no such file"),
        ('<a href="folder">x</a><a href="folder/nothing">', "folder/nothing: there is no such file"),
        ('<a href="#nowhere">', "#nowhere: the page has no such anchor"),
        ('<a href="folder/#nowhere">', "folder/#nowhere: the page has no such anchor"),
        ('<a href="../secret.txt">', "../secret.txt: there is no such file"),
        ('<img src="nothing.svg">', "nothing.svg: there is no such file"),
        ('<script src="https://example.org/x.js">', "loads https://example.org/x.js from elsewhere"),
        ('<link rel="preconnect" href="//fonts.example.org">', "loads //fonts.example.org from elsewhere"),
    ],
)
def test_a_broken_link(tmp_path: Path, link: str, reason: str) -> None:
    write(tmp_path, GOOD.replace("</body>", link + "</body>"))
    (tmp_path.parent / "secret.txt").write_text("outside of the site")
    assert list(problems(tmp_path)) == [f"index.html: {reason}"]


@pytest.mark.parametrize("rule", ["@import 'https://example.org/x.css';", "a { src: url(//example.org/f.woff) }"])
def test_a_style_that_loads_from_elsewhere(tmp_path: Path, rule: str) -> None:
    write(tmp_path, GOOD)
    (tmp_path / "a b.css").write_text(rule)
    (found,) = problems(tmp_path)
    assert found.startswith("a b.css: loads ")
