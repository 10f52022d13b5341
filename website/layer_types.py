"""A page for each family of layer types: the manual pages of `convcalc layers`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from convcalc import layers
from convcalc.manual import words
from convcalc.manual.pages import Manual, families, manual
from website.page import Page, joined, paragraph, sections, table

FOLDER = "reference/layers"
# What is not a layer type: the titles of `convcalc layers`, and the names and texts of their pages.
OTHERS: Mapping[str, Mapping[str, str]] = {
    "Containers": words.CONTAINERS,
    "Types that a file defines": words.SECTIONS,
    "Keys of every entry": words.ENTRY_KEYS,
}


def pages() -> Iterator[Page]:
    groups = {**families(), **{title: [Manual(*item) for item in texts.items()] for title, texts in OTHERS.items()}}
    yield Page(f"{FOLDER}/index.md", joined(_overview(groups)))
    for title, manuals in groups.items():
        yield Page(f"{FOLDER}/{_file(title)}", joined(_family(title, manuals)), title)


def places() -> dict[str, str]:
    """Where the site describes each layer type, by its name."""
    return {
        name: f"{FOLDER}/{_file(title)}#{name}"
        for title, manuals in families().items()
        for page in manuals
        for name in page.name.split()
    }


def _overview(groups: Mapping[str, list[Manual]]) -> Iterator[str]:
    yield "# Layer types"
    yield (
        "What every type takes, what it gives, and the formulas of its figures. Types and parameters have PyTorch's "
        "names. `convcalc layers TYPE` prints the same page in a terminal."
    )
    for title, manuals in groups.items():
        yield f"## {title}"
        rows = [
            (" ".join(f"[`{name}`]({_file(title)}#{name})" for name in page.name.split()),
             paragraph(page.summary))
            for page in manuals
        ]  # fmt: skip
        yield table(("name", "what it is"), rows)


def _family(title: str, manuals: list[Manual]) -> Iterator[str]:
    yield f"# {title}"
    for page in manuals:
        for names in _alike(page.name.split()):
            kind = layers.find(_typical(names))
            yield f"## {', '.join(names)} {{ #{names[0]} }}"
            yield "".join(f'<a id="{name}"></a>' for name in names[1:])
            yield from sections(page if kind is None else manual(kind), 3)


def _alike(names: Iterable[str]) -> Iterable[list[str]]:
    """The names of one page, grouped by their parameters and defaults."""
    found: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        kind = layers.find(name)
        settings = [] if kind is None else [f"{key}={kind.default(key)!r}" for key in kind.parameters]
        found.setdefault(tuple(settings), []).append(name)
    return found.values()


def _typical(names: list[str]) -> str:
    """The type whose example is shown: that of images, if there is one."""
    return next((name for name in names if name.endswith("2d")), names[0])


def _file(title: str) -> str:
    return title.lower().replace(" ", "-") + ".md"
