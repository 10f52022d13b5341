"""Reads the configuration of a layer: values of the right kind, or an error that names the key."""

from __future__ import annotations

from typing import Any

from convcalc.importers.keras.values import FIRST, LAST, BrokenLayer


class Settings:
    """The configuration of one layer."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.values = config

    def has(self, key: str) -> bool:
        return self.values.get(key) is not None

    def get(self, key: str) -> Any:
        return self.values.get(key)

    def whole(self, key: str, default: int | None = None) -> int:
        """A whole number."""
        value = self.values.get(key)
        value = default if value is None else value
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self._wrong(key, "whole number")
        return value

    def number(self, key: str, default: float | None = None) -> float:
        value = self.values.get(key)
        value = default if value is None else value
        if isinstance(value, dict):  # a scalar of Keras 2, {"class_name": "__numpy__", ...}
            value = value.get("value", default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise self._wrong(key, "number")
        return value

    def flag(self, key: str, default: bool) -> bool:
        value = self.values.get(key)
        return default if value is None else bool(value)

    def text(self, key: str, default: str) -> str:
        value = self.values.get(key)
        return value if isinstance(value, str) else default

    def sizes(self, key: str, rank: int, default: Any = None) -> list[int]:
        """A whole number for each axis."""
        value = self.values.get(key)
        value = default if value is None else value
        if isinstance(value, int) and not isinstance(value, bool):
            return [value] * rank
        if isinstance(value, (list, tuple)) and len(value) == rank and all(type(each) is int for each in value):
            return list(value)
        raise self._wrong(key, f"list of {rank} whole numbers")

    def pairs(self, key: str, rank: int) -> list[Any]:
        """A number or a pair of [before, after] for each axis."""
        value = self.values.get(key)
        if isinstance(value, int) and not isinstance(value, bool):
            return [value] * rank
        if rank == 1 and isinstance(value, (list, tuple)) and all(type(each) is int for each in value):
            value = [value]
        if not isinstance(value, (list, tuple)) or len(value) != rank:
            raise self._wrong(key, f"list of {rank}")
        pairs = [each if isinstance(each, int) else list(each) for each in value]
        return [each[0] if isinstance(each, list) and len(set(each)) == 1 else each for each in pairs]

    @property
    def format(self) -> str:
        """The data format: channels_last or channels_first."""
        return FIRST if self.values.get("data_format") == FIRST else LAST

    def _wrong(self, key: str, expected: str) -> BrokenLayer:
        return BrokenLayer(f"its {key} is no {expected}: {str(self.values.get(key))[:60]}")


def one(sizes: list[Any]) -> Any:
    """Equal sizes on all axes as one number."""
    equal = all(size == sizes[0] for size in sizes[1:])
    return sizes[0] if sizes and equal and isinstance(sizes[0], int) else sizes
