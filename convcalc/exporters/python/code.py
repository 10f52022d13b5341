"""The pieces of code that a layer becomes: a module that is constructed, and its use in `forward`."""

from __future__ import annotations

from typing import Any, NamedTuple

MISSING: Any = object()


class Name(str):
    """A value that is a name of Python, and no text."""


class Argument(NamedTuple):
    """An argument of a call: without `key` it has no keyword. It is left out where it is the default.

    `param` is the key of the entry that gives the value. `size` says that the value is a size of an input: its number,
    and the axis.
    """

    value: Any
    key: str = ""
    default: Any = MISSING
    param: str = ""
    size: tuple[int, int] | None = None


class Call(NamedTuple):
    """A call that constructs a module or a parameter."""

    callee: str
    arguments: tuple[Argument, ...] = ()


class Code(NamedTuple):
    """How a layer is written.

    `module` constructs it: a call, or a row of calls. `use` is what `forward` computes: {m} is the module, {0}, {1} …
    are the inputs, {all} is all of them, and the other names are those of `values`. A layer without weights may have
    `function` too, in place of module and use. `parts` are the names of its outputs where `use` gives a tuple.
    """

    use: str = "{m}({0})"
    module: Any = None
    function: str = ""
    values: dict[str, Any] = {}  # noqa: RUF012 - never changed
    parts: tuple[str, ...] = ()
    helpers: tuple[str, ...] = ()
    is_parameter: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether the module alone is the layer: then it can be in a Sequential."""
        return self.module is not None and self.use == "{m}({0})" and not self.parts


def collapse(values: tuple[int, ...]) -> Any:
    """One number where all axes have the same.

    >>> collapse((3, 3)), collapse((3, 5))
    (3, (3, 5))
    """
    return values[0] if len(set(values)) == 1 else tuple(values)


def size(input_number: int, axis: int, value: int, key: str = "") -> Argument:
    """An argument that is a size of an input."""
    return Argument(value, key, size=(input_number, axis))


def given(value: Any, param: str, key: str = "", default: Any = MISSING) -> Argument:
    """An argument that a key of the entry gives."""
    return Argument(value, key, default, param)


def keyword(key: str, value: Any, default: Any = MISSING, param: str = "") -> Argument:
    """A keyword argument, whose key in the entry has the same name if it has one."""
    return Argument(value, key, default, param or key)


def batched(axis: int, rank: int) -> int:
    """An axis that is counted without the batch, in a tensor with one. The last axes are counted from the end.

    >>> batched(0, 3), batched(-1, 3), batched(2, 3)
    (1, -1, 3)
    """
    return axis if axis < 0 else axis + 1
