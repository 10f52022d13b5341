"""Overrides of a file by a call: params, keys of layers, input and sharing, as Python values or as text."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from convcalc.errors import SpecError, UsageError
from convcalc.plain_tuple import PlainTuple
from convcalc.problems import nearest
from convcalc.text.compose import compose
from convcalc.text.source import Expression, Source, Value, YamlList, YamlMapping, as_plain

InputShape = str | Sequence[int] | Mapping[str, Sequence[int]]
_SHAPE = r"(?i)\d+(?:[x,]\d+)*"


class LayerSetting(PlainTuple):
    """A value for one key of every layer, block or container whose full name matches `layers`.

    `layers` is a full name, or a pattern in which `*` is any text, also with dots.
    """

    layers: str
    key: str
    value: Value

    @classmethod
    def of(cls, place: str, value: Value) -> LayerSetting:
        """The setting of `LAYER.KEY`; the last dot divides the two. Raises UsageError."""
        layers, _, key = place.rpartition(".")
        if not layers or not key:
            raise UsageError(f"`{place}` has no {'key' if layers else 'layer'}", "write LAYER.KEY=VALUE, as in"
                             " --set conv1.kernel_size=5")  # fmt: skip
        return cls(layers, key, value)

    @property
    def is_pattern(self) -> bool:
        return any(mark in self.layers for mark in "*?[")

    def __str__(self) -> str:
        from convcalc.text.writing import flow_text  # only a call that changes layers writes one

        return f"{self.layers}.{self.key}={flow_text(as_plain(self.value))}"


class Overrides:
    """What a call overrides: params, keys of layers, the input, the sharing of every convolution.

    A name with a dot in `params` is a key of a layer: `layers` has these settings in order, and the last that matches
    counts. With `keep_size` a layer whose kernel or dilation they change is padded, so that its output keeps its size.
    """

    __slots__ = ("input", "keep_size", "layers", "params", "sharing")

    def __init__(
        self,
        params: Mapping[str, Value] | None = None,
        input: Value = None,
        sharing: str | None = None,
        keep_size: bool = False,
    ) -> None:
        if sharing not in (None, "full", "none"):
            raise UsageError(f"sharing cannot be `{sharing}`", "use full or none")
        given = params or {}
        self.params = {name: value for name, value in given.items() if "." not in name}
        self.layers = tuple([LayerSetting.of(name, value) for name, value in given.items() if "." in name])
        self.input = input
        self.sharing = sharing
        self.keep_size = keep_size

    def __bool__(self) -> bool:
        return self.input is not None or self.changes_values or self.sharing is not None

    @property
    def changes_values(self) -> bool:
        """Whether it changes params or keys of layers."""
        return bool(self.params or self.layers)

    @classmethod
    def of(
        cls,
        params: Mapping[str, Any] | None = None,
        input: InputShape | Value = None,
        sharing: str | None = None,
        keep_size: bool = False,
    ) -> Overrides:
        """Overrides from Python values. The input may also be text, such as `3x227x227`. Raises UsageError."""
        shape = parse_input_shape(input) if isinstance(input, str) else as_value(input)
        return cls({name: as_value(value) for name, value in (params or {}).items()}, shape, sharing, keep_size)

    def with_input(self, input: Value) -> Overrides:
        """The same with another input."""
        return self._changed(input=input)

    def with_values(self, values: Mapping[str, Value], *, keep_size: bool) -> Overrides:
        """The same with further params and keys of layers, by NAME or LAYER.KEY."""
        more = Overrides(values)
        return self._changed(params={**self.params, **more.params}, layers=(*self.layers, *more.layers),
                             keep_size=keep_size)  # fmt: skip

    def without_values(self) -> Overrides:
        """The same with the params and the keys of layers as they are written."""
        return self._changed(params={}, layers=(), keep_size=False)

    def _changed(self, **values: Any) -> Overrides:
        other = Overrides()
        for name in Overrides.__slots__:
            setattr(other, name, values.get(name, getattr(self, name)))
        return other

    def check_params(self, known: Collection[str], owner: str = "") -> None:
        """Raise UsageError for a param that the spec does not have; `owner` names the spec."""
        for name in self.params:
            if name not in known:
                error = unknown_param(name, known, owner)
                of_layer = "" if nearest(name, known) else f"; a key of a layer is LAYER.KEY, such as conv1.{name}"
                raise UsageError(error.message, error.help + of_layer)


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
        raise UsageError(f"`{text}` has no {missing}", "write NAME=VALUE or LAYER.KEY=VALUE, as in --set width=0.5")
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
