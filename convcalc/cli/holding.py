"""The options of `check` for configuration, budgets and baseline, and the settings that follow from them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from convcalc.errors import UsageError

if TYPE_CHECKING:
    from convcalc.checking.configuration.configuration import Configuration
    from convcalc.checking.settings import RunSettings
    from convcalc.limits.baseline import Baseline
    from convcalc.limits.limit import Limit

F = TypeVar("F", bound=Callable[..., Any])

# Those that the help lists: figure, side, what follows, what it says.
_LISTED = (
    ("params", "max", "N", "At most so many parameters: 5M."),
    ("macs", "max", "N", "At most so many multiply-accumulates: 300M."),
    ("param_bytes", "max", "SIZE", "At most so many bytes of parameters in float32: 4MiB."),
    ("peak_activation_bytes", "max", "SIZE", "At most so many bytes of activations at a time."),
    ("receptive_field", "min", "N", "The output sees at least so many pixels along every axis."),
)
# The totals of convcalc.limits.figures, which the help of other commands does not import.
FIGURES = (
    "layers", "params", "trainable_params", "frozen_params", "buffers", "params_shared", "params_unshared",
    "params_fully_connected", "connections", "macs", "flops", "activations", "output_elements", "param_bytes",
    "peak_activation_bytes", "receptive_field",
)  # fmt: skip


def holding_options(function: F) -> F:
    """--config, --no-config, --max-FIGURE, --min-FIGURE, --budget, --baseline, --max-growth."""
    options = [
        click.option("--config", metavar="FILE", help="The configuration; the nearest one upwards where absent."),
        click.option("--no-config", is_flag=True, help="Without a configuration."),
        *(_bound(figure, side, metavar, help) for figure, side, metavar, help in _LISTED),
        *_unlisted(),
        click.option("--budget", "budgets", metavar="BUDGET", multiple=True,
                     help="Any figure of the network or of layers: 'flops <= 2G', 'conv*.receptive_field >= 7'."),
        click.option("--baseline", metavar="REV",
                     help="Hold figures against a git revision: params, macs and peak activations may not grow."),
        click.option("--max-growth", "growths", metavar="FIGURE=AMOUNT", multiple=True,
                     help="How much a figure may grow since the baseline: params=2%, macs=0."),
    ]  # fmt: skip
    for option in reversed(options):
        function = option(function)
    return function


def _bound(figure: str, side: str, metavar: str = "N", help: str = "", hidden: bool = False) -> Callable[[F], F]:
    option = f"--{side}-{figure.replace('_', '-')}"
    return click.option(option, f"{side}_{figure}", metavar=metavar, help=help, hidden=hidden)


def _unlisted() -> list[Callable[[F], F]]:
    listed = {(figure, side) for figure, side, _, _ in _LISTED}
    return [
        _bound(figure, side, hidden=True)
        for figure in FIGURES
        for side in ("max", "min")
        if (figure, side) not in listed
    ]


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
    **bounds: str | None,
) -> RunSettings:
    """What the options and the configuration ask. Raises UsageError, and SpecError for a wrong configuration."""
    from convcalc.checking.settings import RunSettings

    found = _configuration(config, no_config)
    return RunSettings(found, select, ignore, _limits(budgets, bounds), _baseline(paths, found, baseline, growths))


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
            raise UsageError("--max-growth says how much, but not since when", "add --baseline REV")
        return None
    from convcalc.limits.baseline import baseline
    from convcalc.limits.growth import growth_option

    allowed = {growth.figure: growth for growth in configuration.growths} if configuration is not None else {}
    allowed.update((growth.figure, growth) for growth in map(growth_option, growths))
    return baseline(name, list(allowed.values()), next((path for path in paths if path != "-"), ""))
