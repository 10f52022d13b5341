"""Exported sources as their users read them: some networks, exactly; ruff and mypy find nothing in them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from convcalc.exporters.export import export
from convcalc.exporters.network import build_network
from convcalc.language.overrides import Overrides
from convcalc.targets.find import find
from tests.golden import assert_golden

GOLDENS = Path(__file__).parent / "goldens" / "keras"
NETWORKS = ["lenet", "resnet18", "mobilenet_v2", "unet", "densenet121", "vit_b_16", "deepface", "convnext_v2"]


@pytest.mark.parametrize("name", NETWORKS)
def test_the_source_of_a_network(name: str) -> None:
    text = export(build_network(find(name), Overrides()), "keras")
    assert_golden(GOLDENS / f"{name}.py.txt", text)


def test_the_source_with_channels_first() -> None:
    text = export(build_network(find("lenet"), Overrides()), "keras", data_format="channels_first")
    assert_golden(GOLDENS / "lenet_channels_first.py.txt", text)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sources")
    for path in GOLDENS.glob("*.py.txt"):
        shutil.copy(path, folder / path.name.removesuffix(".txt"))
    return folder


@pytest.mark.skipif(shutil.which("ruff") is None, reason="ruff is not installed")
@pytest.mark.parametrize("command", ["check", "format --check"])
def test_ruff_finds_nothing(command: str, sources: Path) -> None:
    ruff = shutil.which("ruff") or ""
    call = [ruff, *command.split(), "--isolated", "--no-cache", "."]
    done = subprocess.run(call, cwd=sources, capture_output=True, text=True, check=False)  # noqa: S603 - our own call
    assert done.returncode == 0, done.stdout


@pytest.mark.slow
@pytest.mark.skipif(find_spec("mypy") is None, reason="mypy is not installed")
def test_mypy_finds_nothing(sources: Path) -> None:
    """Keras itself has no types."""
    names = [path.name for path in sources.glob("*.py")]
    call = [sys.executable, "-m", "mypy", "--config-file=", "--ignore-missing-imports", *names]
    done = subprocess.run(call, cwd=sources, capture_output=True, text=True, check=False)  # noqa: S603 - as above
    assert done.returncode == 0, done.stdout
