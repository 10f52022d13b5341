"""Bounds on the size of a spec, so that no spec takes all time or memory of the machine.

They are far above any real network. A message names the bound that a spec exceeds. An environment variable of the same
name with CONVCALC_ before it raises it: CONVCALC_MAX_LAYERS=5000000.
"""

from __future__ import annotations

import os
from typing import TypeVar

K = TypeVar("K")
V = TypeVar("V")


def _bound(name: str, default: int) -> int:
    value = os.environ.get(f"CONVCALC_{name}", "")
    return int(value) if value.isascii() and value.isdigit() else default


# A mark has room for 2**28 lines and columns, and for 255 files beside the first.
MAX_FILE_BYTES = min(_bound("MAX_FILE_BYTES", 64 * 2**20), 2**28 - 1)  # of a file with all that it includes
MAX_INCLUDED_FILES = min(_bound("MAX_INCLUDED_FILES", 100), 255)
MAX_YAML_DEPTH = min(_bound("MAX_YAML_DEPTH", 100), 900)  # libyaml reads no more than 1,000 levels
MAX_YAML_VALUES = _bound("MAX_YAML_VALUES", 4_000_000)  # aliases counted as often as they are used
# Of a network of darknet or Caffe, which are texts.
MAX_NETWORK_TEXT_BYTES = _bound("MAX_NETWORK_TEXT_BYTES", 4 * 2**20)
MAX_NETWORK_TEXT_VALUES = _bound("MAX_NETWORK_TEXT_VALUES", 300_000)
MAX_NETWORK_TEXT_LAYERS = _bound("MAX_NETWORK_TEXT_LAYERS", 20_000)
MAX_DIGITS = _bound("MAX_DIGITS", 100)
MAX_LAYERS = _bound("MAX_LAYERS", 250_000)
MAX_BLOCK_DEPTH = _bound("MAX_BLOCK_DEPTH", 50)
MAX_EXPRESSION_LENGTH = _bound("MAX_EXPRESSION_LENGTH", 1000)
MAX_EXPRESSION_ITEMS = _bound("MAX_EXPRESSION_ITEMS", 10_000)
MAX_GRAPH_BYTES = _bound("MAX_GRAPH_BYTES", 24 * 2**20)  # of the description of a network in an archive or a trace
MAX_ARCHIVE_LIST_BYTES = _bound("MAX_ARCHIVE_LIST_BYTES", 16 * 2**20)  # of the list of files in an archive
MAX_TRACE_SECONDS = _bound("MAX_TRACE_SECONDS", 600)  # of a PyTorch module that is built and run once
MAX_CONFIG_BYTES = _bound("MAX_CONFIG_BYTES", 16 * 2**20)  # of the JSON of a network of Keras
MAX_CALLS = _bound("MAX_CALLS", 50_000)  # of layers in a network of Keras, those in nested models each time they run
MAX_CHECKPOINT_BYTES = _bound("MAX_CHECKPOINT_BYTES", 16 * 2**20)  # of the names and shapes in a file of weights
MAX_CHECKPOINT_TENSORS = _bound("MAX_CHECKPOINT_TENSORS", 200_000)
MAX_WEIGHTS_BYTES = _bound("MAX_WEIGHTS_BYTES", 1 * 2**30)  # of the weights of Keras in an archive
MAX_CANDIDATES = _bound("MAX_CANDIDATES", 10**10)  # of a sweep
MAX_PROBLEMS = _bound("MAX_PROBLEMS", 100)
# Of a network in another format.
MAX_FOREIGN_OPERATIONS = _bound("MAX_FOREIGN_OPERATIONS", 100_000)  # nodes and tensors
MAX_CONSTANT_ELEMENTS = _bound("MAX_CONSTANT_ELEMENTS", 4096)  # of a constant whose numbers are read
MAX_EVALUATED_ELEMENTS = _bound("MAX_EVALUATED_ELEMENTS", 20_000_000)  # of all constants that are worked out

# Results that stay from one build to the next: some megabytes, and more than the different layers of a sweep.
MAX_REMEMBERED = 8192


def how_to_raise(name: str) -> str:
    """The help of a message about the bound `name`."""
    return f"set CONVCALC_{name} in the environment to allow more"


def emptied(results: dict[K, V], most: int = MAX_REMEMBERED) -> dict[K, V]:
    """The results of pure functions that one build of a network leaves to the next; none where there are too many.

    It is called before a build, not during one: equal layers of one network share their results however large it is.
    """
    if len(results) > most:
        results.clear()
    return results
