"""What a report holds on to."""

from __future__ import annotations

import gc
import weakref

from convcalc import analyse


def test_a_report_that_nobody_needs_is_gone_at_once() -> None:
    report = analyse("lenet")
    assert report.totals.params == 44426
    gone = weakref.ref(report)
    row = report.rows[0]
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        del report
        assert gone() is None
    finally:
        if was_enabled:
            gc.enable()
    assert row.inputs == ["input"]
    assert row.params_unshared == 89856
