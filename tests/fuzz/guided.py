"""Mutations that are guided by the lines which they reach, by atheris (`pip install atheris`).

    python -m tests.fuzz.guided CORPUS -runs=20000 -artifact_prefix=/tmp/failures/

CORPUS is a directory; it is filled with the specs of the repository, and grows by the inputs that reach more. The
options are those of libFuzzer. An input that fails ends the run and is saved.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

import atheris  # type: ignore[import-untyped,unused-ignore]  # not of the extras: it may not be there

with atheris.instrument_imports(include=["convcalc"]):
    from tests.fuzz import seeds
    from tests.fuzz.survival import bounded, confine, survive
    from tests.fuzz.text_edits import changed_text, encoded
    from tests.fuzz.tree_edits import changed_structure

MAX_BYTES = 20_000


def one(data: bytes) -> None:
    """Try one input; what it raises ends the run."""
    with bounded(20):  # counting lines takes its time
        survive(data)


def mutate(data: bytes, max_size: int, seed: int) -> bytes:
    """A change of the input in its text or structure, or one by libFuzzer."""
    chance = random.Random(seed)  # noqa: S311 - nothing is secret here
    text = data.decode("utf-8", "replace")
    kind = chance.random()
    if kind < 0.2:
        return bytes(atheris.Mutate(data, max_size))
    if kind < 0.6:
        return changed_text(text, chance)[:max_size]
    return encoded(changed_structure(text, chance))[:max_size]


def main() -> None:
    corpus = Path(sys.argv[1]).absolute()
    corpus.mkdir(parents=True, exist_ok=True)
    large, small = seeds.texts()
    for number, text in enumerate([*large, *small]):
        if len(data := text.encode()) <= MAX_BYTES:
            (corpus / f"seed-{number}").write_bytes(data)
    with tempfile.TemporaryDirectory() as folder:
        options = [f"-max_len={MAX_BYTES}", "-rss_limit_mb=500", "-timeout=60", *sys.argv[2:]]
        confine(Path(folder))
        atheris.Setup([sys.argv[0], str(corpus), *options], one, custom_mutator=mutate)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
