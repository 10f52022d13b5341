"""The processor cores of this machine, for runs in several processes."""

from __future__ import annotations

import os

MAX_PROCESSES = 61  # Windows cannot wait for more at a time


def count_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
