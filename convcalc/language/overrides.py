"""Overrides of a file by a call: params, input and sharing, as Python values or as text of the command line."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from convcalc.errors import SpecError, UsageError
from convcalc.problems import nearest
from convcalc.text.compose import compose
from convcalc.text.source import Expression, Source, Value, YamlList, YamlMapping

InputShape = str | Sequence[int] | Mapping[str, Sequence[int]]
_SHAPE = r"(?i)\d+(?:[x,]\d+)*"


class Overrides:
    """The params, the input and the sharing of every convolution that a call overrides."""

    __slots__ = ("input", "params", "sharing")

    def __init__(self, params: dict[str, Value] | None = None, input: Value = None, sharing: str | None = None) -> None:
        if sharing not in (None, "full", "none"):
            raise UsageError(f"sharing cannot be `{sharing}`", "use full or none")
        self.params = params or {}
        self.input = input
        self.sharing = sharing

    def __bool__(self) -> bool:
        return self.input is not None or bool(self.params) or self.sharing is not None

    @classmethod
    def of(
        cls,
        params: Mapping[str, Any] | None = None,
        input: InputShape | Value = None,
        sharing: str | None = None,
    ) -> Overrides:
        """Overrides from Python values. The input may also be text, such as `3x227x227`. Raises UsageError."""
        shape = parse_input_shape(input) if isinstance(input, str) else as_value(input)
        return cls({name: as_value(value) for name, value in (params or {}).items()}, shape, sharing)

    def check_params(self, known: Collection[str], owner: str = "") -> None:
        """Raise UsageError for a param that the spec does not have; `owner` names the spec."""
        for name in self.params:
            if name not in known:
                raise unknown_param(name, known, owner)


def as_value(value: Any) -> Value:
    """A Python value as a value of a spec: a text that starts with `=` becomes an expression. Raises UsageError."""
    if isinstance(value, str) and value.startswith("="):
        return Expression(value[1:].strip())
    if isinstance(value, YamlList):
        return as_value(value.items)  # its marks are places in another text
    if isinstance(value, YamlMapping):
        return as_value(value.pairs)
    if isinstance(value, (list, tuple)):
        sequence = YamlList(0)
        sequence.items = [as_value(item) for item in value]
        sequence.marks.extend([0] * len(value))
        return sequence
    if isinstance(value, Mapping):
        mapping = YamlMapping(0)
        mapping.pairs = {str(key): as_value(item) for key, item in value.items()}
        mapping.marks.extend([0] * 2 * len(mapping.pairs))
        return mapping
    if value is None or isinstance(value, (bool, int, float, str, Expression)):
        return value
    raise UsageError(f"a spec cannot have the value {value!r}", "use numbers, text, true or false, and lists of them")


def unknown_param(name: str, known: Collection[str], owner: str = "") -> UsageError:
    """The error for a param that a spec does not have; `owner` names the spec."""
    help = nearest(name, known) or ("its params are " + ", ".join(known) if known else "it has no params")
    return UsageError(f"{owner} has no param `{name}`" if owner else f"there is no param `{name}`", help)


def parse_setting(text: str) -> tuple[str, Value]:
    """The name and the value of `name=value`, with the value in YAML. Raises UsageError."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        missing = "name" if equals else "`=`"
        raise UsageError(f"`{text}` has no {missing}", "write name=value, as in --set width=0.5")
    try:
        return name.strip(), compose(Source("--set", f"value: {value.strip() or '~'}\n")).pairs["value"]
    except SpecError as error:
        raise UsageError(f"`{text}`: {error.problems[0].message}", "write the value as in YAML, lists in [ ]") from None


def parse_input_shape(text: str) -> Value:
    """The shape in a text: 3x227x227, [3, 227, 227] or, for several inputs, left=3x64x64,right=3x64x64.

    Raises UsageError.
    """
    text = text.strip()
    if re.fullmatch(_SHAPE, text):
        return as_value(_sizes(text))
    if text.startswith("["):
        return parse_setting(f"input={text}")[1]
    named = dict(part.partition("=")[::2] for part in re.split(r"[,\s]+(?=[^\d\W]\w*=)", text))
    if named and all(re.fullmatch(_SHAPE, shape) for shape in named.values()):
        return as_value({name: _sizes(shape) for name, shape in named.items()})
    raise UsageError(f"`{text}` is not a shape", "write 3x227x227 (channels, height, width), or name=3x64x64,other=…")


def _sizes(shape: str) -> list[int]:
    return [int(size) for size in re.split("[x,]", shape.lower())]
