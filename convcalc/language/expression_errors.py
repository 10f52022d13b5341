"""The errors of expressions. They are not in the evaluator, because a spec without expressions does not load it."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression cannot be evaluated. It has the reason, a help, and the unknown name, if any."""

    def __init__(self, message: str, help: str = "", name: str = "") -> None:
        super().__init__(message)
        self.help = help
        self.name = name


class UnknownValue(Exception):
    """An expression reads a value that is unknown because of a problem that is already reported."""
