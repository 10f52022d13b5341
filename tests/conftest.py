"""Fixtures of all tests: a workspace, and an environment without what the caller or a hosting service has set."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.workspace import Workspace

# They change the formats, paths and colours that commands choose.
CHOICES_OF_THE_CALLER = (
    "CI_PROJECT_DIR", "FORCE_COLOR", "GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE", "NO_COLOR",
)  # fmt: skip


def pytest_collection_finish() -> None:
    """Take what is imported and collected out of garbage collection: all of it lives until the end."""
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _plain_environment() -> Iterator[None]:
    """Remove what would change the output of commands, also of those that run in processes of their own."""
    with pytest.MonkeyPatch.context() as patch:
        for name in CHOICES_OF_THE_CALLER:
            patch.delenv(name, raising=False)
        yield


@pytest.fixture
def workspace(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """An empty directory, which is the working directory of the test."""
    return Workspace(tmp_path, capsys, monkeypatch)


@pytest.fixture
def state_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The directory in which an editor keeps what was not saved."""
    path = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(path))
    return path
