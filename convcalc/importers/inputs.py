"""The value of `--input` for a network of another format: shapes without a batch axis, in order or by name."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from convcalc.arith.shape import Shape
from convcalc.errors import UsageError

_SIZES = re.compile(r"(?P<sizes>\d+(?:[x,]\d+)*)(?::(?P<dtype>[a-z]+\d*))?", re.I)
_ONE = re.compile(r"\d+(?:x\d+)*(?::[a-z]+\d*)?", re.I)


class Given(NamedTuple):
    """The shape of an input, and the type of its elements where that is given: int64, float32."""

    shape: Shape
    dtype: str | None = None


GivenInputs = list[Given] | dict[str, Given] | None


def given_inputs(value: Any) -> GivenInputs:
    """The inputs of a call, by order or by name; the text of the command line or Python values. Raises UsageError.

    >>> given_inputs("3x64x64,10:int64")
    [Given(shape=(3, 64, 64), dtype=None), Given(shape=(10,), dtype='int64')]
    >>> given_inputs({"image": [3, 64, 64]})
    {'image': Given(shape=(3, 64, 64), dtype=None)}
    """
    if value is None:
        return None
    if isinstance(value, str):
        return _from_text(value.strip())
    if isinstance(value, Mapping):
        return {str(name): _one(each) for name, each in value.items()}
    if isinstance(value, Sequence) and value and all(isinstance(size, int) for size in value):
        return [Given(tuple(value))]
    if isinstance(value, Sequence) and value:
        return [_one(each) for each in value]
    raise _refusal(str(value))


def _from_text(text: str) -> GivenInputs:
    if "=" in text:
        parts = re.split(r"[,\s]+(?=[^\d\W]\w*=)", text)
        return {name.strip(): _one(shape) for name, _, shape in (part.partition("=") for part in parts)}
    text = re.sub(r"[\[\]\s]", "", text)
    if "x" not in text.lower() and ":" not in text:
        return [_one(text)]  # 3,224,224 is one shape
    parts = text.split(",")
    if not all(_ONE.fullmatch(part) for part in parts):
        raise _refusal(text)
    return [_one(part) for part in parts]


def _one(value: Any) -> Given:
    if isinstance(value, Given):
        return value
    if isinstance(value, str):
        match = _SIZES.fullmatch(re.sub(r"[\[\]\s]", "", value))
        if match is None:
            raise _refusal(value)
        return _checked(Given(tuple(int(size) for size in re.split("[x,]", match["sizes"].lower())), match["dtype"]))
    if isinstance(value, Sequence) and all(isinstance(size, int) for size in value):
        return _checked(Given(tuple(value)))
    raise _refusal(str(value))


def _checked(given: Given) -> Given:
    if any(size < 1 for size in given.shape):
        raise _refusal("x".join(map(str, given.shape)))
    return given


def _refusal(text: str) -> UsageError:
    return UsageError(
        f"`{text}` is no input shape",
        "write 3x224x224 (channels, height, width; no batch), 3x64x64,10 for two inputs, or image=3x64x64,label=10",
    )
