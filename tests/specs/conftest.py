"""Reports are kept while the tests of this folder run, and no longer: together they are large."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.specs.reports import report_of


@pytest.fixture(autouse=True, scope="package")
def _no_report_is_left() -> Iterator[None]:
    yield
    report_of.cache_clear()
