"""The formats in which findings are printed. Each module of this folder is one: it holds `chunks(results, options)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from convcalc.checking.results import Results
from convcalc.render.style import Style, plain_style

FORMATS = tuple(sorted(module.name for module in iter_modules(__path__)))
# Stand-ins for the bytes of a file's name that are not UTF-8: no output could hold them.
UNWRITABLE = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Options:
    """How a format is to be written.

    `style` colours the text of a terminal, and `width` is its number of columns (None: nothing is wrapped). With
    `verbose` the files without findings and those that were passed over are named, and with `offer_fixes` it is said
    how many findings `--fix` would fix.
    """

    style: Style = plain_style
    verbose: bool = False
    width: int | None = None
    offer_fixes: bool = False


def chunks(name: str, results: Results, options: Options) -> Iterator[str]:
    """The text that the format of that name makes of the results, in pieces."""
    write: Callable[[Results, Options], Iterator[str]] = import_module(f"{__name__}.{name}").chunks
    for chunk in write(results, options):
        yield chunk if chunk.isascii() else UNWRITABLE.sub("\ufffd", chunk)
