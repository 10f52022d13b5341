"""Errors of expressions, apart from the evaluator: a spec without expressions never loads that."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression that does not evaluate: the reason, how to fix it, and the unknown name, if any."""

    def __init__(self, message: str, help: str = "", name: str = "") -> None:
        super().__init__(message)
        self.help = help
        self.name = name


class UnknownValue(Exception):
    """The expression reads a shape that is unknown because of an error reported elsewhere."""
