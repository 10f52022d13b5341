"""The check of a built site: every link and anchor leads somewhere, and nothing is loaded from another server."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

_URL = re.compile(r"url\(\s*[\"']?(?P<url>[^\"')]+)|@import\s+[\"'](?P<imported>[^\"']+)")
# The elements that a browser loads by themselves, and the attribute that names the file.
LOADED = {**dict.fromkeys(("audio", "iframe", "img", "script", "source", "video"), "src"), "link": "href"}


class Html(HTMLParser):
    """What a page links to, what it loads, and the anchors that it has."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.anchors: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.anchors |= {name for name in (found.get("id"), found.get("name")) if name}
        if tag == "a" and found.get("href"):
            self.links.append(found["href"] or "")
        loaded = found.get(LOADED.get(tag, ""))
        if loaded and not (tag == "link" and found.get("rel") in ("canonical", "next", "prev")):
            self.loads.append(loaded)


def problems(site: Path) -> Iterator[str]:
    """What is wrong in the built site, a line each: the page and the link."""
    pages = {file: Html(file.read_text(encoding="utf-8")) for file in sorted(site.rglob("*.html"))}
    for file, page in pages.items():
        for link in (*page.links, *page.loads):
            reason = _wrong(site, file, link, pages)
            if reason:
                yield f"{file.relative_to(site)}: {link}: {reason}"
        yield from (f"{file.relative_to(site)}: loads {link} from elsewhere" for link in page.loads if is_foreign(link))
    for file in sorted(site.rglob("*.css")):
        for match in _URL.finditer(file.read_text(encoding="utf-8")):
            if is_foreign(match["url"] or match["imported"]):
                yield f"{file.relative_to(site)}: loads {match.group()} from elsewhere"


def is_foreign(link: str) -> bool:
    """Whether a link leads to another server.

    >>> [is_foreign(link) for link in ("a.html", "//fonts.example/x", "https://example.org", "data:image/png;base64,")]
    [False, True, True, False]
    """
    parts = urlsplit(link)
    return bool(parts.netloc) or parts.scheme in ("http", "https")


def _wrong(site: Path, file: Path, link: str, pages: dict[Path, Html]) -> str:
    """Why a link leads nowhere; empty where it does not, and for links to other servers."""
    parts = urlsplit(link)
    if parts.scheme or parts.netloc:
        return ""
    path = unquote(parts.path)
    target = file if not path else (site / path[1:] if path.startswith("/") else file.parent / path).resolve()
    if target.is_dir():
        target /= "index.html"
    if not target.is_file() or not target.is_relative_to(site):
        return "there is no such file"
    anchor = unquote(parts.fragment)
    if anchor and target in pages and anchor not in pages[target].anchors and anchor != "__top":
        return "the page has no such anchor"
    return ""
