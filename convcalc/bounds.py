"""Bounds that keep a spec from a stranger from eating the machine. Each message says which one was met.

They are far above any real network; whoever needs more raises the constant here, or sets the environment variable
of the same name with CONVCALC_ before it (CONVCALC_MAX_LAYERS=5000000).
"""

from __future__ import annotations

import os


def _limit(name: str, default: int) -> int:
    value = os.environ.get(f"CONVCALC_{name}", "")
    return int(value) if value.isascii() and value.isdigit() else default


# A mark counts lines and columns up to 2**28 each, and 255 files beside the first.
MAX_FILE_BYTES = min(_limit("MAX_FILE_BYTES", 64 * 2**20), 2**28 - 1)  # of a file with all that it includes
MAX_INCLUDED_FILES = min(_limit("MAX_INCLUDED_FILES", 100), 255)
MAX_YAML_DEPTH = min(_limit("MAX_YAML_DEPTH", 100), 900)  # libyaml reads no more than 1,000 levels
MAX_YAML_VALUES = _limit("MAX_YAML_VALUES", 4_000_000)  # aliases counted as often as they are used
MAX_DIGITS = _limit("MAX_DIGITS", 100)
MAX_LAYERS = _limit("MAX_LAYERS", 250_000)
MAX_BLOCK_DEPTH = _limit("MAX_BLOCK_DEPTH", 50)
MAX_EXPRESSION_LENGTH = _limit("MAX_EXPRESSION_LENGTH", 1000)
MAX_EXPRESSION_ITEMS = _limit("MAX_EXPRESSION_ITEMS", 10_000)
MAX_PROBLEMS = _limit("MAX_PROBLEMS", 100)


def how_to_raise(name: str) -> str:
    """The sentence that tells how to raise the limit `name`."""
    return f"set CONVCALC_{name} in the environment to allow more"
