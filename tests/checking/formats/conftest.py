"""The folder of specs that every format is tried on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from convcalc.checking.results import Results
from tests.checking.formats.folder import checked, fill


@pytest.fixture(scope="module")
def specs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The working directory of all tests of a module, with a finding of every kind."""
    path = tmp_path_factory.mktemp("specs")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(path)
        fill(path)
        yield path


@pytest.fixture(scope="module")
def results(specs: Path) -> Results:
    return checked()
