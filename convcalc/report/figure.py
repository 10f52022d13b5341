"""The definition of a figure: how it is computed, where it appears, and how it is checked."""

from collections.abc import Callable
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from convcalc.arith.units import BYTES
from convcalc.plain_tuple import PlainTuple

if TYPE_CHECKING:
    from convcalc.analysis.facts import Facts
    from convcalc.report.report import Report
    from convcalc.report.totals import Totals

# A line of a table: a Row, or FoldedRows. Both have the attributes that the getters read.
Line = Any
Formula = Callable[["Facts"], int | None]

# The value of a figure: text, an integer, a list of shapes, or, for each input of the network, a number for each axis.
TEXT, COUNT, SHAPES, EXTENT = "text", "count", "shapes", "extent"
# The value of a column in a view: a count as a part of the network's, from 0 to 1.
SHARE = "share"
LAYER, NETWORK, BOTH = "layer", "network", "both"
MIN, MAX = "min", "max"
# The tables that show only some totals: networks side by side, a difference, the states of an editor, shipped networks.
COMPARED, DIFFERENCE, STATES, ZOO = "compared", "difference", "states", "zoo"
FIELD = "receptive_field"


class Figure(PlainTuple):
    """One figure, and all its settings.

    The first five fields describe it. It is a figure `of` a layer, of the whole network, or of both.

    How it is computed: `get` returns the cell of a column for a line, and `value` the value for programs, where that
    differs. `formula` is the count of one layer. The figure of the network is the sum over its layers, unless it has
    a `total`. An `owned` figure is zero in a layer that uses the parameters of another.

    Where it appears: a figure with an `importance` is a column; a narrow table drops the least important ones first.
    `json` is its key in the rows of the JSON report, which have no figure without a key. `tables` are the tables of
    totals that always show it. `beside` is its importance in a table with one line for each network. `attribute` is its
    label in a table with one column for each layer; that table leaves out figures without a label. `wiring` is true for
    a count of parameters with the same wiring for every layer.

    How it is checked: `expect` takes every count and the receptive field, and the other figures that are `expected`.
    `counts` is the word after a number with a unit, as in 5M params. `bound` is the usual side of its limit, and the
    help text of the option for it. `locked` is the first version of the lock file that has it; 0 for none. With
    `baseline` it may not grow by default.
    """

    name: str
    header: str
    kind: str
    unit: str
    help: str
    importance: int = 0
    of: str = LAYER
    get: Callable[[Line], Any] = str
    value: Callable[[Line], Any] | None = None
    formula: Formula | None = None
    total: Callable[["Totals", "Report"], Any] | None = None
    owned: bool = False
    at_a_glance: bool = False  # the screen of explore rounds it
    note: str = ""  # the explanation below a table with the column
    explained: str = ""  # the explanation below a table of networks
    label: str = ""
    json: str = ""
    tables: tuple[str, ...] = ()
    beside: int = 0
    attribute: str = ""
    wiring: bool = False
    expected: bool = False
    counts: str = ""
    bound: tuple[str, str] = ("", "")
    locked: int = 0
    baseline: bool = False

    @property
    def is_sum(self) -> bool:
        """Whether it is a count, so that the figures of several layers add up."""
        return self.kind == COUNT and self.unit != ""

    @property
    def is_number(self) -> bool:
        """Whether it can have limits: it is a count, or the receptive field, which has a number for each axis."""
        return self.is_sum or self.name == FIELD

    @property
    def is_bytes(self) -> bool:
        return self.counts == BYTES

    def of_layer(self, row: Line) -> Any:
        """The raw figure of a layer."""
        return row.count(self.formula) if self.formula is not None else (self.value or self.get)(row)

    def of_network(self, report: "Report") -> Any:
        """The raw figure of a network."""
        if self.kind == SHAPES and self.total is not None:
            return self.total(report.totals, report)
        return getattr(report.totals, self.name)


def text(name: str, header: str, help: str, importance: int, **settings: Any) -> Figure:
    """A figure that is text: the attribute of a line that has its name, unless `get` is given."""
    return Figure(name, header, TEXT, "", help, importance, **{"get": attrgetter(name), **settings})


def count(
    name: str,
    header: str,
    unit: str,
    help: str,
    importance: int = 0,
    *,
    formula: Formula | None = None,
    **settings: Any,
) -> Figure:
    """A figure that adds up: the attribute of a layer's facts that has its name, unless a formula is given."""
    known: Formula = attrgetter(name) if formula is None else formula
    of = settings.get("of", LAYER)
    usual = {"json": "" if of == NETWORK else name, "counts": name, "label": name.replace("_", " ")}
    get: Callable[[Line], Any] = lambda line: line.count(known)  # noqa: E731
    return Figure(name, header, COUNT, unit, help, importance, get=get, formula=known, **{**usual, **settings})


def shapes(name: str, header: str, unit: str, help: str, importance: int, **settings: Any) -> Figure:
    return Figure(name, header, SHAPES, unit, help, importance, **settings)


def extent(name: str, header: str, help: str, importance: int, part: str, **settings: Any) -> Figure:
    """A part of the receptive field, for each input of the network."""

    def get(line: Line) -> dict[str, Any]:
        fields = line.receptive_fields
        return {name: None if field is None else getattr(field, part) for name, field in fields.items()}

    return Figure(name, header, EXTENT, "pixels", help, importance, get=get, **settings)
