"""The configuration of the builder: mkdocs.yml, with the generated pages below their index in the navigation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from website.page import Page

_INDEX = re.compile(r"^(?P<indent> +)- (?P<title>[\w ]+): (?P<folder>[\w/-]+)/index\.md$", re.M)


def configured(text: str, pages: Iterable[Page]) -> str:
    """The text of mkdocs.yml with every page."""
    listed = list(pages)

    def section(match: re.Match[str]) -> str:
        indent, place = match["indent"], match["folder"]
        below = [page for page in listed if page.title and page.path.rpartition("/")[0] == place]
        lines = [f"{indent}- {match['title']}:", f"{indent}    - {place}/index.md"]
        return "\n".join([*lines, *(f"{indent}    - {page.title}: {page.path}" for page in below)])

    return _INDEX.sub(section, text)
