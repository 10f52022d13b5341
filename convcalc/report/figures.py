"""The list of figures: what is known of a layer and of a network, each figure declared once.

Columns, totals, JSON fields, expectations, budgets, growth, the lock file, comparisons, the zoo, the editor's schema
and the options of the command line are all queries of this list. A new figure is one entry here, and its formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any, NamedTuple

from convcalc.arith.units import BYTES, DTYPE_BITS
from convcalc.report.sums import stored_bytes

if TYPE_CHECKING:
    from convcalc.analysis.facts import Facts
    from convcalc.report.report import Report
    from convcalc.report.totals import Totals

# A line of a table: a Row, or FoldedRows. Both have what the getters read.
Line = Any
Formula = Callable[["Facts"], int | None]

# What a figure is: text, an integer, a list of shapes, or, for each input of the network, a number for each axis.
TEXT, COUNT, SHAPES, EXTENT = "text", "count", "shapes", "extent"
LAYER, NETWORK, BOTH = "layer", "network", "both"
MIN, MAX = "min", "max"
# The tables that show only some totals: networks side by side, a difference, the states of an editor, shipped networks.
COMPARED, DIFFERENCE, STATES, ZOO = "compared", "difference", "states", "zoo"
FIELD = "receptive_field"


class Figure(NamedTuple):
    """One figure, and everything that depends on which figure it is.

    The first five fields describe it. `of` says whether a layer has it, the network as a whole, or both.

    How it is got: `get` gives what a column shows of a line, `value` what programs read of a layer where that is
    something else. `formula` is what a layer adds to a count. The figure of the network is the sum of what its layers
    add, unless `total` gives it. An `owned` figure is zero in a layer that uses the parameters of another.

    Where it appears: a figure with an `importance` is a column, and those of the least importance are dropped first
    where the width is short. `json` is its key in the rows of the JSON report, which have only figures with a key.
    `tables` are the tables of totals that always show it. `beside` is its importance where networks are a line each,
    and `attribute` its label where layers are a column each; without it the figure is left out there. `wiring` says
    that it counts parameters under one way of wiring every layer.

    What it is held to: `expect` takes every count and the receptive field, others where they are `expected`. `counts`
    is what a number with a unit counts: the params of 5M params. `bound` is the side on which it is usually bounded,
    and the help of that option. `locked` is the version of the lock file since which that file has it, 0 where it has
    not. A figure in the `baseline` may not grow where no one says which ones may.
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
    total: Callable[[Totals, Report], Any] | None = None
    owned: bool = False
    at_a_glance: bool = False  # a terminal may round it
    note: str = ""  # explains the column below its table
    explained: str = ""  # explains the total below a table of networks
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
        """Whether it counts something, so that the figures of several layers add up."""
        return self.kind == COUNT and self.unit != ""

    @property
    def is_number(self) -> bool:
        """Whether it can be bounded: it is a count, or the receptive field, which has a number for each axis."""
        return self.is_sum or self.name == FIELD

    @property
    def is_bytes(self) -> bool:
        return self.counts == BYTES

    def of_layer(self, row: Line) -> Any:
        """The raw figure of a layer."""
        return row.count(self.formula) if self.formula is not None else (self.value or self.get)(row)

    def of_network(self, report: Report) -> Any:
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


def by_name(values: Mapping[str, Any]) -> Any:
    """The one value, or all of them by name where there are several inputs or outputs."""
    return dict(values) if len(values) != 1 else next(iter(values.values()))


def _config(key: str) -> Callable[[Line], Any]:
    """A parameter of the layer as a list with one shape, none where the layer has no such parameter."""

    def get(line: Line) -> list[Any]:
        value = line.config.get(key)
        is_shape = isinstance(value, (tuple, list)) and all(isinstance(size, int) for size in value)
        return [value] if is_shape else []  # of a custom layer it may be anything

    return get


def _peak_bytes(totals: Totals, report: Report) -> int:
    return -(-report.analysis.peak_elements * report.batch * DTYPE_BITS[report.dtype] // 8)


# The order is that of the columns, of the totals and of the lock file.
FIGURES: tuple[Figure, ...] = (
    text("name", "name", "full name of the layer", 100),
    text("type", "type", "layer type", 50, expected=True),
    text("inputs", "reads", "the layers or inputs that it reads", 10, get=lambda line: ", ".join(line.inputs),
         value=attrgetter("inputs")),
    Figure("line", "line", COUNT, "", "line of the file on which it is written", 10, get=attrgetter("line")),
    shapes("input_shape", "input", "sizes", "shape of what it reads", 20, of=BOTH, get=attrgetter("input_shapes"),
           total=lambda totals, report: by_name(report.inputs), json="input_shapes", locked=1),
    shapes("output_shape", "output", "sizes", "shape of its output, channels first", 80, of=BOTH,
           get=lambda line: [line.output_shape], value=attrgetter("output_shape"),
           total=lambda totals, report: by_name(report.outputs), json="output_shape", attribute="output",
           expected=True, locked=1),
    text("config", "config", "its parameters, defaults filled in", 0, json="config"),
    shapes("kernel_size", "kernel", "cells", "size of its window", 30, get=_config("kernel_size")),
    shapes("stride", "stride", "cells", "stride of its window", 25, get=_config("stride")),
    extent(FIELD, "field", "size of its receptive field, not cut at the border", 60, "size", of=BOTH,
           value=lambda row: row.field_size, total=lambda totals, report: report.output_sizes(), label="field",
           explained="receptive field of the output in pixels, not cut at the border",
           tables=(COMPARED, DIFFERENCE, STATES, ZOO), beside=70, attribute="receptive field", counts="pixels",
           bound=(MIN, "The output sees at least so many pixels along every axis."), locked=1),
    extent("clipped", "clipped", "size of its receptive field, cut at the border", 15, "clipped"),
    extent("field_stride", "field stride", "distance between the fields of neighbouring units", 15, "stride"),
    extent("field_padding", "field padding", "how far the first unit's field starts before the image", 15, "padding"),
    count("layers", "layers", "layers", "how many layers the network has", of=NETWORK, formula=lambda facts: 1,
          tables=(COMPARED, DIFFERENCE, STATES), beside=40, locked=1),
    count("params", "params", "numbers", "parameters as the spec writes it", 90, of=BOTH, owned=True,
          tables=(COMPARED, DIFFERENCE, STATES, ZOO), beside=95, attribute="params as written",
          bound=(MAX, "At most so many parameters: 5M."), locked=1, baseline=True),
    count("weights", "weights", "numbers", "its weights", 20, owned=True, counts="params"),
    count("biases", "biases", "numbers", "its biases", 20, owned=True, counts="params"),
    count("trainable_params", "trainable", "numbers", "parameters that are trained", 20, of=BOTH, owned=True,
          counts="params", locked=1),
    # The rows of the JSON report leave it out: it is params without trainable_params.
    count("frozen_params", "frozen", "numbers", "parameters that are not trained", 20, of=BOTH, owned=True,
          counts="params", json=""),
    count("buffers", "buffers", "numbers", "kept but not learned: running statistics", 20, of=BOTH, owned=True,
          locked=1),
    count("params_shared", "shared", "numbers", "parameters if all positions shared their weights", 40, of=BOTH,
          owned=True, counts="params", tables=(STATES,), attribute="params with sharing", wiring=True, locked=1),
    count("params_unshared", "unshared", "numbers", "parameters if each position had its own weights", 40, of=BOTH,
          counts="params", tables=(STATES,), attribute="params without sharing", wiring=True, locked=1),
    count("params_fully_connected", "fully connected", "numbers", "parameters if each unit read the whole input", 35,
          of=BOTH, counts="params", tables=(STATES,), attribute="params fully connected", wiring=True, locked=1),
    count("connections", "connections", "uses", "uses of a weight or bias in one forward pass", 30, of=BOTH,
          at_a_glance=True, tables=(COMPARED,), attribute="connections", locked=1),
    count("macs", "macs", "operations", "multiply-accumulates of one sample, bias excluded", 70, of=BOTH,
          at_a_glance=True, tables=(COMPARED, DIFFERENCE, STATES, ZOO), beside=90, attribute="macs",
          bound=(MAX, "At most so many multiply-accumulates: 300M."), locked=1, baseline=True),
    count("flops", "flops", "operations", "twice the macs", 30, of=BOTH, at_a_glance=True),
    count("activations", "activations", "numbers", "outputs of convolutions and linear layers", of=NETWORK,
          at_a_glance=True, explained="outputs of convolutions and linear layers",
          tables=(COMPARED, DIFFERENCE, STATES), beside=35, locked=1),
    count("units", "units", "numbers", "numbers in its output", 30, attribute="units"),
    count("output_elements", "output elements", "numbers", "numbers in the outputs of all layers", of=BOTH,
          formula=attrgetter("units"), counts="units"),
    count("param_bytes", "size", "bytes", "memory of the parameters", of=NETWORK, formula=attrgetter("params"),
          total=lambda totals, report: stored_bytes(totals.params, report.dtype), label="size",
          explained="of the parameters in {dtype}", tables=(COMPARED, DIFFERENCE), beside=50, counts=BYTES,
          bound=(MAX, "At most so many bytes of parameters in float32: 4MiB.")),
    count("peak_activation_bytes", "peak", "bytes", "most memory that all maps in use take at a time", of=NETWORK,
          formula=attrgetter("units"), total=_peak_bytes, label="peak",
          explained="the most that all maps in use take at a time, batch {batch}", tables=(COMPARED, DIFFERENCE),
          beside=55, counts=BYTES, bound=(MAX, "At most so many bytes of activations at a time."), locked=1,
          baseline=True),
    text("tied_to", "tied to", "the layer whose parameters it uses", 15, get=lambda line: line.tied_to or "",
         value=attrgetter("tied_to"), json="tied_to", expected=True),
)  # fmt: skip

BY_NAME = {figure.name: figure for figure in FIGURES}


# -- queries ---------------------------------------------------------------------------------------------------------


def columns() -> dict[str, Figure]:
    """Those that a table can show of each layer, by name."""
    return {figure.name: figure for figure in FIGURES if figure.importance}


def totals() -> list[Figure]:
    """The numbers of a network: counts, then the receptive field, which has one number for each axis."""
    return _counts_first(figure for figure in FIGURES if figure.of != LAYER and figure.is_number)


def sums() -> list[Figure]:
    """The totals that are the sums of the layers' figures of the same name."""
    return [figure for figure in FIGURES if figure.of == BOTH and figure.is_sum]


def shapes_of_layers() -> list[Figure]:
    """The shapes that a layer reads and writes."""
    return [figure for figure in FIGURES if figure.of == BOTH and figure.kind == SHAPES]


def numbers_of_layers() -> list[Figure]:
    """The numbers of a layer: counts, then the receptive field."""
    return _counts_first(figure for figure in FIGURES if figure.of != NETWORK and figure.is_number)


def expected_of_layers() -> list[Figure]:
    """What `expect` takes for a layer: its numbers, and what else is `expected`."""
    return [*numbers_of_layers(), *[figure for figure in FIGURES if figure.expected]]


def expected_of_networks() -> list[Figure]:
    """What `expect` takes for a network: its numbers and the shape of its output."""
    return [*totals(), *[figure for figure in FIGURES if figure.expected and figure.of == BOTH]]


def locked(version: int) -> list[Figure]:
    """What a lock file of that version holds: shapes, then numbers."""
    found = [figure for figure in FIGURES if 0 < figure.locked <= version]
    return [*[figure for figure in found if not figure.is_number], *[each for each in totals() if each in found]]


def shown_in(table: str) -> list[Figure]:
    """The totals that a table always shows."""
    return [figure for figure in totals() if table in figure.tables]


def wirings() -> list[Figure]:
    """The counts of parameters under each way of wiring every layer."""
    return [figure for figure in FIGURES if figure.wiring]


def attributes() -> list[Figure]:
    """What layers are compared by: output, counts, receptive field."""
    return _counts_first(figure for figure in FIGURES if figure.attribute)


def arranged(figures: Iterable[Figure], after: Mapping[str, str]) -> list[Figure]:
    """The figures in their order, but for some by name: each of them follows another one.

    >>> [figure.name for figure in arranged(sums()[:3], {"params": "trainable_params"})]
    ['trainable_params', 'params', 'frozen_params']
    """
    figures = list(figures)
    found = [figure for figure in figures if figure.name not in after]
    for figure in figures:
        if figure.name in after:
            places = [index for index, other in enumerate(found, 1) if other.name == after[figure.name]]
            found.insert(places[0] if places else len(found), figure)
    return found


def _counts_first(figures: Iterator[Figure]) -> list[Figure]:
    return sorted(figures, key=lambda figure: figure.kind == EXTENT)
