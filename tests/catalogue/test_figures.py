"""The file of figures: which entries are used, and what is computed instead."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from convcalc import shipped
from convcalc.catalogue import figures
from convcalc.report.figures import BY_NAME
from convcalc.report.sums import Partial
from convcalc.targets import names

SMALL = """
name: Small
source: Doe, A Network, 2001
input: [1, 8, 8]
params: {width: 2}
variants: {wide: {params: {width: 4}, description: Twice as wide}}
layers:
  - conv2d: {out_channels: =width, kernel_size: 3}
"""
# How many parameters g has, and what positions it reads, is not said.
OPEN = """
input: [1, 8, 8]
custom:
  g: {macs: 7}
layers:
  - conv2d: {out_channels: 2, kernel_size: 3}
  - g
"""


@pytest.fixture
def specs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of specs in place of the shipped ones, with its file of figures."""
    monkeypatch.setattr(shipped, "directory", lambda: str(tmp_path))
    (tmp_path / "small.yaml").write_text(SMALL)
    (tmp_path / "open.yaml").write_text(OPEN)
    write()
    return tmp_path


def write() -> None:
    Path(figures.path()).write_text("".join(figures.lines()))


def test_what_is_on_file_is_what_was_computed(specs: Path) -> None:
    stored = figures.stored()
    assert list(stored) == ["open", "small"]
    assert [entry for entries in stored.values() for entry in entries] == list(
        figures.computed(names.shipped_targets())
    )
    small, wide = stored["small"]
    assert (small.target, small.figures) == ("small", {"params": 20, "macs": 648, "receptive_field": [3, 3]})
    assert (wide.variant, wide.family, wide.description, wide.figures["params"]) == (
        "wide",
        "small",
        "Twice as wide",
        40,
    )


def test_what_is_not_known_stays_so_on_file(specs: Path) -> None:
    entry = figures.stored()["open"][0]
    assert type(entry.figures["params"]) is Partial
    assert entry.figures["params"] == 20
    assert entry.figures["macs"] == 648 + 7
    assert entry.number(BY_NAME["receptive_field"]) is None
    assert entry.to_dict()["status"] == {"params": "partial"}


def test_a_spec_that_changed_is_not_used(specs: Path) -> None:
    (specs / "small.yaml").write_text(SMALL.replace("kernel_size: 3", "kernel_size: 5"))
    assert list(figures.stored()) == ["open"]
    assert figures.targets(["small"]) == ["small", "small@wide"]
    assert [entry.figures["params"] for entry in figures.computed(figures.targets(["small"]))] == [52, 104]


def test_a_spec_is_not_used_once_an_included_file_has_changed(specs: Path) -> None:
    (specs / "other.yaml").write_text("# include: small.yaml\n" + OPEN)
    (specs / "third.yaml").write_text("# include: other.yaml\n" + OPEN)
    write()
    assert list(figures.stored()) == ["open", "other", "small", "third"]
    (specs / "small.yaml").write_text(SMALL + "# longer\n")
    assert list(figures.stored()) == ["open"]


def test_a_spec_that_is_new_or_gone(specs: Path) -> None:
    (specs / "open.yaml").rename(specs / "renamed.yaml")
    assert list(figures.stored()) == ["small"]


def test_a_line_that_is_of_another_text_spoils_its_file(specs: Path) -> None:
    lines = Path(figures.path()).read_text().splitlines()
    record = json.loads(lines[-1])
    lines[-1] = json.dumps({**record, "digest": "0" * 16})
    Path(figures.path()).write_text("\n".join(lines))
    assert list(figures.stored()) == ["open"]


@pytest.mark.parametrize("text", ["", "no json\n", "[1]\n", '{"target": "small"}\n', '{"digest": "", "a": 1}\n', None])
def test_without_a_file_that_can_be_read_nothing_is_used(text: str | None, specs: Path) -> None:
    path = Path(figures.path())
    path.unlink() if text is None else path.write_text(text)
    assert figures.stored() == {}


def test_the_lines_do_not_depend_on_the_ends_of_lines(specs: Path) -> None:
    before = figures.digest("small")
    (specs / "small.yaml").write_bytes(SMALL.replace("\n", "\r\n").encode())
    assert figures.digest("small") == before
