"""The options of a sweep that draw it."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple, TypeVar

import click

from convcalc.cli.complete import complete_file, complete_quantities
from convcalc.errors import UsageError
from convcalc.sweeping.axes import parse_axes
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.plotting.axes import plot_axes
from convcalc.sweeping.selection import Selection
from convcalc.sweeping.sweep import Sweep

F = TypeVar("F", bound=Callable[..., Any])


class Plotting(NamedTuple):
    """The values of --plot and --plot-axes."""

    file: str | None = None
    axes: str | None = None

    def check(self) -> None:
        """Raise UsageError where the file could not be written after a long sweep."""
        if self.file is None:
            if self.axes is not None:
                raise UsageError("--plot-axes needs --plot", f"add a file: --plot out.svg --plot-axes {self.axes}")
            return
        from convcalc.drawing.draw import check_file  # only a picture needs it

        check_file(self.file)
        folder = os.path.dirname(self.file) or "."
        if not os.path.isdir(folder):
            raise UsageError(f"{self.file} cannot be written: there is no folder {folder}", "choose another --plot")
        if os.path.isdir(self.file):
            raise UsageError(f"{self.file} is a directory", "name a file")

    def missing_columns(self, plan: Plan, selection: Selection) -> list[str]:
        """The columns that the picture needs and the rows of a plan would not have. Raises UsageError."""
        if self.file is None:
            return []
        axes = parse_axes(plan.axes)
        known = {*plan.columns, *[key for axis in axes for key in axis.keys]}
        return [name for name in plot_axes(self.axes, selection, axes).columns if name not in known]

    def start(self, sweep: Sweep) -> None:
        """Let a sweep note the points of the picture while its rows are read. Raises UsageError."""
        if self.file is not None:
            sweep.note_points(plot_axes(self.axes, sweep.selection, sweep.evaluator.axes))

    def write(self, sweep: Sweep) -> None:
        """Write the picture of a sweep that was read, if there is to be one. Raises UsageError."""
        if self.file is None:
            return
        try:
            sweep.plot(self.axes).save(self.file)
        except OSError as error:
            raise UsageError(f"{self.file} cannot be written: {error.strerror}", "choose another --plot") from None


def plotting_options(function: F) -> F:
    """--plot and --plot-axes; the command gets them as `plotting`."""

    @click.option("--plot", metavar="FILE", shell_complete=complete_file,
                  help="Draw the networks that pass, with the front marked: .svg, .png or .pdf.")  # fmt: skip
    @click.option("--plot-axes", metavar="FIGURE,FIGURE", shell_complete=complete_quantities,
                  help="What to draw: the figures of x and y, and a third one as colour. By default those of --pareto,"
                  " else that of --sort, else params and macs.")  # fmt: skip
    @wraps(function)
    def with_plotting(*args: Any, plot: str | None, plot_axes: str | None, **options: Any) -> Any:
        plotting = Plotting(plot, plot_axes)
        plotting.check()
        return function(*args, plotting=plotting, **options)

    return with_plotting  # type: ignore[return-value]  # click calls it by the names of the options
