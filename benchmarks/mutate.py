"""Writes N specs: the shipped ones with all their variants, then mutations of them that still build.

A mutation has one or two of its family's variants; the mutations come from tests/fuzz.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from convcalc.checking.check_source import check_source  # noqa: E402 - found by the line above
from convcalc.checking.settings import Settings  # noqa: E402
from convcalc.errors import SpecError  # noqa: E402
from convcalc.text.source import decode  # noqa: E402
from tests.fuzz.seeds import texts, with_few_variants  # noqa: E402
from tests.fuzz.text_edits import changed_text  # noqa: E402

SEED = 1
MAX_LAYERS = 1500  # the largest shipped network has a thousand; this is about many files, not large ones


def specs() -> Iterator[bytes]:
    """The shipped specs, then their mutations without end."""
    shipped = texts()[0]
    yield from (text.encode() for text in shipped)
    chance = random.Random(SEED)  # noqa: S311 - nothing is secret here
    while True:
        for text in shipped:
            mutation = changed_text(with_few_variants(text, chance), chance)
            while not builds(mutation):
                mutation = changed_text(with_few_variants(text, chance), chance)
            yield mutation


def builds(data: bytes) -> bool:
    """Whether every network of a spec can be built, and is of a usual size."""
    try:
        checked = check_source(decode("spec.yaml", data), Settings(()))
    except SpecError:
        return False
    sizes = [totals["layers"] for totals in checked.targets.values()]
    return not checked.is_broken and bool(sizes) and max(sizes) <= MAX_LAYERS


def write(folder: Path, count: int) -> None:
    """Write `count` specs into a directory."""
    folder.mkdir()
    for number, data in zip(range(count), specs()):
        (folder / f"{number:04}.yaml").write_bytes(data)


def main() -> None:
    parser = argparse.ArgumentParser(description="Write specs and mutations of them that still build.")
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    given = parser.parse_args()
    write(given.folder, given.count)


if __name__ == "__main__":
    main()
