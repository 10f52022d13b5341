"""The lint rules. Each module is one rule; its docstring is the page that `convcalc rules NAME` prints.

A module has a function `check(network)`, which checks one network at a time, or `check_spec(spec)`, which checks the
text of the file. Both yield findings. A module with OPTIONS gets their values as keyword arguments of its function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from convcalc.errors import UsageError
from convcalc.lint import comparisons
from convcalc.lint.comparisons import COMPARISONS
from convcalc.lint.finding import Finding
from convcalc.lint.option import Option
from convcalc.manual.pages import Manual
from convcalc.problems import nearest

# These rules run only on request; all other rules are the default set.
ON_REQUEST = frozenset(["dominant-layer"])
# By the name of a rule, whether it is in the default set. A rule has the name of its module, with hyphens.
RULES: dict[str, bool] = {
    name: name not in ON_REQUEST for name in sorted(module.name.replace("_", "-") for module in iter_modules(__path__))
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule: its page, the functions that check a network or a file, and their options."""

    name: str
    page: str
    check: Callable[..., Iterator[Finding]]  # of a Network, with the options that are set
    check_spec: Callable[..., Iterator[Finding]]  # of a Spec, in the same way
    options: tuple[Option, ...]

    def manual(self) -> Manual:
        """The page with the options of the rule."""
        manual = Manual(self.name, self.page)
        if self.options:
            last = {heading: manual.sections.pop(heading) for heading in ("Source",) if heading in manual.sections}
            manual.sections |= {"Options": "\n".join(map(str, self.options)), **last}
        return manual


def _no_findings(_: object, **options: object) -> Iterator[Finding]:
    return iter(())


@cache
def find(name: str) -> Rule:
    """The rule or comparison of that name, imported on demand. Raises KeyError when there is none."""
    if name not in RULES and name not in COMPARISONS:
        raise KeyError(name)
    package = __name__ if name in RULES else comparisons.__name__
    module = import_module(f"{package}.{name.replace('-', '_')}")
    return Rule(
        name, module.__doc__ or "", getattr(module, "check", _no_findings), getattr(module, "check_spec", _no_findings),
        getattr(module, "OPTIONS", ()),
    )  # fmt: skip


def check_names(names: Sequence[str]) -> list[str]:
    """The names, unchanged. Raises UsageError for an unknown name."""
    known = (*RULES, *COMPARISONS)
    for name in names:
        if name not in known:
            raise UsageError(f"there is no rule `{name}`", nearest(name, known) or "`convcalc rules` lists them")
    return list(names)
