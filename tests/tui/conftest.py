"""Tests of the screen: coroutines that press keys; what is not saved goes to a directory of the test."""

from __future__ import annotations

from pathlib import Path

import pytest

LENET = Path(__file__).parents[2] / "specs" / "lenet.yaml"
BLOCKS = """\
name: Blocks
input: [3, 16, 16]
params: {width: 4}
variants:
  wide: {params: {width: 8}}
blocks:
  unit:
    params: {out: 4}
    layers:
      - conv2d: {name: conv, out_channels: =out, kernel_size: 3, padding: 1}
      - relu
layers:
  - unit: {name: first, out: =width}
  - unit: {name: second, out: 8, repeat: 2}
  - global_avg_pool
  - flatten
  - linear: {name: classes, out_features: 10}
"""


@pytest.fixture
def anyio_backend() -> str:
    """The event loop that Textual runs on."""
    return "asyncio"


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, state_directory: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a screen writes stays in a directory of the test, and nothing on it moves."""
    monkeypatch.setenv("TEXTUAL_ANIMATIONS", "none")
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def lenet(tmp_path: Path) -> str:
    """A file of one's own with the shipped LeNet."""
    (tmp_path / "lenet.yaml").write_text(LENET.read_text(encoding="utf-8"), encoding="utf-8")
    return "lenet.yaml"


@pytest.fixture
def blocks(tmp_path: Path) -> str:
    """A file with a block that is used three times, and a variant."""
    (tmp_path / "blocks.yaml").write_text(BLOCKS, encoding="utf-8")
    return "blocks.yaml"
