"""The lint rules. A rule is one module; its docstring is its page, which `convcalc rules NAME` prints.

A module holds `check(network)`, which looks at one network at a time, or `check_spec(spec)`, which looks at the file as
it was written. Both yield findings; neither prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from importlib import import_module

from convcalc.errors import UsageError
from convcalc.language.spec import Spec
from convcalc.lint.network import Finding, Network
from convcalc.problems import nearest

# Rule -> whether it is in the default set; its module has the same name, with underscores.
RULES: dict[str, bool] = {
    "bias-before-norm": True,
    "dropped-rows": True,
    "skipped-rows": True,
    "padding-over-kernel": True,
    "same-even-kernel": True,
    "wasted-kernel": True,
    "checkerboard": True,
    "repeated-activation": True,
    "small-receptive-field": True,
    "off-centre-merge": True,
    "unread-layer": True,
    "linear-on-map": True,
    "linear-after-linear": True,
    "isolated-groups": True,
    "dropout-before-norm": True,
    "dropout-at-output": True,
    "norm-after-norm": True,
    "constant-output": True,
    "no-effect": True,
    "unused-param": True,
    "unused-block": True,
    "unused-column": True,
    "dominant-layer": False,
}


class Rule:
    """A rule: its page, and what it finds in a network or in a file."""

    __slots__ = ("name", "page", "check", "check_spec")

    def __init__(self, name: str) -> None:
        """Import the module of the rule. Raises KeyError when there is none of that name."""
        if name not in RULES:
            raise KeyError(name)
        module = import_module(f"{__name__}.{name.replace('-', '_')}")
        self.name = name
        self.page: str = module.__doc__ or ""
        self.check: Callable[[Network], Iterator[Finding]] = getattr(module, "check", _nothing)
        self.check_spec: Callable[[Spec], Iterator[Finding]] = getattr(module, "check_spec", _nothing)


def _nothing(_: object) -> Iterator[Finding]:
    return iter(())


@cache
def find(name: str) -> Rule:
    """The rule of that name, imported on demand. Raises KeyError when there is none."""
    return Rule(name)


def known(names: Sequence[str]) -> list[str]:
    """The names themselves. Raises UsageError for one that no rule has."""
    for name in names:
        if name not in RULES:
            raise UsageError(f"there is no rule `{name}`", nearest(name, RULES) or "`convcalc rules` lists them")
    return list(names)
