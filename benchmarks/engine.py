"""Parses, builds and analyses every network of the specs in a directory and sums its figures, and does nothing else."""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from convcalc.analysis.analyse import Analysis
from convcalc.language.parse import parse
from convcalc.network.build import build
from convcalc.report.report import Report
from convcalc.text.collector import Problems
from convcalc.text.files import read_file

MAX_GARBAGE = 200_000  # the same as in `convcalc check`


def main() -> None:
    gc.disable()
    for path in sorted(Path(sys.argv[1]).glob("*.yaml")):
        source = read_file(str(path))
        spec, _ = parse(source)
        has_own = spec.input is not None or all(variant.input is None for variant in spec.variants.values())
        for variant in [*([None] if has_own else []), *spec.variants]:
            graph = build(spec, Problems(source), variant)
            Report(Analysis(graph), target=str(path)).totals.to_dict()
        if gc.get_count()[0] > MAX_GARBAGE:
            gc.collect()


if __name__ == "__main__":
    main()
