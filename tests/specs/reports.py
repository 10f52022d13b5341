"""The reports of the shipped networks, each of which is made once for all tests of this folder."""

from __future__ import annotations

import functools

import convcalc


@functools.cache
def report_of(target: str) -> convcalc.Report:
    """The report of a shipped target."""
    return convcalc.analyse(target)
