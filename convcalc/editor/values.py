"""The plain values of a session: outcomes of edits, fields, findings, pins, the points of a sweep."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.editor.typed import override_values, parse_shape
from convcalc.errors import UsageError
from convcalc.language.overrides import Overrides, as_value
from convcalc.problems import Problem
from convcalc.report.report import Report


class View(Overrides):
    """Another input, other params or keys of layers, or another sharing of every convolution ("full" or "none").

    The text does not change. Values are Python values or text as a user types it. Raises UsageError for a value that no
    spec can have.
    """

    __slots__ = ()

    def __init__(
        self,
        input: Any = None,
        params: Mapping[str, Any] | None = None,
        sharing: str | None = None,
        keep_size: bool = False,
    ) -> None:
        shape = None if input is None else as_value(parse_shape(input))
        super().__init__(override_values(params or {}), shape, sharing, keep_size)


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """The result of an edit, or of another request.

    `changed` is true where the text, the view or the file has changed. `message` describes the change, or gives the
    reason why there is none; then `help` gives the correction. `refused` is true where the edit is impossible.
    `problems` are all problems of the present text, or those for which the edit was refused; `at_field` are those at
    the new value. `layers` are the rows of the edited entry.
    """

    message: str = field(kw_only=False)
    changed: bool = False
    refused: bool = False
    help: str = ""
    problems: Sequence[Problem] = ()
    at_field: Sequence[Problem] = ()
    layers: Sequence[str] = ()

    def __str__(self) -> str:
        return f"{self.message}; {self.help}" if self.help else self.message


def refusal(error: UsageError, problems: Sequence[Problem]) -> Outcome:
    """The outcome of an edit that is refused; `problems` are those of the text."""
    return Outcome(error.message, refused=True, help=error.help, problems=problems)


class Pin(NamedTuple):
    """A state of a session with a name: its text, its variant and view, and its figures."""

    name: str
    text: str
    variant: str | None
    view: Overrides
    report: Report


class EditField(NamedTuple):
    """A key of an entry that can be set.

    `written` is its text in the file, None where it is not written. `value` is the value of the layer, which may be the
    default; None where the entry is not a layer. `choices` are all allowed words, where there are only a few. A key
    without a default is `required`, and its `default` is None. `origin` is the place, in words, of a value that is
    written elsewhere: a cell of `rows`, or the param that `=width` reads. `is_number` is true where no word can be the
    value: it is a whole number, a list of them, or an expression.
    """

    key: str
    written: str | None
    value: Any
    default: Any = None
    required: bool = False
    help: str = ""
    choices: Sequence[str] = ()
    origin: str = ""
    is_number: bool = False


class Findings(NamedTuple):
    """The findings of `check` in a text: all of them, those of each row by its full name, and those without a row."""

    problems: Sequence[Problem]
    rows: Mapping[str, Sequence[Problem]]
    general: Sequence[Problem]


class SweepPoint(NamedTuple):
    """The network with one value of the parameter that is varied.

    `field` is the size of the receptive field of the output. `output` is the output shape of the layer, and
    `network_output` the shape of the first output of the network. Where the network does not build, all figures are
    None, and `problem` is a short reason; `padding` is the padding with which it builds, if there is one. `layers` are
    the layers that have the value, where it is that of a key.
    """

    value: Any
    params: int | None = None
    macs: int | None = None
    field: Any = None
    output: Shape | None = None
    network_output: Shape | None = None
    problem: str = ""
    padding: str = ""
    layers: Sequence[str] = ()
