"""The columns of a report: name, header, unit and getter of each. Every renderer reads its figures through them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from convcalc.errors import UsageError
from convcalc.problems import nearest

if TYPE_CHECKING:
    from convcalc.conventions import Convention

TEXT, COUNT, SHAPES, EXTENT = "text", "count", "shapes", "extent"

# What a row is to a column: a layer, or a block folded into one line. Both have the attributes that the getters read.
Line = Any


class Column:
    """One figure of a layer.

    `kind` says what the getter returns: text, an integer, a list of shapes, or, for each input of the network, the
    figure of every spatial axis. A column of lower `importance` is dropped first where the width is short. A figure
    that is read `at_a_glance` may be rounded on a terminal. `owned` figures are zero in a layer that uses another's
    parameters. A `note` explains the column below the table.
    """

    __slots__ = ("at_a_glance", "get", "header", "help", "importance", "kind", "name", "note", "owned", "unit")

    def __init__(
        self,
        name: str,
        header: str,
        kind: str,
        unit: str,
        help: str,
        importance: int,
        *,
        at_a_glance: bool = False,
        owned: bool = False,
        note: str = "",
        get: Callable[[Line], Any] | None = None,
    ) -> None:
        self.name = name
        self.header = header
        self.kind = kind
        self.unit = unit
        self.help = help
        self.importance = importance
        self.at_a_glance = at_a_glance
        self.owned = owned
        self.note = note
        self.get: Callable[[Line], Any] = get or (lambda line: getattr(line, name))

    @property
    def is_sum(self) -> bool:
        """Whether the column's figures add up to one of the whole network."""
        return self.kind == COUNT and self.name != "line"


def _extent(part: str) -> Callable[[Line], dict[str, Any]]:
    return lambda line: {
        name: None if field is None else getattr(field, part) for name, field in line.receptive_fields.items()
    }


def _config(key: str) -> Callable[[Line], Any]:
    """A parameter of the layer as a list with one shape, none where the layer has no such parameter."""

    def get(line: Line) -> list[Any]:
        value = line.config.get(key)
        is_shape = isinstance(value, (tuple, list)) and all(isinstance(size, int) for size in value)
        return [value] if is_shape else []  # of a custom layer it may be anything

    return get


_COLUMNS = [
    Column("name", "name", TEXT, "", "full name of the layer", 100),
    Column("type", "type", TEXT, "", "layer type", 50),
    Column("inputs", "reads", TEXT, "", "the layers or inputs that it reads",
           10, get=lambda line: ", ".join(line.inputs)),
    Column("line", "line", COUNT, "", "line of the file on which it is written", 10),
    Column("input_shape", "input", SHAPES, "sizes", "shape of what it reads", 20, get=lambda line: line.input_shapes),
    Column("output_shape", "output", SHAPES, "sizes", "shape of its output, channels first", 80,
           get=lambda line: [line.output_shape]),
    Column("kernel_size", "kernel", SHAPES, "cells", "size of its window", 30, get=_config("kernel_size")),
    Column("stride", "stride", SHAPES, "cells", "stride of its window", 25, get=_config("stride")),
    Column("receptive_field", "field", EXTENT, "pixels", "size of its receptive field, not cut at the border", 60,
           get=_extent("size")),
    Column("clipped", "clipped", EXTENT, "pixels", "size of its receptive field, cut at the border", 15,
           get=_extent("clipped")),
    Column("field_stride", "field stride", EXTENT, "pixels", "distance between the fields of neighbouring units", 15,
           get=_extent("stride")),
    Column("field_padding", "field padding", EXTENT, "pixels",
           "how far the first unit's field starts before the image", 15, get=_extent("padding")),
    Column("params", "params", COUNT, "numbers", "parameters as the spec writes it", 90, owned=True),
    Column("weights", "weights", COUNT, "numbers", "its weights", 20, owned=True),
    Column("biases", "biases", COUNT, "numbers", "its biases", 20, owned=True),
    Column("trainable_params", "trainable", COUNT, "numbers", "parameters that are trained", 20, owned=True),
    Column("frozen_params", "frozen", COUNT, "numbers", "parameters that are not trained", 20, owned=True),
    Column("buffers", "buffers", COUNT, "numbers", "kept but not learned: running statistics", 20, owned=True),
    Column("params_shared", "shared", COUNT, "numbers", "parameters if all positions shared their weights",
           40, owned=True),
    Column("params_unshared", "unshared", COUNT, "numbers", "parameters if each position had its own weights", 40),
    Column("params_fully_connected", "fully connected", COUNT, "numbers",
           "parameters if each unit read the whole input", 35),
    Column("connections", "connections", COUNT, "uses", "uses of a weight or bias in one forward pass",
           30, at_a_glance=True),
    Column("macs", "macs", COUNT, "operations", "multiply-accumulates of one sample, bias excluded",
           70, at_a_glance=True),
    Column("flops", "flops", COUNT, "operations", "twice the macs", 30, at_a_glance=True),
    Column("units", "units", COUNT, "numbers", "numbers in its output", 30),
    Column("tied_to", "tied to", TEXT, "", "the layer whose parameters it uses",
           15, get=lambda line: line.tied_to or ""),
]  # fmt: skip
COLUMNS = {column.name: column for column in _COLUMNS}
DEFAULT = ("name", "type", "output_shape", "receptive_field", "params", "macs")
# What a wide terminal shows besides.
WIDE = ("name", "type", "kernel_size", "stride", "output_shape", "receptive_field", "params", "macs")


def columns(names: list[str] | tuple[str, ...]) -> list[Column]:
    """The columns of these names. Raises UsageError for one that there is not."""
    for name in names:
        if name not in COLUMNS:
            help = nearest(name, COLUMNS)
            raise UsageError(f"there is no column `{name}`", f"{help} The columns are ".lstrip() + ", ".join(COLUMNS))
    return [COLUMNS[name] for name in dict.fromkeys(names)]


def convention_columns(convention: Convention) -> list[Column]:
    """What another tool counts, beside what convcalc does: its parameters, and its operations where it has them."""

    def total(figure: Callable[[Any], int | None]) -> Callable[[Line], int]:
        # A block has the rows that it was folded from. The network was checked: no figure is unknown.
        return lambda line: sum(figure(row) or 0 for row in getattr(line, "rows", [line]))

    name, note = convention.name, convention.note
    params = Column("convention_params", f"{name} params", COUNT, "numbers", f"parameters as {name} counts them", 65,
                    note=note, get=total(convention.params))  # fmt: skip
    if convention.operation_rules is None:
        return [params]
    operations = Column("convention_ops", f"{name} ops", COUNT, "operations",
                        f"operations as {name} counts them", 65, note=note, at_a_glance=True,
                        get=total(convention.operations))  # fmt: skip
    return [params, operations]
