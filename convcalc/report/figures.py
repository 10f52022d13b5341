"""The list of figures of a layer and of a network; each figure is declared once.

Columns, totals, JSON fields, expectations, budgets, growth, the lock file, comparisons, the zoo, the editor's schema
and the options of the command line are all queries of this list. A new figure is one entry here, and its formula.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from convcalc.arith.units import BYTES, DTYPE_BITS
from convcalc.report.figure import (
    BOTH,
    COMPARED,
    COUNT,
    DIFFERENCE,
    EXTENT,
    FIELD,
    LAYER,
    MAX,
    MIN,
    NETWORK,
    SHAPES,
    STATES,
    ZOO,
    Figure,
    Line,
    count,
    extent,
    shapes,
    text,
)
from convcalc.report.sums import stored_bytes

if TYPE_CHECKING:
    from convcalc.report.report import Report
    from convcalc.report.totals import Totals


def by_name(values: Mapping[str, Any]) -> Any:
    """The single value; a dictionary by name where there are several inputs or outputs."""
    return dict(values) if len(values) != 1 else next(iter(values.values()))


def _config(key: str) -> Callable[[Line], Any]:
    """A parameter of the layer as a list with one shape; empty where the layer has no such parameter."""

    def get(line: Line) -> list[Any]:
        value = line.config.get(key)
        is_shape = isinstance(value, (tuple, list)) and all(isinstance(size, int) for size in value)
        return [value] if is_shape else []  # the parameter of a custom layer may be anything

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
           bound=(MIN, "At least this field size of the output, in pixels along every axis."), locked=1),
    extent("clipped", "clipped", "size of its receptive field, cut at the border", 15, "clipped"),
    extent("field_stride", "field stride", "distance between the fields of neighbouring units", 15, "stride"),
    extent("field_padding", "field padding", "pixels of the first unit's field before the image", 15, "padding"),
    count("layers", "layers", "layers", "how many layers the network has", of=NETWORK, formula=lambda facts: 1,
          tables=(COMPARED, DIFFERENCE, STATES), beside=40, locked=1),
    count("params", "params", "numbers", "parameters as the spec writes it", 90, of=BOTH, owned=True,
          tables=(COMPARED, DIFFERENCE, STATES, ZOO), beside=95, attribute="params as written",
          bound=(MAX, "At most this number of parameters: 5M."), locked=1, baseline=True),
    count("weights", "weights", "numbers", "its weights", 20, owned=True, counts="params"),
    count("biases", "biases", "numbers", "its biases", 20, owned=True, counts="params"),
    count("trainable_params", "trainable", "numbers", "parameters that are trained", 20, of=BOTH, owned=True,
          counts="params", locked=1),
    # The rows of the JSON report leave it out: it is params without trainable_params.
    count("frozen_params", "frozen", "numbers", "parameters that are not trained", 20, of=BOTH, owned=True,
          counts="params", json=""),
    count("buffers", "buffers", "numbers", "stored but not learned: running statistics", 20, of=BOTH, owned=True,
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
          bound=(MAX, "At most this number of multiply-accumulates: 300M."), locked=1, baseline=True),
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
          bound=(MAX, "At most this memory of the parameters in float32: 4MiB.")),
    count("peak_activation_bytes", "peak", "bytes", "largest memory of all maps in use at one time", of=NETWORK,
          formula=attrgetter("units"), total=_peak_bytes, label="peak",
          explained="largest memory of all maps in use at one time, batch {batch}", tables=(COMPARED, DIFFERENCE),
          beside=55, counts=BYTES, bound=(MAX, "At most this memory of all activations in use."), locked=1,
          baseline=True),
    text("tied_to", "tied to", "the layer whose parameters it uses", 15, get=lambda line: line.tied_to or "",
         value=attrgetter("tied_to"), json="tied_to", expected=True),
)  # fmt: skip

BY_NAME = {figure.name: figure for figure in FIGURES}


# -- queries ---------------------------------------------------------------------------------------------------------


def columns() -> dict[str, Figure]:
    """The figures that a table can show for each layer, by name."""
    return {figure.name: figure for figure in FIGURES if figure.importance}


def totals() -> list[Figure]:
    """The numbers of a network: counts, then the receptive field, which has one number for each axis."""
    return _counts_first(filter(is_total, FIGURES))


def is_total(figure: Figure) -> bool:
    """Whether a figure is a number of a network."""
    return figure.of != LAYER and figure.is_number


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
    """The figures that `expect` takes for a layer: its numbers, and the others that are `expected`."""
    return [*numbers_of_layers(), *[figure for figure in FIGURES if figure.expected]]


def expected_of_networks() -> list[Figure]:
    """The figures that `expect` takes for a network: its numbers and the shape of its output."""
    return [*totals(), *[figure for figure in FIGURES if figure.expected and figure.of == BOTH]]


def locked_figures(version: int) -> list[Figure]:
    """The figures in a lock file of that version: shapes, then numbers."""
    found = [figure for figure in FIGURES if 0 < figure.locked <= version]
    return [*[figure for figure in found if not figure.is_number], *[each for each in totals() if each in found]]


def shown_in(table: str) -> list[Figure]:
    """The totals that a table always shows."""
    return [figure for figure in totals() if table in figure.tables]


def wirings() -> list[Figure]:
    """The counts of parameters, one for each wiring."""
    return [figure for figure in FIGURES if figure.wiring]


def attributes() -> list[Figure]:
    """The figures that a comparison of layers shows: output, counts, receptive field."""
    return _counts_first(figure for figure in FIGURES if figure.attribute)


def arrange(figures: Iterable[Figure], after: Mapping[str, str]) -> list[Figure]:
    """The figures in their order, except those named in `after`: each of these follows the figure that is given there.

    >>> [figure.name for figure in arrange(sums()[:3], {"params": "trainable_params"})]
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
