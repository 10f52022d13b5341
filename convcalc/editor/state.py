"""What a session hands out, as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from convcalc.arith.shape import Shape
from convcalc.editor.values import overriding, typed_shape
from convcalc.language.overrides import Overrides, as_value
from convcalc.problems import Problem
from convcalc.report.report import Report


class View(Overrides):
    """What if: another input, other params, the sharing of every convolution ("full" or "none"); the text stays.

    Values are Python values or text as a user types it. Raises UsageError for what cannot be such a value.
    """

    __slots__ = ()

    def __init__(self, input: Any = None, params: Mapping[str, Any] | None = None, sharing: str | None = None) -> None:
        shape = None if input is None else as_value(typed_shape(input))
        super().__init__(overriding(params or {}), shape, sharing)


class Pin:
    """A state that was named: its text, the variant and view it was seen in, and its figures."""

    __slots__ = ("name", "report", "text", "variant", "view")

    def __init__(self, name: str, text: str, variant: str | None, view: Overrides, report: Report) -> None:
        self.name = name
        self.text = text
        self.variant = variant
        self.view = view
        self.report = report


class EditField:
    """Something of an entry that can be set.

    `written` is its text in the file, None where it is not given; `value` is what the layer makes of it, its default
    filled in (None where the entry is no layer, and of what is not given). `choices` are the words it may be, where
    these are all; `default` is None also where there is none, which `required` tells apart. `origin` says in words
    where the value comes from that is written elsewhere: a cell of `rows`, or what `=width` reads.
    """

    __slots__ = ("choices", "default", "help", "key", "origin", "required", "value", "written")

    def __init__(
        self,
        key: str,
        *,
        written: str | None,
        value: Any,
        default: Any = None,
        required: bool = False,
        help: str = "",
        choices: Sequence[str] = (),
        origin: str = "",
    ) -> None:
        self.key = key
        self.written = written
        self.value = value
        self.default = default
        self.required = required
        self.help = help
        self.choices = list(choices)
        self.origin = origin


class Findings:
    """What `check` finds in a text: `rows` by the full name of the row it speaks of, `general` what speaks of none."""

    __slots__ = ("general", "problems", "rows")

    def __init__(self, problems: Sequence[Problem], rows: Mapping[str, list[Problem]], general: Sequence[Problem]):
        self.problems = list(problems)
        self.rows = dict(rows)
        self.general = list(general)


class SweepPoint:
    """The network with one value of a parameter that is varied.

    `field` is the size of the receptive field of the output, `output` the shape of the layer, `network_output` that of
    the first output. All figures are None where it does not build; then `problem` says why in a few words.
    """

    __slots__ = ("field", "macs", "network_output", "output", "params", "problem", "value")

    def __init__(
        self,
        value: Any,
        *,
        params: int | None = None,
        macs: int | None = None,
        field: Any = None,
        output: Shape | None = None,
        network_output: Shape | None = None,
        problem: str = "",
    ) -> None:
        self.value = value
        self.params = params
        self.macs = macs
        self.field = field
        self.output = output
        self.network_output = network_output
        self.problem = problem
