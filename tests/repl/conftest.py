"""Nothing that a test types or leaves unsaved goes to the user's own state directory."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def _keeps_to_the_test(state_directory: Path) -> None:
    """Recovery copies and the history stay in a directory of the test."""
