"""Declarations of layer parameters: their type, range, default, meaning, and JSON Schema, in one place.

A layer class writes `kernel_size = PerAxis(help=...)`; on an instance the attribute is the checked value. Plain
descriptors are used rather than a validation library: thirty of them import in under a millisecond (msgspec, attrs and
pydantic cost 0.4 to 8 times the interpreter's own start), and every message can say what this field means by the value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Generic, TypeVar, overload

from convcalc.arith.shape import spatial_names

T = TypeVar("T")
P = TypeVar("P", bound="Parameter[Any]")


class LayerError(Exception):
    """A value or a combination that does not work.

    `parameter` is the one to point at (None: the entry), `path` the indices into its value. In `message` and `help`
    {input} is replaced by what the entry reads ("6x12x12 output of pool1"), {source} by the same without its shape:
    only the graph knows the names. `mark` is a place in the file outside the entry.
    """

    def __init__(
        self,
        rule: str,
        message: str,
        *,
        parameter: str | None = None,
        path: tuple[int, ...] = (),
        help: str = "",
        mark: int | None = None,
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.parameter = parameter
        self.path = path
        self.help = help
        self.mark = mark

    def reading(self, input: str, source: str = "input") -> LayerError:
        """The same error of an entry that reads `input`, which is `source` with its shape."""
        message, help = (text.replace("{input}", input).replace("{source}", source) for text in (str(self), self.help))
        return LayerError(self.rule, message, parameter=self.parameter, path=self.path, help=help, mark=self.mark)


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Any = _Required()


class Parameter(Generic[T]):
    """One parameter of a layer; `convert` gives the checked value or raises LayerError."""

    def __init__(self, default: Any = REQUIRED, *, help: str, expected: str = "a value") -> None:
        self.default = default
        self.help = help
        self.expected = expected  # what the message of a wrong value says it must be
        self.name = ""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = name

    @overload
    def __get__(self: P, instance: None, owner: type) -> P: ...
    @overload
    def __get__(self, instance: object, owner: type) -> T: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        # Values live in the instance's __dict__ and are found there first: this runs only on the class.
        return self

    @property
    def required(self) -> bool:
        return self.default is REQUIRED

    def convert(self, value: Any, rank: int) -> T:
        raise NotImplementedError

    def schema(self, rank: int) -> dict[str, Any]:
        raise NotImplementedError

    def refuse(self, value: Any, path: tuple[int, ...] = (), expected: str = "") -> LayerError:
        return LayerError(
            "wrong-value",
            f"{self.name} must be {expected or self.expected}, not {show(value)}",
            parameter=self.name,
            path=path,
        )


def show(value: Any) -> str:
    """A value as YAML would write it, cut when it is long."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    text = f"'{value}'" if isinstance(value, str) else str(value)
    return text if len(text) <= 60 else text[:57] + "..."


def whole_number(value: Any) -> int | None:
    """The integer that a value is (2.0 is 2), or None; true and false are no numbers."""
    if type(value) is int:
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return None


class Integer(Parameter[int]):
    """A whole number within bounds."""

    def __init__(
        self, default: Any = REQUIRED, *, minimum: int | None = 1, maximum: int | None = None, help: str
    ) -> None:
        bounds = {0: "a whole number of 0 or more", 1: "a positive whole number", None: "a whole number"}
        expected = bounds.get(minimum) or f"a whole number of {minimum} or more"
        if maximum is not None:
            expected += f", at most {maximum}"
        super().__init__(default, help=help, expected=expected)
        self.minimum = minimum
        self.maximum = maximum

    def accept(self, value: Any, path: tuple[int, ...] = ()) -> int:
        """The number that a value, or the item of a list at `path`, is."""
        number = whole_number(value)
        if number is None or not _within(number, self.minimum, self.maximum):
            raise self.refuse(value, path)
        return number

    def convert(self, value: Any, rank: int) -> int:
        return self.accept(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"type": "integer", **_bounds_schema(self.minimum, self.maximum)}


class Number(Parameter[float]):
    """A number that changes no figure (an epsilon, a rate), or a scale factor."""

    def __init__(
        self, default: Any = REQUIRED, *, minimum: float | None = None, maximum: float | None = None, help: str
    ) -> None:
        expected = "a number" if minimum is None else f"a number of {minimum:g} or more"
        if minimum is not None and maximum is not None:
            expected = f"a number from {minimum:g} to {maximum:g}"
        super().__init__(default, help=help, expected=expected)
        self.minimum = minimum
        self.maximum = maximum

    def convert(self, value: Any, rank: int) -> float:
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if is_number and value - value == 0 and _within(value, self.minimum, self.maximum):  # inf - inf is nan
            return float(value) if isinstance(value, float) else value
        raise self.refuse(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"type": "number", **_bounds_schema(self.minimum, self.maximum)}


def _within(number: float, minimum: float | None, maximum: float | None) -> bool:
    return (minimum is None or number >= minimum) and (maximum is None or number <= maximum)


def _bounds_schema(minimum: float | None, maximum: float | None) -> dict[str, Any]:
    bounds = {"minimum": minimum, "maximum": maximum}
    return {name: bound for name, bound in bounds.items() if bound is not None}


class Boolean(Parameter[bool]):
    """true or false."""

    def __init__(self, default: Any = REQUIRED, *, help: str) -> None:
        super().__init__(default, help=help, expected="true or false")

    def convert(self, value: Any, rank: int) -> bool:
        if isinstance(value, bool):
            return value
        raise self.refuse(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"type": "boolean"}


class Choice(Parameter[str]):
    """One word of a few."""

    def __init__(self, words: tuple[str, ...], default: Any = REQUIRED, *, help: str) -> None:
        super().__init__(default, help=help, expected="one of " + ", ".join(words))
        self.words = words

    def convert(self, value: Any, rank: int) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        raise self.refuse(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"enum": list(self.words)}


class OfIntegers(Parameter[T]):
    """The base of parameters that hold several whole numbers of the same bounds."""

    def __init__(self, default: Any = REQUIRED, *, minimum: int | None = 1, help: str) -> None:
        super().__init__(default, help=help)
        self.item = Integer(minimum=minimum, help=help)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.item.name = name

    def items(self, value: list[Any] | tuple[Any, ...]) -> tuple[int, ...]:
        return tuple([self.item.accept(item, (index,)) for index, item in enumerate(value)])


class PerAxis(OfIntegers[tuple[int, ...]]):
    """A whole number for every spatial axis, or a list with one per axis."""

    def convert(self, value: Any, rank: int) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            return (self.item.accept(value),) * rank
        if len(value) != rank:
            axes = ", ".join(spatial_names(rank))
            raise self.refuse(value, expected=f"one number or a list of {rank} ({axes})")
        return self.items(value)

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.schema(rank)
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": rank, "maxItems": rank}]}


class Integers(OfIntegers[tuple[int, ...]]):
    """A list of whole numbers, as long as the layer wants it; one number is a list of one."""

    def convert(self, value: Any, rank: int) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            return (self.item.accept(value),)
        if not value:
            raise self.refuse(value, expected="a list of whole numbers")
        return self.items(value)

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.schema(rank)
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


Pads = tuple[tuple[int, int], ...]


class Padding(OfIntegers[str | Pads]):
    """Padding: a number, one per axis, a [before, after] pair per axis, or a word such as `same`."""

    def __init__(
        self, default: Any = 0, *, words: tuple[str, ...] = ("same", "valid"), minimum: int | None = 0, help: str
    ) -> None:
        super().__init__(default, minimum=minimum, help=help)
        self.words = words

    def convert(self, value: Any, rank: int) -> str | Pads:
        if isinstance(value, str) and value in self.words:
            return value
        if isinstance(value, str) or (isinstance(value, (list, tuple)) and len(value) != rank):
            words = "".join(f", '{word}'" for word in self.words)
            expected = f"a number, a list of {rank} numbers or [before, after] pairs{words}"
            raise self.refuse(value, expected=expected)
        if not isinstance(value, (list, tuple)):
            return ((self.item.accept(value),) * 2,) * rank
        return tuple([self._pair(item, index) for index, item in enumerate(value)])

    def _pair(self, item: Any, index: int) -> tuple[int, int]:
        if not isinstance(item, (list, tuple)):
            return (self.item.accept(item, (index,)),) * 2
        if len(item) != 2:
            raise self.refuse(item, (index,), "a pair [before, after]")
        return self.item.accept(item[0], (index, 0)), self.item.accept(item[1], (index, 1))

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.schema(rank)
        pair = {"type": "array", "items": item, "minItems": 2, "maxItems": 2}
        each = {"type": "array", "items": {"anyOf": [item, pair]}, "minItems": rank, "maxItems": rank}
        options: list[dict[str, Any]] = [item, each]
        if self.words:
            options.append({"enum": list(self.words)})
        return {"anyOf": options}


class OrNull(Parameter[T | None], Generic[T]):
    """Another parameter, or null: the layer works it out."""

    def __init__(self, inner: Parameter[T], default: Any = None) -> None:
        super().__init__(default, help=inner.help, expected=inner.expected)
        self.inner = inner

    def __set_name__(self, owner: type, name: str) -> None:
        super().__set_name__(owner, name)
        self.inner.__set_name__(owner, name)

    def convert(self, value: Any, rank: int) -> T | None:
        return None if value is None else self.inner.convert(value, rank)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"anyOf": [self.inner.schema(rank), {"type": "null"}]}


class Custom(Parameter[T]):
    """A parameter whose conversion and schema the layer gives itself."""

    def __init__(
        self,
        default: Any = REQUIRED,
        *,
        convert: Callable[[Parameter[Any], Any, int], T],
        schema: Callable[[int], dict[str, Any]],
        help: str,
    ) -> None:
        super().__init__(default, help=help)
        self._convert = convert
        self._schema = schema

    def convert(self, value: Any, rank: int) -> T:
        return self._convert(self, value, rank)

    def schema(self, rank: int) -> dict[str, Any]:
        return self._schema(rank)


class LikeEntry(Parameter[tuple[int, ...] | None]):
    """The name of an earlier entry, given for its spatial size; the graph hands its size over in place of the name."""

    def __init__(self, default: Any = None, *, help: str) -> None:
        super().__init__(default, help=help, expected="the name of an earlier entry")

    def convert(self, value: Any, rank: int) -> tuple[int, ...] | None:
        return None if value is None else tuple(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"type": "string"}
