"""Model files of Ultralytics that are broken or made to do harm end in an error with a place, soon."""

from __future__ import annotations

import random
from contextlib import suppress

import pytest

from convcalc import bounds
from convcalc.errors import SpecError, UsageError
from convcalc.importers.ultralytics.reader import read_source
from convcalc.text.source import Source
from tests.importers.ultralytics.test_modules import text_of

WHOLE = text_of(
    "[-1, 2, C2f, [16, True]]", "[-1, 1, C3k2, [32, True]]", "[-1, 1, SPPF, [32, 5]]", "[[-1, 0], 1, Concat, [1]]",
    "[-1, 1, A2C2f, [64, True, 4]]", "[-1, 1, CBLinear, [[8, 8]]]", "[-1, 1, nn.Upsample, [None, 2]]",
    head="[[2, 3], 1, Segment, [nc, 8, 16]]", keys="nc: 4\nscales: {n: [0.5, 0.5, 512]}",
)  # fmt: skip
TOKENS = ["-1", "0", "99999999999999999999", "2147483647", "1e308", ".nan", "[]", "{}", "None", "True", "''", "nc", "x",
          "[[0]]", "nc**nc**nc", "1/0", "__import__('os')", "*a", "!!python/name:os.system", "-0.5"]  # fmt: skip
MUTATIONS = 600


def refused_or_read(text: str) -> None:
    with suppress(SpecError, UsageError):
        read_source(Source("net.yaml", text), None, None)


def test_truncated_at_every_character() -> None:
    for end in range(len(WHOLE)):
        refused_or_read(WHOLE[:end])


def test_mutated() -> None:
    draw = random.Random(1)  # noqa: S311
    words = [place for place, char in enumerate(WHOLE) if char in " [,"]
    for _ in range(MUTATIONS):
        place = draw.choice(words) + 1
        refused_or_read(WHOLE[:place] + draw.choice(TOKENS) + WHOLE[place + draw.randrange(4) :])


def test_a_number_of_modules_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MAX_LAYERS", 1000)
    for row in (
        "[-1, 1000000, Conv, [8]]",
        "[-1, 900, Conv, [8]]",
        "[[-1], 1, RTDETRDecoder, [4, 8, 9, 1, 1, 9999999]]",
    ):
        with pytest.raises(SpecError, match=r"number of modules|over 1,000 layers"):
            read_source(Source("net.yaml", text_of(row)), None, None)


def test_sizes_have_a_bound() -> None:
    rows = ["[[-1, -1], 1, Concat, [1]]"] * 100
    with pytest.raises(SpecError, match="along an axis"):
        read_source(Source("net.yaml", text_of(*rows)), None, None)
