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


class Misfit(Exception):
    """A value or a combination that does not work.

    `parameter` is the one to point at (None: the entry), `path` the indices into its value. In `message` and `help`
    {input} stands for what the entry reads ("6x12x12 output of pool1") and {source} for the same without its shape:
    only the graph knows it by name.
    """

    def __init__(
        self, rule: str, message: str, *, parameter: str | None = None, path: tuple[int, ...] = (), help: str = ""
    ) -> None:
        super().__init__(message)
        self.rule = rule
        self.parameter = parameter
        self.path = path
        self.help = help


class _Required:
    def __repr__(self) -> str:
        return "required"


REQUIRED: Any = _Required()


class Parameter(Generic[T]):
    """One parameter of a layer; `convert` gives the checked value or raises Misfit."""

    expected = "a value"

    def __init__(self, default: Any = REQUIRED, *, help: str) -> None:
        self.default = default
        self.help = help
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

    def refuse(self, value: Any, path: tuple[int, ...] = (), expected: str = "") -> Misfit:
        return Misfit(
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
        super().__init__(default, help=help)
        self.minimum = minimum
        self.maximum = maximum

    @property
    def expected(self) -> str:  # type: ignore[override]  # a property here, a constant elsewhere
        bounds = {0: "a whole number of 0 or more", 1: "a positive whole number", None: "a whole number"}
        text = bounds.get(self.minimum) or f"a whole number of {self.minimum} or more"
        return f"{text}, at most {self.maximum}" if self.maximum is not None else text

    def accept(self, value: Any, path: tuple[int, ...] = ()) -> int:
        number = whole_number(value)
        if (
            number is None
            or (self.minimum is not None and number < self.minimum)
            or (self.maximum is not None and number > self.maximum)
        ):
            raise self.refuse(value, path, Integer.expected.fget(self))  # type: ignore[attr-defined]
        return number

    def convert(self, value: Any, rank: int) -> int:
        return self.accept(value)

    def item_schema(self) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "integer"}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema

    def schema(self, rank: int) -> dict[str, Any]:
        return self.item_schema()


class OptionalInteger(Integer):
    """A whole number, or null for the default that the layer works out."""

    def convert(self, value: Any, rank: int) -> int | None:  # type: ignore[override]  # wider on purpose
        return None if value is None else self.accept(value)

    @overload  # type: ignore[override]  # wider on purpose
    def __get__(self, instance: None, owner: type) -> OptionalInteger: ...
    @overload
    def __get__(self, instance: object, owner: type) -> int | None: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        return self


class PerAxis(Parameter[tuple[int, ...]]):
    """A whole number for every spatial axis, or a list with one per axis."""

    def __init__(self, default: Any = REQUIRED, *, minimum: int = 1, help: str) -> None:
        super().__init__(default, help=help)
        self.item = Integer(minimum=minimum, help=help)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.item.name = name

    def convert(self, value: Any, rank: int) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            return (self.item.accept(value),) * rank
        if len(value) != rank:
            axes = ", ".join(spatial_names(rank))
            raise self.refuse(value, expected=f"one number or a list of {rank} ({axes})")
        return tuple([self.item.accept(item, (index,)) for index, item in enumerate(value)])

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.item_schema()
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": rank, "maxItems": rank}]}


class OptionalPerAxis(PerAxis):
    """The same, or null: the layer works it out."""

    def convert(self, value: Any, rank: int) -> Any:
        return None if value is None else super().convert(value, rank)

    @overload  # type: ignore[override]  # wider on purpose
    def __get__(self, instance: None, owner: type) -> OptionalPerAxis: ...
    @overload
    def __get__(self, instance: object, owner: type) -> tuple[int, ...] | None: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        return self


Pads = tuple[tuple[int, int], ...]


class Padding(Parameter["str | Pads"]):
    """Padding: a number, one per axis, a [before, after] pair per axis, or a word such as `same`."""

    def __init__(
        self, default: Any = 0, *, words: tuple[str, ...] = ("same", "valid"), minimum: int = 0, help: str
    ) -> None:
        super().__init__(default, help=help)
        self.words = words
        self.item = Integer(minimum=minimum, help=help)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.item.name = name

    def convert(self, value: Any, rank: int) -> str | Pads:
        if isinstance(value, str):
            if value in self.words:
                return value
            raise self.refuse(value, expected=self._expectation(rank))
        if not isinstance(value, (list, tuple)):
            return ((self.item.accept(value),) * 2,) * rank
        if len(value) != rank:
            raise self.refuse(value, expected=self._expectation(rank))
        pads: list[tuple[int, int]] = []
        for index, item in enumerate(value):
            if isinstance(item, (list, tuple)):
                if len(item) != 2:
                    raise self.refuse(item, (index,), "a pair [before, after]")
                pads.append((self.item.accept(item[0], (index, 0)), self.item.accept(item[1], (index, 1))))
            else:
                pads.append((self.item.accept(item, (index,)),) * 2)
        return tuple(pads)

    def _expectation(self, rank: int) -> str:
        words = "".join(f", '{word}'" for word in self.words)
        return f"a number, a list of {rank} numbers or [before, after] pairs{words}"

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.item_schema()
        pair = {"type": "array", "items": item, "minItems": 2, "maxItems": 2}
        each = {"type": "array", "items": {"anyOf": [item, pair]}, "minItems": rank, "maxItems": rank}
        options: list[dict[str, Any]] = [item, each]
        if self.words:
            options.append({"enum": list(self.words)})
        return {"anyOf": options}


class Boolean(Parameter[bool]):
    """true or false."""

    expected = "true or false"

    def convert(self, value: Any, rank: int) -> bool:
        if isinstance(value, bool):
            return value
        raise self.refuse(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"type": "boolean"}


class Number(Parameter[float]):
    """A number that changes no figure (an epsilon, a rate), or a scale factor."""

    def __init__(
        self, default: Any = REQUIRED, *, minimum: float | None = None, maximum: float | None = None, help: str
    ) -> None:
        super().__init__(default, help=help)
        self.minimum = minimum
        self.maximum = maximum

    @property
    def expected(self) -> str:  # type: ignore[override]  # a property here, a constant elsewhere
        if self.minimum is not None and self.maximum is not None:
            return f"a number from {self.minimum:g} to {self.maximum:g}"
        return f"a number of {self.minimum:g} or more" if self.minimum is not None else "a number"

    def convert(self, value: Any, rank: int) -> float:
        if isinstance(value, (int, float)) and not isinstance(value, bool) and value - value == 0:
            too_small = self.minimum is not None and value < self.minimum
            if not too_small and not (self.maximum is not None and value > self.maximum):
                return value
        raise self.refuse(value)

    def schema(self, rank: int) -> dict[str, Any]:
        schema: dict[str, Any] = {"type": "number"}
        if self.minimum is not None:
            schema["minimum"] = self.minimum
        if self.maximum is not None:
            schema["maximum"] = self.maximum
        return schema


class OptionalNumber(Number):
    """A number, or null."""

    def convert(self, value: Any, rank: int) -> Any:
        return None if value is None else super().convert(value, rank)


class Choice(Parameter[str]):
    """One word of a few."""

    def __init__(self, words: tuple[str, ...], default: Any = REQUIRED, *, help: str) -> None:
        super().__init__(default, help=help)
        self.words = words
        self.expected = "one of " + ", ".join(words)

    def convert(self, value: Any, rank: int) -> str:
        if isinstance(value, str) and value in self.words:
            return value
        raise self.refuse(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"enum": list(self.words)}


class Integers(Parameter[tuple[int, ...]]):
    """A list of whole numbers, as long as the layer wants it."""

    def __init__(self, default: Any = REQUIRED, *, minimum: int | None = 1, help: str) -> None:
        super().__init__(default, help=help)
        self.item = Integer(minimum=minimum, help=help)

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = self.item.name = name

    def convert(self, value: Any, rank: int) -> tuple[int, ...]:
        if not isinstance(value, (list, tuple)):
            return (self.item.accept(value),)
        if not value:
            raise self.refuse(value, expected="a list of whole numbers")
        return tuple([self.item.accept(item, (index,)) for index, item in enumerate(value)])

    def schema(self, rank: int) -> dict[str, Any]:
        item = self.item.item_schema()
        return {"anyOf": [item, {"type": "array", "items": item, "minItems": 1}]}


class OptionalIntegers(Integers):
    """The same, or null for the default that the layer works out."""

    def convert(self, value: Any, rank: int) -> Any:
        return None if value is None else super().convert(value, rank)

    @overload  # type: ignore[override]  # wider on purpose
    def __get__(self, instance: None, owner: type) -> OptionalIntegers: ...
    @overload
    def __get__(self, instance: object, owner: type) -> tuple[int, ...] | None: ...
    def __get__(self, instance: Any, owner: type) -> Any:
        return self


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


class LikeEntry(Parameter["tuple[int, ...] | None"]):
    """The name of an earlier entry, given for its spatial size; the graph hands its size over in place of the name."""

    expected = "the name of an earlier entry"

    def convert(self, value: Any, rank: int) -> tuple[int, ...] | None:
        return None if value is None else tuple(value)

    def schema(self, rank: int) -> dict[str, Any]:
        return {"type": "string"}
