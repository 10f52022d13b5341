"""Exports every shipped network to PyTorch, runs it and compares its figures.

    python -m tests.exporters.zoo_round_trips [--again] [TARGET ...]

`--again` imports each module again and compares the figures of that, too. The exit code is 1 where a figure differs.
"""

from __future__ import annotations

import sys

import pytest

from convcalc import api
from convcalc.errors import SpecError

pytest.importorskip("torch", reason="runs modules of PyTorch: pip install '.[oracle]'")

from tests.exporters.modules import differences


def main() -> int:
    again = "--again" in sys.argv
    targets = [word for word in sys.argv[1:] if not word.startswith("--")] or api.zoo()
    equal, refused, different = 0, 0, 0
    for target in targets:
        try:
            wrong = differences(target, again=again)
        except SpecError as error:
            refused += 1
            print(f"{target}: refused: {error.problems[0]}")
            continue
        equal += not wrong
        different += bool(wrong)
        for each in wrong:
            print(f"{target}: {each}", flush=True)
    print(f"{equal} of {len(targets)} are equal, {refused} are refused, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
