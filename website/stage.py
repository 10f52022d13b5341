"""The pages of the repository as pages of the site: their links follow them, and names lead to their reference."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
# Pages outside of docs/ that the site has too, and their places in it.
OUTSIDE = {
    "CONTRIBUTING.md": "project/contributing.md",
    "CHANGELOG.md": "project/changes.md",
    "SECURITY.md": "project/security.md",
    "benchmarks/README.md": "project/benchmarks.md",
    "README.md": "index.md",
}
# Text with links to generated pages is a comment in the repository; what is true of the repository alone has a mark.
_ONLY_SITE = re.compile(r"<!-- only on the site\n(.*?)-->\n", re.S)
_ONLY_REPOSITORY = re.compile(r"<!-- only in the repository -->\n.*?(?:\n\n|\Z)", re.S)
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([^)]+)\)$", re.M)
_FENCE = re.compile(r"^( *)```.*?^\1```$", re.M | re.S)
_LINK = re.compile(r"(?<=\]\()[^)\s]+(?=\))")
_CODE = re.compile(r"(?<![`\[])`([^`\n]+)`(?![`\]])")


class BrokenLink(Exception):
    """A link of a page that leads nowhere."""


def staged() -> Iterator[tuple[Path, str]]:
    """The pages of the repository: each file, and its place in the site."""
    yield from ((file, file.relative_to(DOCS).as_posix()) for file in sorted(DOCS.rglob("*.md")))
    yield from ((ROOT / file, place) for file, place in OUTSIDE.items() if file != "README.md")


def copy(target: Path, references: Mapping[str, str]) -> None:
    """Writes the pages of the repository, and the pictures in them, into a folder."""
    shutil.copytree(DOCS / "images", target / "images")
    for file, place in staged():
        text = on_the_site(file.read_text(encoding="utf-8"), file, place, references)
        page = target / place
        page.parent.mkdir(parents=True, exist_ok=True)
        page.write_text(text, encoding="utf-8")


def on_the_site(text: str, file: Path, place: str, references: Mapping[str, str]) -> str:
    """The text of a page of the repository as the site has it."""
    text = _ONLY_REPOSITORY.sub("", _ONLY_SITE.sub(r"\1", text))
    text = outside_code(text, lambda part: linked(moved(part, file, place), place, references))
    # A picture that is small on a phone can be opened alone.
    return outside_code(text, lambda part: _PICTURE.sub(r"[\g<0>](\1)", part))


def outside_code(text: str, change: Callable[[str], str]) -> str:
    """The text with a change of everything but its fenced blocks."""
    parts, last = [], 0
    for fence in _FENCE.finditer(text):
        parts += [change(text[last : fence.start()]), fence.group()]
        last = fence.end()
    return "".join([*parts, change(text[last:])])


def moved(text: str, file: Path, place: str) -> str:
    """The text of a page with its links rewritten for its place in the site."""

    def link(match: re.Match[str]) -> str:
        path, mark, anchor = match.group().partition("#")
        if not path or ":" in path:
            return match.group()
        found = _place((file.parent / path).resolve(), file)
        return os.path.relpath(found, os.path.dirname(place) or ".") + mark + anchor

    return _LINK.sub(link, text)


def _place(target: Path, file: Path) -> str:
    """Where the site has a file of the repository."""
    if target.is_relative_to(DOCS):
        return target.relative_to(DOCS).as_posix()
    name = target.relative_to(ROOT).as_posix()
    if target.parent == ROOT / "specs" and target.suffix == ".yaml":
        return f"zoo/{target.stem}.md"
    if name not in OUTSIDE:
        raise BrokenLink(f"{file.relative_to(ROOT)}: the site has no {name}")
    return OUTSIDE[name]


def linked(text: str, place: str, references: Mapping[str, str]) -> str:
    """The text in which each name in code that has a reference page, such as `conv2d`, leads to that page."""

    def link(match: re.Match[str]) -> str:
        found = references.get(match[1]) or references.get(_command(match[1]))
        if found is None or found.partition("#")[0] == place:
            return match.group()
        return f"[{match.group()}]({os.path.relpath(found, os.path.dirname(place) or '.')})"

    return "\n".join(line if line.startswith("#") else _outside_links(line, link) for line in text.split("\n"))


def _outside_links(line: str, change: Callable[[re.Match[str]], str]) -> str:
    """A line with a change of its code, but not inside of the text of a link."""
    parts = re.split(r"(!?\[[^\]]*\]\([^)]*\))", line)
    return "".join(part if number % 2 else _CODE.sub(change, part) for number, part in enumerate(parts))


def _command(text: str) -> str:
    """The first two words of a call, which name the command."""
    return " ".join(text.split()[:2])


def references(commands: Iterable[str], rules: Iterable[str], types: Mapping[str, str]) -> dict[str, str]:
    """The page of each name that text in code may be: a call, a lint rule, a layer type.

    A type of one word may be an English word or a word of a shell script, so that only names with a sign are linked.
    """
    found = {f"convcalc {name}": f"reference/commands/{name}.md" for name in commands}
    found |= {name: f"reference/rules/{name}.md" for name in rules if "-" in name}
    return found | {name: page for name, page in types.items() if re.search(r"[_\d]", name)}
