"""Sessions on texts of the tests; recovery copies go to a directory of the test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from convcalc.editor import Outcome, Session, open_session

Opener = Callable[[str], Session]


def is_valid(outcome: Outcome) -> bool:
    """Whether it was done, and the text builds."""
    return not outcome.refused and not outcome.problems


@pytest.fixture(autouse=True)
def _keeps_to_the_test(state_directory: Path) -> None:
    """Recovery copies stay in a directory of the test."""


@pytest.fixture
def session_on(tmp_path: Path) -> Opener:
    """A session on a file of that text."""

    def opener(text: str) -> Session:
        path = tmp_path / "net.yaml"
        path.write_bytes(dedent(text).encode())
        return open_session(str(path))

    return opener
