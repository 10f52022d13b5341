"""What to write for a value that a key does not accept, such as `(3, 3)` for `[3, 3]` and `w` for `=w`.

Only the help of a message loads this module.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from convcalc.language.spec import FUNCTION_NAMES
from convcalc.problems import nearest
from convcalc.text.source import Expression, Value, YamlList, as_plain
from convcalc.text.values import Plain
from convcalc.text.writing import flow_text

_TRUE = frozenset(("true", "yes", "on", "y"))
_FALSE = frozenset(("false", "no", "off", "n"))
_NULL = frozenset(("none", "nil", "nan", "undefined"))
_NUMBER = r"[-+]?\d{1,18}(?:\.\d{1,18})?"
_GROUPED = r"\d{1,3}(?:[_,]\d{3}){1,5}"
_OPEN_SIZES = frozenset(("none", "n", "b", "batch", "batch_size", "bs", "batchsize", "?", "*", "nb"))
IMAGE_CHANNELS = (1, 3, 4)
MAX_VALUE = 300  # a longer text has no meaning as a value
MAX_TEXT = 60  # a longer value is not written out in a help


def value_help(
    key: str, raw: Value, value: Any, params: Collection[str] = (), schema: Mapping[str, Any] | None = None
) -> str:
    """The help for a value that a key does not accept; empty where nothing is known about it.

    `raw` is the value as it is written and `value` the same evaluated. `params` are the names that an expression can
    read, and `schema` the JSON Schema of the values that the key accepts, where it is known.
    """
    words = list(_words(schema or {}))
    if isinstance(raw, Expression):
        return _expression_help(key, raw, value, words)
    for given in _candidates(as_plain(raw), params, words):
        return f"write {_pair(key, given)}"
    return nearest(value, [word for word in words if isinstance(word, str)]) if isinstance(value, str) else ""


def _expression_help(key: str, raw: Expression, value: Any, words: list[Any]) -> str:
    if isinstance(value, float) and re.search(r"(?<!/)/(?!/)", raw.text):
        whole = re.sub(r"(?<!/)/(?!/)", "//", raw.text)
        return f"write {_pair(key, f'={whole}')}: `//` divides without a remainder"
    for given in _of_text(value, (), words) if isinstance(value, str) else ():
        return f"={raw.text} is the text '{value}': write {flow_text(given)} in its place"
    return ""


def corrected(value: Plain, params: Collection[str] = ()) -> Plain:
    """The value that is meant; the same value where it is right as it is."""
    if isinstance(value, list):
        return [corrected(item, params) for item in value]
    if isinstance(value, str) and value.lower() in ("same", "valid"):
        return value.lower()
    return next(_candidates(value, params, [True, False]), value) if isinstance(value, str) else value


def shape_help(raw: Value, params: Collection[str]) -> str:
    """The help for an input shape that is no list of sizes."""
    given = as_plain(raw)
    if isinstance(given, int) and not isinstance(given, bool):
        return f"write `input: [{given}]`"
    if isinstance(given, dict) and all(isinstance(size, int) for size in given.values()):
        return f"write `input: {flow_text(list(given.values()))}`"
    for shape in _of_text(given, params, []) if isinstance(given, str) else ():
        return f"write `input: {flow_text(shape)}`"
    return "for an image write [channels, height, width]"


def size_help(raw: Value, index: int, size: Any, params: Collection[str]) -> str:
    """The help for a size of an input shape that is no positive whole number. `raw` is the whole shape."""
    items = [as_plain(item) for item in raw.items] if isinstance(raw, YamlList) else []
    written = raw.items[index] if isinstance(raw, YamlList) else raw
    help = value_help("", written, size, params)
    if help and "null" not in help:
        return help
    if index == 0 and len(items) > 1 and not isinstance(written, Expression) and _is_batch(size):
        rest = channels_first(items[1:])
        shape = flow_text(rest) if not any(map(_is_batch, rest)) else "[channels, height, width]"
        return f"a shape has no batch axis: write `input: {shape}`"
    if size is None or size == -1 or isinstance(size, str):
        return "give the size that the figures are for; `--input` counts another, and `convcalc sizes` varies it"
    return ""


def channels_first(shape: Sequence[Any]) -> list[Any]:
    """The same shape, with the channels first where it looks like that of an image with its channels last."""
    sides, last = shape[:-1], shape[-1:]
    is_last = last and last[0] in IMAGE_CHANNELS and len(sides) > 1
    return [*last, *sides] if is_last and all(type(side) is int and side >= 5 for side in sides) else list(shape)


def _is_batch(size: Any) -> bool:
    """Whether a size is one that other libraries leave open, as they do for the batch."""
    return size is None or size == -1 or (isinstance(size, str) and size.lower() in _OPEN_SIZES)


def _pair(key: str, value: Plain) -> str:
    text = flow_text(value)
    return f"`{key}: {text}`" if key else f"`{text}`"


def _words(schema: Mapping[str, Any]) -> Iterator[Any]:
    """The words, and true and false, that a schema accepts."""
    yield from schema.get("enum", ())
    yield from (True, False) if schema.get("type") == "boolean" else ()
    for option in schema.get("anyOf", ()):
        yield from _words(option)


def _candidates(value: Plain, params: Collection[str], words: list[Any]) -> Iterator[Plain]:
    """What a value may mean, the likeliest first."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        yield from (bool(value),) if value in (0, 1) and True in words else ()
    elif isinstance(value, list):
        yield from _of_list(value)
    elif isinstance(value, dict):
        yield from _of_braces(value, params)
    elif isinstance(value, str):
        yield from _of_text(value.strip(), params, words) if len(value) <= MAX_VALUE else ()


def _of_list(value: list[Plain]) -> Iterator[Plain]:
    """What a list of the wrong length may mean: TensorFlow also lists the batch and the channels, ONNX both ends."""
    if len(value) in (1, 4) and not isinstance(value[0], (list, dict)) and value.count(value[0]) == len(value):
        yield value[0]
    elif len(value) == 4 and value[0] == value[-1] == 1:
        yield value[1:3]
    elif len(value) in (3, 4) and isinstance(value[0], list) and all(pair == [0, 0] for pair in value[:-2]):
        yield value[-2:]


def _of_braces(value: dict[str, Plain], params: Collection[str]) -> Iterator[Plain]:
    """The param of `{{ w }}` and `{w}`, as templates write it."""
    name = next(iter(value), "").strip("{} ")
    if name in params:
        yield f"={name}"


def _of_text(text: str, params: Collection[str], words: list[Any]) -> Iterator[Plain]:
    lower = text.lower()
    yield from (word for word in words if isinstance(word, str) and word == lower)
    if lower in _TRUE | _FALSE and (True in words or lower in ("true", "false")):
        yield lower in _TRUE
    if lower in _NULL:
        yield None
    name = text.strip("${}<>% ")
    if name in params:
        yield f"={name}"
    yield from _lists(text, params)
    yield from _numbers(text)
    names = set(re.findall(r"[A-Za-z_]\w*", text))
    is_sum = names & set(params) or re.search(r"\d\s*[-+*/]\s*\d", text)
    if is_sum and re.search(r"[-+*/%(]", text) and len(text) < MAX_TEXT and names <= {*params, *FUNCTION_NAMES}:
        yield f"={text}"


def _lists(text: str, params: Collection[str]) -> Iterator[Plain]:
    """The list of `(3, 3)`, `3, 3` and `3x3`."""
    inside = re.fullmatch(r"[(\[<](.*)[)\]>]", text)
    items = [item.strip() for item in (inside[1] if inside else text).split(",")]
    are_values = all(re.fullmatch(_NUMBER, item) or item in params for item in items if item)
    if are_values and (inside or len(items) > 1) and not re.fullmatch(_GROUPED, text):
        yield [f"={item}" if item in params else _number(item) for item in items if item]
    if re.fullmatch(r"\d{1,9}(?:[x×*]\d{1,9})+", text, re.I):
        yield [int(size) for size in re.split("[x×*]", text.lower())]


def _numbers(text: str) -> Iterator[Plain]:
    """The number of `"8"`, `1_000`, `1,000`, `2k` and `50%`."""
    if re.fullmatch(_NUMBER, text):
        yield _number(text)
    elif re.fullmatch(_GROUPED, text):
        yield int(re.sub("[_,]", "", text))
    elif re.fullmatch(rf"{_NUMBER}\s*%", text):
        yield float(text.rstrip("% ")) / 100
    elif re.fullmatch(r"\d{1,9}[kKmM]", text):
        yield int(text[:-1]) * (1_000 if text[-1] in "kK" else 1_000_000)


def _number(text: str) -> Plain:
    return float(text) if "." in text else int(text)
