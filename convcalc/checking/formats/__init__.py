"""The formats of findings. Each module of this folder is one format, with a function `chunks(results, options)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from convcalc.checking.results import Results
from convcalc.render.style import Style, plain_style

FORMATS = tuple(sorted(module.name for module in iter_modules(__path__)))
# Python has these in a file's name in place of bytes that are not UTF-8; no output can contain them.
UNWRITABLE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of a format.

    `style` colours the text of a terminal, and `width` is its number of columns (None: nothing is wrapped). `verbose`
    lists the files without findings and the skipped files; `offer_fixes` shows the number of findings that `--fix`
    can fix. With `quiet` only the findings are written, in the formats that are read by people.
    """

    style: Style = plain_style
    verbose: bool = False
    quiet: bool = False
    width: int | None = None
    offer_fixes: bool = False


def chunks(name: str, results: Results, options: Options) -> Iterator[str]:
    """The results in the format of that name, in pieces."""
    write: Callable[[Results, Options], Iterator[str]] = import_module(f"{__name__}.{name}").chunks
    for chunk in write(results, options):
        yield chunk if chunk.isascii() else UNWRITABLE.sub("\ufffd", chunk)
