"""Exported sources as their users read them: ten networks, exactly; ruff and mypy find nothing in them."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find
from tests.exporters.clean_sources import assert_mypy_finds_nothing, assert_ruff_finds_nothing, copy_sources
from tests.golden import assert_golden

GOLDENS = Path(__file__).parent / "goldens"
NETWORKS = [
    "lenet", "resnet50", "vgg16", "mobilenet_v2", "unet", "googlenet", "densenet121", "siamese", "deepface", "vit_b_16",
]  # fmt: skip


@pytest.mark.parametrize("name", NETWORKS)
def test_the_source_of_a_network(name: str) -> None:
    text = export(build_network(find(name), Overrides()), "pytorch")
    assert_golden(GOLDENS / f"{name}.py.txt", text)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_sources(GOLDENS, tmp_path_factory.mktemp("sources"))


@pytest.mark.skipif(find_spec("ruff") is None, reason="ruff is not installed")
@pytest.mark.parametrize("command", ["check", "format --check"])
def test_ruff_finds_nothing(command: str, sources: Path) -> None:
    assert_ruff_finds_nothing(command, sources)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None or find_spec("torch") is None, reason="mypy or PyTorch is not installed")
def test_mypy_finds_nothing(sources: Path) -> None:
    assert_mypy_finds_nothing(sources)
