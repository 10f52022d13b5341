"""Exports every shipped network to Keras, runs it and compares its figures, also those of its import.

    python -m tests.exporters.keras_zoo_round_trips [--channels-first] [TARGET ...]

The exit code is 1 where a figure differs.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections import Counter
from pathlib import Path

import pytest

from convcalc import api
from convcalc.errors import SpecError

os.environ.setdefault("KERAS_BACKEND", "torch")  # as conftest.py does: a script runs without it
pytest.importorskip("keras", reason="runs models of Keras: pip install '.[oracle]'")

from tests.exporters.keras_models import differences, network_of


def main() -> int:
    data_format = "channels_first" if "--channels-first" in sys.argv else "channels_last"
    targets = [word for word in sys.argv[1:] if not word.startswith("--")] or api.zoo()
    equal, reasons, different = 0, Counter[str](), 0
    for target in targets:
        try:
            with tempfile.TemporaryDirectory() as folder:
                wrong = differences(network_of(target), data_format, Path(folder))
        except SpecError as error:
            reasons[error.problems[0].message] += 1
            print(f"{target}: refused: {error.problems[0]}", flush=True)
            continue
        except Exception as error:  # the script goes on with the other networks
            wrong = [f"{type(error).__name__}: {str(error)[:300]}"]
        equal += not wrong
        different += bool(wrong)
        for each in wrong:
            print(f"{target}: {each}", flush=True)
    print(f"{equal} of {len(targets)} are equal, {sum(reasons.values())} are refused, {different} differ")
    for reason, count in reasons.most_common():
        print(f"{count:4} {reason}")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
