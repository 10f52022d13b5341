"""The lint rules. Each module is one rule; its docstring is the page that `convcalc rules NAME` prints.

A module has a function `check(network)`, which checks one network at a time, or `check_spec(spec)`, which checks the
text of the file. Both yield findings.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from convcalc.errors import UsageError
from convcalc.language.spec import Spec
from convcalc.lint.finding import Finding
from convcalc.lint.linted_network import Network
from convcalc.problems import nearest

# These rules run only on request; all other rules are the default set.
ON_REQUEST = frozenset(["dominant-layer"])
# By the name of a rule, whether it is in the default set. A rule has the name of its module, with hyphens.
RULES: dict[str, bool] = {
    name: name not in ON_REQUEST for name in sorted(module.name.replace("_", "-") for module in iter_modules(__path__))
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its page, and the functions that check a network or a file."""

    name: str
    page: str
    check: Callable[[Network], Iterator[Finding]]
    check_spec: Callable[[Spec], Iterator[Finding]]


def _no_findings(_: object) -> Iterator[Finding]:
    return iter(())


@cache
def find(name: str) -> Rule:
    """The rule of that name, imported on demand. Raises KeyError when there is none."""
    if name not in RULES:
        raise KeyError(name)
    module = import_module(f"{__name__}.{name.replace('-', '_')}")
    return Rule(
        name, module.__doc__ or "", getattr(module, "check", _no_findings), getattr(module, "check_spec", _no_findings)
    )


def check_names(names: Sequence[str]) -> list[str]:
    """The names, unchanged. Raises UsageError for an unknown name."""
    for name in names:
        if name not in RULES:
            raise UsageError(f"there is no rule `{name}`", nearest(name, RULES) or "`convcalc rules` lists them")
    return list(names)
