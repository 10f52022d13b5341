"""The change of a value, or of a layer, from one network to another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from convcalc.report.figures import BY_NAME
from convcalc.report.rows import Row, plain
from convcalc.report.sums import Partial, ratio, status

ADDED, REMOVED, CHANGED, AFFECTED, SAME = "added", "removed", "changed", "affected", "same"


@dataclass(slots=True, eq=False)
class FigureChange:
    """A value before and after a change; None where it is absent or unknown."""

    old: Any
    new: Any

    @property
    def differs(self) -> bool:
        """Whether the two differ, or only one of them is complete."""
        return bool(self.old != self.new or (_is_figure(self.old) and status(self.old) != status(self.new)))

    @property
    def difference(self) -> int | None:
        """The new number minus the old one; None for other values, or where one is not fully known."""
        numbers = (self.old, self.new)
        complete = all(_is_figure(number) and not status(number) for number in numbers)
        return self.new - self.old if complete else None

    @property
    def percent(self) -> float | None:
        """The difference in percent of the old value; None where the old value is 0."""
        part = ratio(self.difference, self.old) if self.difference is not None else None
        return None if part is None else 100 * part

    def to_dict(self) -> dict[str, Any]:
        numbers = {} if self.difference is None else {"change": self.difference, "percent": self.percent}
        partial = [side for side in ("old", "new") if type(getattr(self, side)) is Partial]
        words = {"partial": partial} if partial else {}
        return {"old": plain(self.old), "new": plain(self.new), **numbers, **words}


@dataclass(slots=True, eq=False)
class LayerChange:
    """One layer of the two networks. `old` is None for an added layer, `new` for a removed one.

    The differences are given by name: `config` those of the written parameters, `figures` those of shapes and counts,
    `field` those of the receptive field. `wiring` has the differences in the layers that it reads, in the layer whose
    parameters it uses, and in whether it is trained.
    """

    old: Row | None
    new: Row | None
    moved: bool = False
    is_renamed: bool = field(default=False, init=False)
    config: dict[str, FigureChange] = field(default_factory=dict, init=False)
    wiring: dict[str, FigureChange] = field(default_factory=dict, init=False)
    figures: dict[str, FigureChange] = field(default_factory=dict, init=False)
    field: dict[str, FigureChange] = field(default_factory=dict, init=False)

    @property
    def row(self) -> Row:
        """The layer in the new network; for a removed layer, in the old one."""
        row = self.new or self.old
        assert row is not None  # a layer is in one of them
        return row

    @property
    def status(self) -> str:
        """Added, removed, changed, affected or same. Affected: only figures differ, because of earlier layers."""
        if self.old is None or self.new is None:
            return ADDED if self.old is None else REMOVED
        if self.config or self.wiring or self.is_renamed or self.moved or self.is_redefined:
            return CHANGED
        return AFFECTED if self.figures or self.field else SAME

    @property
    def is_redefined(self) -> bool:
        """Whether the formulas of its type differ: the same input and parameters give another output or count."""
        differs = any(name in self.figures for name in ("output_shape", "params", "macs"))
        return differs and not self.config and not self.wiring and "input_shapes" not in self.figures

    def change(self, name: str) -> FigureChange:
        """A figure before and after; 0 where the network does not have the layer."""
        figure = BY_NAME[name]
        return FigureChange(
            0 if self.old is None else figure.of_layer(self.old), 0 if self.new is None else figure.of_layer(self.new)
        )

    def to_dict(self) -> dict[str, Any]:
        if self.old is None or self.new is None:
            return {"status": self.status, **self.row.to_dict()}
        renamed = {"old_name": self.old.name} if self.old.name != self.new.name else {}
        return {
            "status": self.status,
            "name": self.new.name,
            **renamed,
            "type": self.new.type,
            "line": {"old": self.old.line, "new": self.new.line},
            "moved": self.moved,
            **{
                part: {name: change.to_dict() for name, change in getattr(self, part).items()}
                for part in ("config", "wiring", "figures")
            },
            "receptive_field": {name: change.to_dict() for name, change in self.field.items()},
        }


def changes(old: dict[str, Any], new: dict[str, Any]) -> dict[str, FigureChange]:
    """The differences between two sets of values; None for a value that one of them lacks."""
    found = {}
    for name in {**old, **new}:
        before, after = old.get(name), new.get(name)
        if type(before) is type(after) is not Partial and before == after:
            continue  # the usual case
        change = FigureChange(before, after)
        if change.differs:
            found[name] = change
    return found


def _is_figure(value: Any) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool))
