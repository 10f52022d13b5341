"""The formats in which findings are told. A format is one module that holds `chunks(results, options)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from importlib import import_module

from convcalc.checking.results import Results
from convcalc.render.diagnostics import Style, plain_style

# Format -> the module that writes it.
FORMATS = {
    "text": "text", "github": "github", "gitlab": "gitlab", "sarif": "sarif", "junit": "junit", "json": "json_",
}  # fmt: skip
# What stands for the bytes of a file's name that are no UTF-8: no output could hold it.
UNWRITABLE = re.compile("[\ud800-\udfff]")


class Options:
    """How a format is to be written.

    `style` colours the text of a terminal, `width` are its columns (None: nothing is wrapped), `verbose` tells what
    was fine and what was passed over as well, and `offer_fixes` how many findings `--fix` would mend.
    """

    __slots__ = ("style", "verbose", "width", "offer_fixes")

    def __init__(
        self, style: Style = plain_style, verbose: bool = False, width: int | None = None, offer_fixes: bool = False
    ) -> None:
        self.style = style
        self.verbose = verbose
        self.width = width
        self.offer_fixes = offer_fixes


def chunks(name: str, results: Results, options: Options) -> Iterator[str]:
    """The pieces of the text that the format of that name makes of the results."""
    write: Callable[[Results, Options], Iterator[str]] = import_module(f"{__name__}.{FORMATS[name]}").chunks
    for chunk in write(results, options):
        yield chunk if chunk.isascii() else UNWRITABLE.sub("\ufffd", chunk)
