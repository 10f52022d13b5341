"""`convcalc zoo`: the shipped specs."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, TypeVar

import click

from convcalc import shipped
from convcalc.arith.units import group_digits, parse_quantity
from convcalc.arith.wording import listed
from convcalc.catalogue import figures, selection
from convcalc.catalogue.figures import ZooNetwork
from convcalc.catalogue.selection import Condition, chosen, ordered, without_each
from convcalc.cli.output import Printer, number_option, output_options
from convcalc.cli.progress import watched
from convcalc.cli.terminal import style_for
from convcalc.errors import UsageError
from convcalc.language.overrides import parse_input_shape
from convcalc.problems import nearest
from convcalc.render.written import SpecPrintout
from convcalc.render.zoo import ZooPrintout
from convcalc.report.figure import MAX, MIN, ZOO
from convcalc.report.figures import shown_in
from convcalc.targets import names
from convcalc.text.files import read_file
from convcalc.text.source import YamlList, YamlMapping

F = TypeVar("F", bound=Callable[..., Any])

EPILOG = """\b
Examples:
  convcalc zoo
  convcalc zoo alexnet
  convcalc zoo alexnet --show > my-alexnet.yaml
  convcalc zoo --max-params 5M --sort macs --about
  convcalc zoo --family vgg --family resnet --format csv
  convcalc zoo --input 3x224x224 --min-receptive-field 500
"""
FIGURES = shown_in(ZOO)
SORTS = tuple(selection.ORDERS)


def complete_family(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in shipped.files() if name.startswith(incomplete)]


def _quantity(ctx: click.Context, param: click.Parameter, value: str | None) -> int | None:
    """A bound as people write it: 5M, 300k."""
    quantity = None if value is None else parse_quantity(value.replace(",", ""))
    if value is not None and quantity is None:
        raise UsageError(f"{param.opts[0]} `{value}` is not a whole number", "write 5000000, 5M or 300k")
    return quantity


def bounds(function: F) -> F:
    """--max-FIGURE and --min-FIGURE of each count; for the receptive field, only the usual side."""
    for figure in reversed(FIGURES):
        usual, help = figure.bound
        for side, other in ((MIN, "At least this number."), (MAX, "At most this number.")):
            if figure.is_sum or side == usual:
                name = f"--{side}-{figure.name.replace('_', '-')}"
                text = help if side == usual else other
                function = click.option(name, metavar="N", callback=_quantity, help=text)(function)
    return function


@click.command(epilog=EPILOG)
@click.argument("name", metavar="[NAME]", required=False, shell_complete=complete_family)
@click.option("--all", "every", is_flag=True, help="Also examples of single layers, and second names of networks.")
@click.option("--about", is_flag=True, help="Add what each network is, and its source.")
@click.option("--show", is_flag=True, help="Print the YAML text of the spec.")
@click.option(
    "--family",
    "families",
    metavar="NAME",
    multiple=True,
    shell_complete=complete_family,
    help="Only this file and its variants; may be repeated.",
)
@click.option("--search", metavar="WORDS", help="Only those whose name, description or source has these words.")
@click.option("--input", metavar="SHAPE", help="Only those that read this shape: 3x224x224.")
@bounds
@click.option(
    "--sort",
    type=click.Choice(SORTS),
    metavar="COLUMN",
    help=f"Sort by {', '.join(SORTS[:-1])} or {SORTS[-1]}; figures from the largest.",
)
@click.option("--reverse", is_flag=True, help="Reverse the order: with --sort, figures from the smallest.")
@number_option
@output_options(ZooPrintout, SpecPrintout)
def command(
    name: str | None,
    every: bool,
    about: bool,
    show: bool,
    families: tuple[str, ...],
    sort: str | None,
    reverse: bool,
    si: bool,
    printer: Printer,
    **filters: Any,
) -> None:
    """The shipped networks with their figures; or the details of the file or variant NAME.

    Every other command takes these targets; for a variant, its name alone is enough. FILE@VARIANT in the place of a
    file is the network that the file has without a variant.
    """
    file = None if name is None else _file_of(name)
    if show:
        printer.show(_spec(file))
        return
    if file is not None and families:
        raise UsageError(f"NAME `{name}` and --family exclude each other", "give NAME or --family, not both")
    conditions = _conditions(**filters)
    entries = _entries([file] if file is not None else _known_families(families, every=every))
    if file is None and not every:
        entries = selection.without_doubles(entries)
    found = chosen(entries, conditions.values())
    if not found:
        _report_nothing_found(entries, conditions)
    if sort is not None:
        found = ordered(found, sort, reverse=reverse)
    elif reverse:
        found.reverse()
    title, facts = ("", []) if file is None else _about(entries[0], file)
    printer.show(ZooPrintout(found, sort is None and not reverse, title, facts, about, si))


def _file_of(name: str) -> str:
    """The shipped file that has this name or this variant. Raises UsageError when there is none."""
    if name in shipped.files():
        return name
    variant = name.rpartition("@")[2]
    path = names.file_with_variant(variant)
    file = "" if path is None else os.path.splitext(os.path.basename(path))[0]
    if file and name in (variant, f"{file}@{variant}"):
        return file
    help = nearest(name, names.short_names()) or "`convcalc zoo` lists them"
    raise UsageError(f"there is no shipped spec `{name}`", help)


def _known_families(wanted: tuple[str, ...], *, every: bool) -> list[str]:
    """The shipped files of these names; where none is given all, or all that are no examples of single layers.

    Raises UsageError for an unknown one.
    """
    known = list(shipped.files())
    for name in wanted:
        if name not in known:
            raise UsageError(f"there is no family `{name}`", nearest(name, known) or "`convcalc zoo` lists them")
    return [name for name in known if (name in wanted if wanted else every or name not in selection.EXAMPLES)]


def _spec(file: str | None) -> SpecPrintout:
    if file is None:
        raise UsageError("--show prints one spec", "name it: `convcalc zoo NAME --show`")
    return SpecPrintout(read_file(shipped.files()[file]).text)


def _entries(families: list[str]) -> list[ZooNetwork]:
    """The entries of these files: read where they are stored, else computed, with a progress bar on a terminal."""
    by_family = figures.stored()
    stale = [family for family in families if family not in by_family]
    if stale:
        targets = figures.targets(stale)
        for entry in watched(figures.computed(targets), len(targets), "networks"):
            by_family.setdefault(entry.family, []).append(entry)
    return [entry for family in families for entry in by_family[family]]


def _conditions(search: str | None, input: str | None, **bounds: int | None) -> dict[str, Condition]:
    """The conditions of the options, by their words."""
    found: dict[str, Condition] = {}
    if search is not None:
        found[f"--search {search}"] = selection.mentions(search)
    if input is not None:
        found[f"--input {input}"] = selection.reads(_shapes(input))
    for option, value in bounds.items():
        if value is not None:
            side, _, figure = option.partition("_")
            test = selection.at_most if side == MAX else selection.at_least
            found[f"--{option.replace('_', '-')} {group_digits(value)}"] = test(selection.FIGURES[figure], value)
    return found


def _report_nothing_found(entries: list[ZooNetwork], conditions: dict[str, Condition]) -> None:
    """Print that nothing was found, and how many each option excludes."""
    counts = without_each(entries, conditions)
    wider = [f"without {words} there would be {count:,}" for words, count in counts.items() if count]
    help = ", ".join(wider) or "leave out more than one of these options"
    style = style_for(sys.stderr)
    sys.stderr.write(
        f"none of {len(entries):,} networks fits {listed(list(conditions))}\n  {style('help', 'help')}: {help}\n"
    )


def _shapes(text: str) -> Any:
    """The shape, or the shapes by input name, as plain lists."""
    value = parse_input_shape(text)
    if isinstance(value, YamlMapping):
        return {name: shape.items for name, shape in value.pairs.items() if isinstance(shape, YamlList)}
    return value.items if isinstance(value, YamlList) else []


def _about(entry: ZooNetwork, file: str) -> tuple[str, list[tuple[str, str]]]:
    facts = [("about", entry.description), ("source", entry.citation), ("file", shipped.files()[file])]
    return entry.name or file, [(label, fact) for label, fact in facts if fact]
