"""Plain values that never change: `PlainTuple` is a tuple with named items, as `typing.NamedTuple` is.

A NamedTuple compiles its methods, and each annotation, when its class is made. A PlainTuple has the methods of this
module, so that its class is made in a fifth of the time. The modules that every command loads have dozens of them.

>>> class Place(PlainTuple):
...     file: str
...     line: int = 0
>>> Place("net.yaml", line=3)
Place(file='net.yaml', line=3)
>>> file, line = Place("net.yaml")
>>> line
0
"""

# What NamedTuple reads an item with: in C where Python has it so, three times as fast as a property.
from collections import _tuplegetter as item  # type: ignore[attr-defined]
from typing import Any, ClassVar, Self, dataclass_transform


class _WithoutDictionary(type):
    """Classes whose instances have no attributes but their items."""

    def __new__(cls, name: str, bases: tuple[type, ...], namespace: dict[str, Any]) -> type:
        return super().__new__(cls, name, bases, {**namespace, "__slots__": ()})


@dataclass_transform(frozen_default=True)
class PlainTuple(tuple[Any, ...], metaclass=_WithoutDictionary):
    """The annotated names of a class are the names of its items; the values given to them there are defaults."""

    _fields: ClassVar[tuple[str, ...]] = ()
    _defaults: ClassVar[dict[str, Any]] = {}  # of the last items

    def __init_subclass__(cls) -> None:
        own = cls.__annotations__
        cls._defaults = {**cls._defaults, **{name: vars(cls)[name] for name in own if name in vars(cls)}}
        for position, name in enumerate(own, len(cls._fields)):
            setattr(cls, name, item(position, ""))
        cls._fields = (*cls._fields, *own)

    def __new__(cls, *values: Any, **named: Any) -> Self:
        if named:
            values += cls._by_name(len(values), named)
        lacking = len(cls._fields) - len(values)
        if lacking:
            if not 0 < lacking <= len(cls._defaults):
                raise TypeError(
                    f"{cls.__name__} has the items {', '.join(cls._fields)}; given were {len(values)} values"
                )
            values += tuple(cls._defaults.values())[-lacking:]
        return tuple.__new__(cls, values)

    @classmethod
    def _by_name(cls, start: int, named: dict[str, Any]) -> tuple[Any, ...]:
        """The values of all items from `start` on: those that are named, and defaults. Raises TypeError."""
        rest = cls._fields[start:]
        found = {**cls._defaults, **named}
        wrong = [*(named.keys() - rest), *[name for name in rest if name not in found]]
        if wrong:
            raise TypeError(f"{cls.__name__} has no items of these names, or they have no value: {', '.join(wrong)}")
        return tuple([found[name] for name in rest])

    def __getnewargs__(self) -> tuple[Any, ...]:
        return tuple(self)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in zip(self._fields, self))})"

    def _replace(self, **changed: Any) -> Self:
        """The same with other values of some items."""
        values = [changed.pop(name, value) for name, value in zip(self._fields, self)]
        return type(self)(*values, **changed)
