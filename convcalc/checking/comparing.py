"""Compares a network of a file with its source, and with its weights."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from convcalc import api
from convcalc.arith.units import count_of
from convcalc.checking.settings import Comparison, Settings
from convcalc.errors import SpecError, UsageError
from convcalc.importers import PYTORCH
from convcalc.language.overrides import Overrides
from convcalc.language.spec import Spec
from convcalc.lint.comparisons import OPTIONS, differs_from_source
from convcalc.lint.finding import Finding
from convcalc.problems import Problem
from convcalc.report.report import Report
from convcalc.targets.find import find, unknown_variant
from convcalc.targets.target import Target

SOURCE, WEIGHTS = "differs-from-source", "differs-from-weights"
# Of a target pytorch:MODULE:NAME(argument=…), the sign belongs to the target.
_VARIANT = re.compile(r"([\w.\-]+)=(?=.)")


def comparison(rule: str, text: str) -> Comparison:
    """The comparison that an option gives: TARGET, or VARIANT=TARGET.

    >>> comparison("differs-from-source", "wide=pytorch:net:Net(width=32)")
    Comparison(rule='differs-from-source', variant='wide', target='pytorch:net:Net(width=32)')
    """
    found = _VARIANT.match(text)
    return Comparison(rule, found[1] if found else None, text[found.end() :] if found else text)


def check_variants(spec: Spec, variants: Sequence[str | None], settings: Settings) -> list[Problem]:
    """The problems of comparisons with a network that the file does not have."""
    for each in settings.comparisons:
        if each.variant is not None and each.variant not in variants:
            return unknown_variant(spec.source, each.variant, list(spec.variants)).problems
        if each.variant is None and None not in variants:
            option = OPTIONS[each.rule]
            message = f"{option} is for the network of the file itself, which has variants alone"
            help = f"write {option} VARIANT={each.target}"
            return [spec.source.problem("unknown-variant", message, spec.mark, help=help)]
    return []


class Compared(NamedTuple):
    """The findings of one comparison, and a sentence about it; the problems of what cannot be read."""

    rule: str
    findings: list[Finding]
    problems: list[Problem]
    note: str = ""


def compare(spec: Spec, variant: str | None, report: Report, settings: Settings) -> Iterator[Compared]:
    """Each comparison with a network of the file. Findings without a layer are at the head of the network."""
    mark = spec.mark_of_target(variant)
    for each in settings.comparisons:
        if each.variant != variant:
            continue
        try:
            findings, note = _compared(each, report, settings)
        except UsageError as error:
            message = f"{OPTIONS[each.rule]} {each.target}: {error.message}"
            yield Compared(each.rule, [], [spec.source.problem("unreadable-file", message, mark, help=error.help)])
        except SpecError as error:
            yield Compared(each.rule, [], error.problems)
        else:
            placed = [found if found.row is not None else replace(found, mark=mark) for found in findings]
            yield Compared(each.rule, placed, [], note)


def _compared(each: Comparison, report: Report, settings: Settings) -> tuple[list[Finding], str]:
    if each.rule == WEIGHTS:
        from convcalc.lint.comparisons import differs_from_weights  # the readers of checkpoints: an option
        from convcalc.weights.read import read

        return differs_from_weights.check(report, read(each.target))
    found = _source(each.target, report, settings)
    source = api.analyse(api.load_target(found, Overrides()))
    findings = list(differs_from_source.check(report, source, found.foreign))
    return findings, f"compared with {each.target}, which has {count_of(len(source.rows), 'layer')}"


def _source(target: str, report: Report, settings: Settings) -> Target:
    """The target, read with the input of the network where it leaves its own open."""
    own = [list(shape) for shape in report.graph.inputs.values()]
    if settings.input is None and target.startswith(PYTORCH):
        return find(target, own, settings.python)
    try:
        return find(target, settings.input, settings.python)
    except UsageError:
        if settings.input is not None:
            raise
    return find(target, own, settings.python)
