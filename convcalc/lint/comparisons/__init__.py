"""Comparisons of a network with something outside its file: its source, its weights. Each module is one rule.

The docstring of a module is the page that `convcalc rules NAME` prints. They run where `check` is given what they
compare with, and are configured, ignored and accepted as the lint rules are.
"""

from __future__ import annotations

from pkgutil import iter_modules

# By the name of a comparison, the option that it needs.
OPTIONS = {"differs-from-source": "--against", "differs-from-weights": "--weights"}
COMPARISONS = tuple(sorted(module.name.replace("_", "-") for module in iter_modules(__path__)))
