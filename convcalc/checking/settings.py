"""What is asked of one file, as plain values that can be sent to another process."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING

from convcalc.lint.rules import RULES

if TYPE_CHECKING:
    from convcalc.limits.baseline import Baseline
    from convcalc.limits.limit import Limit
    from convcalc.limits.lock import Locked

DEFAULT_RULES = tuple(name for name, is_default in RULES.items() if is_default)


class Settings:
    """The rules that are run on a file, the limits that its networks are held to, and what they may not outgrow.

    `lock` is what the lock file has of it.
    """

    __slots__ = ("rules", "limits", "baseline", "lock")

    def __init__(
        self,
        rules: tuple[str, ...] = DEFAULT_RULES,
        limits: tuple[Limit, ...] = (),
        baseline: Baseline | None = None,
        lock: Locked | None = None,
    ) -> None:
        self.rules = rules
        self.limits = limits
        self.baseline = baseline
        self.lock = lock

    def with_lock(self, lock: Locked) -> Settings:
        """The same with what the lock file has of the file."""
        settings = copy(self)
        settings.lock = lock
        return settings
