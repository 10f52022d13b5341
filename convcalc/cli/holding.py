"""The options of `check` for configuration, budgets and baseline, and the settings made from them."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from convcalc.arith.units import count_of
from convcalc.errors import UsageError
from convcalc.report.figure import MAX, MIN, Figure
from convcalc.report.figures import FIGURES, totals

if TYPE_CHECKING:
    from convcalc.checking.configuration.configuration import Configuration
    from convcalc.checking.settings import Comparison, RunSettings
    from convcalc.limits.baseline import Baseline
    from convcalc.limits.limit import Limit

F = TypeVar("F", bound=Callable[..., Any])


def holding_options(function: F) -> F:
    """--config, --no-config, --max-FIGURE, --min-FIGURE, --budget, --baseline, --max-growth."""
    options = [
        click.option("--config", metavar="FILE", help="The configuration; by default the nearest one upwards."),
        click.option("--no-config", is_flag=True, help="Use no configuration."),
        *_bounds(),
        click.option("--budget", "budgets", metavar="BUDGET", multiple=True,
                     help="Limit of any figure of network or layers: 'flops <= 2G', 'conv*.receptive_field >= 7'."),
        click.option("--baseline", metavar="REV",
                     help=f"Compare figures with a git revision: {_in_baseline()} may not grow."),
        click.option("--max-growth", "growths", metavar="FIGURE=AMOUNT", multiple=True,
                     help="How much a figure may grow since the baseline: params=2%, macs=0."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def _bounds() -> list[Callable[[F], F]]:
    """--max-FIGURE and --min-FIGURE of every total: those with a help first, the others hidden."""
    both = [(figure, side) for figure in totals() for side in (MAX, MIN)]
    listed = [(figure, side) for figure, side in both if figure.bound[0] == side]
    return [_bound(figure, side) for figure, side in [*listed, *[each for each in both if each not in listed]]]


def _bound(figure: Figure, side: str) -> Callable[[F], F]:
    usual, help = figure.bound
    return click.option(
        f"--{side}-{figure.name.replace('_', '-')}",
        f"{side}_{figure.name}",
        metavar="SIZE" if figure.is_bytes else "N",
        help=help,
        hidden=side != usual,
    )


def _in_baseline() -> str:
    """The figures that may not grow, in words: params, macs and peak activations."""
    names = [figure.name.removesuffix("_bytes").replace("_", " ") for figure in FIGURES if figure.baseline]
    *others, last = [name if name.endswith("s") else f"{name}s" for name in names]
    return f"{', '.join(others)} and {last}"


def run_settings(
    paths: tuple[str, ...],
    select: list[str] | None,
    ignore: list[str],
    *,
    config: str | None,
    no_config: bool,
    budgets: tuple[str, ...],
    baseline: str | None,
    growths: tuple[str, ...],
    input: str | None,
    python: str | None,
    fail_on: str | None,
    against: tuple[str, ...] = (),
    weights: tuple[str, ...] = (),
    **bounds: str | None,
) -> RunSettings:
    """The settings of options and configuration. Raises UsageError, and SpecError for a wrong configuration."""
    from convcalc.checking.settings import RunSettings

    found = _configuration(config, no_config)
    earlier = _baseline(paths, found, baseline, growths)
    return RunSettings(
        found, select, ignore, _limits(budgets, bounds), earlier, input, python, fail_on,
        _comparisons(paths, against, weights),
    )  # fmt: skip


def _comparisons(paths: tuple[str, ...], against: tuple[str, ...], weights: tuple[str, ...]) -> list[Comparison]:
    """What --against and --weights compare the one file with. Raises UsageError where there are several."""
    if not against and not weights:
        return []
    from convcalc.checking.comparing import comparison  # needed only for these options

    option = "--against" if against else "--weights"
    if len(paths) != 1 or os.path.isdir(paths[0]):
        given = f"{paths[0]} is a directory" if len(paths) == 1 else f"{count_of(len(paths), 'path')} are given"
        raise UsageError(
            f"{option} compares one file, and {given}", f"name the file: `convcalc check net.yaml {option} …`"
        )
    return [
        *(comparison("differs-from-source", text) for text in against),
        *(comparison("differs-from-weights", text) for text in weights),
    ]


def _configuration(config: str | None, no_config: bool) -> Configuration | None:
    if no_config:
        if config is not None:
            raise UsageError("--config and --no-config contradict each other", "give one of the two")
        return None
    if config is not None:
        from convcalc.checking.configuration.reading import load_configuration

        return load_configuration(config)
    from convcalc.checking.configuration import find_configuration

    return find_configuration()


def _limits(budgets: tuple[str, ...], bounds: dict[str, str | None]) -> list[Limit]:
    given = {name: text for name, text in bounds.items() if text is not None}
    if not given and not budgets:
        return []
    from shlex import quote

    from convcalc.limits.limit import budget, limit

    found = []
    for name, text in given.items():
        side, _, figure = name.partition("_")
        found.append(limit("", figure, side, text, f"--{name.replace('_', '-')} {quote(text)}"))
    return found + [budget(text) for text in budgets]


def _baseline(
    paths: tuple[str, ...], configuration: Configuration | None, name: str | None, growths: tuple[str, ...]
) -> Baseline | None:
    name = name if name is not None else configuration.baseline if configuration is not None else None
    if name is None:
        if growths:
            raise UsageError("--max-growth needs a baseline", "add --baseline REV")
        return None
    from convcalc.limits.baseline import baseline
    from convcalc.limits.growth import growth_option

    allowed = {growth.figure: growth for growth in configuration.growths} if configuration is not None else {}
    allowed.update((growth.figure, growth) for growth in map(growth_option, growths))
    return baseline(name, list(allowed.values()), next((path for path in paths if path != "-"), ""))
