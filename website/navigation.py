"""The configuration of the builder: mkdocs.yml, with the generated pages below their index in the navigation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from website.page import Page

_INDEX = re.compile(r"^(?P<indent> +)- (?P<title>[\w ]+): (?P<folder>[\w/-]+)/index\.md$", re.M)
_PLAYGROUND = re.compile(r"^ +- Playground: .*\n", re.M)


def configured(text: str, pages: Iterable[Page], *, has_playground: bool = False) -> str:
    """The text of mkdocs.yml with every page, and with the playground if it has been built."""
    listed = [page for page in pages if page.title]

    def section(match: re.Match[str]) -> str:
        indent, folder = match["indent"], match["folder"]
        below = [page for page in listed if page.path.rpartition("/")[0] == folder]
        lines = [f"{indent}- {match['title']}:", f"{indent}    - {folder}/index.md"]
        return "\n".join([*lines, *(f"{indent}    - {page.title}: {page.path}" for page in below)])

    return _INDEX.sub(section, text if has_playground else _PLAYGROUND.sub("", text))
