"""SARIF 2.1.0, which code scanning services and editors read: https://docs.oasis-open.org/sarif/sarif/v2.1.0/."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from convcalc import __version__
from convcalc.checking.finding_fields import encode, end_column, fingerprints, from_root, full_message, json_list
from convcalc.checking.formats import Options
from convcalc.checking.results import BUG, ENDED, FAILED, UNUSED_ACCEPTED, UNUSED_IGNORE, Results
from convcalc.lint import rules
from convcalc.lint.comparisons import COMPARISONS
from convcalc.manual.pages import Manual
from convcalc.problems import Problem

if TYPE_CHECKING:
    from convcalc.checking.sarif_fixes import Replacements

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
ROOT = "%SRCROOT%"  # the name of the checkout's folder for GitHub and others
# Sections of a rule's page that hold a spec.
SPECS = ("Fails", "Passes")
# The findings of checks other than the lint rules and the reading of a spec.
CHECKS = {
    "expectation": "A figure is not the one that the spec expects.",
    "budget": "A figure exceeds its budget.",
    "growth": "A figure grew more than allowed since the baseline.",
    "locked": "A figure is not the one in the lock file.",
    UNUSED_IGNORE: "A comment ignores a finding that does not exist.",
    UNUSED_ACCEPTED: "An accepted finding does not exist.",
    BUG: "convcalc has a bug and failed on the file.",
    ENDED: "The process that checked the file was ended from outside.",
}
HELP = "Each finding shows what is wrong, and most show how to fix it."


def chunks(results: Results, options: Options) -> Iterator[str]:
    """One run: the tool with the rules of the findings, then each finding on a line."""
    problems = results.problems
    names = list(dict.fromkeys(problem.rule for problem in problems))
    indices = {name: index for index, name in enumerate(names)}
    head = {"name": "convcalc", "version": __version__, "semanticVersion": __version__}
    yield f'{{\n  "$schema": "{SCHEMA}",\n  "version": "2.1.0",\n  "runs": [\n    {{\n      "tool": {{\n'
    yield f'        "driver": {{\n          {encode(head)[1:-1]},\n          "rules": '
    yield from json_list(map(_rule, names), " " * 10)
    yield "\n        }\n      },\n"
    invocation = {"executionSuccessful": results.exit_code != FAILED, "exitCode": results.exit_code}
    root = {ROOT: {"description": {"text": "The top of the checkout, or the directory where the check was run."}}}
    for key, value in (
        ("invocations", [invocation]),
        ("originalUriBaseIds", root),
        ("columnKind", "unicodeCodePoints"),
    ):
        yield f'      "{key}": {encode(value)},\n'
    yield '      "results": '
    yield from json_list(_results(problems, indices), " " * 6)
    yield "\n    }\n  ]\n}\n"


def _rule(name: str) -> dict[str, Any]:
    """The description of a rule, with all fields that GitHub needs: its page, or for other checks a sentence."""
    if name not in rules.RULES and name not in COMPARISONS:
        title = name.replace("-", " ").capitalize() + "."
        full = CHECKS.get(name, f"{title} The spec cannot be read or built as it is written.")
        texts = {"shortDescription": CHECKS.get(name, title), "fullDescription": full, "help": HELP}
        return {"id": name, **{key: {"text": text} for key, text in texts.items()}}
    page = rules.find(name).manual()
    return {
        "id": name,
        "shortDescription": {"text": page.summary},
        "fullDescription": {"text": " ".join([page.summary, *page.details])},
        "help": {"text": _page(page, "{}:", "{}"), "markdown": _page(page, "**{}**", "```yaml\n{}\n```")},
    }


def _page(page: Manual, heading: str, spec: str) -> str:
    """A rule's page without its name; `heading` and `spec` are the formats of a section's title and of a spec."""
    parts = [page.summary, *page.details]
    for title, text in page.sections.items():
        parts += [heading.format(title), spec.format(text) if title in SPECS else text]
    return "\n\n".join(parts)


def _results(problems: Sequence[Problem], indices: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    fixes: dict[int, Replacements] = {}
    if any(problem.fix for problem in problems):
        from convcalc.checking.sarif_fixes import replacements  # needed only for a finding with a fix

        fixes = replacements(problems)
    for problem, fingerprint in zip(problems, fingerprints(problems)):
        result = _result(problem, indices[problem.rule], fingerprint)
        if problem.fix is not None and id(problem) in fixes:
            change = {
                "artifactLocation": _artifact(from_root(problem.where.file)), "replacements": fixes[id(problem)],
            }  # fmt: skip
            result["fixes"] = [{"description": {"text": problem.fix.title}, "artifactChanges": [change]}]
        yield result


def _result(problem: Problem, index: int, fingerprint: str) -> dict[str, Any]:
    return {
        "ruleId": problem.rule,
        "ruleIndex": index,
        "level": problem.severity,
        "message": {"text": full_message(problem)},
        "locations": [{"physicalLocation": _location(problem)}],
        "partialFingerprints": {"convcalc/v1": fingerprint},
    }


def _location(problem: Problem) -> dict[str, Any]:
    where, end = problem.where, end_column(problem)
    location: dict[str, Any] = {"artifactLocation": _artifact(from_root(where.file))}
    if where.line:
        region = {"startLine": where.line, "startColumn": where.column}
        location["region"] = region if end is None else {**region, "endLine": where.line, "endColumn": end}
    return location


def _artifact(file: str) -> dict[str, str]:
    """The URI of a file, percent-encoded byte by byte; a relative path is relative to the root."""
    uri = quote(_as_bytes(file))
    if not os.path.isabs(file):
        return {"uri": uri, "uriBaseId": ROOT}
    return {"uri": "file://" + uri if uri.startswith("/") else "file:///" + uri}


def _as_bytes(name: str) -> bytes:
    """The bytes of a file name as on disk; a name that no disk can have is encoded too."""
    try:
        return os.fsencode(name)
    except UnicodeEncodeError:
        return name.encode("utf-8", errors="surrogatepass")
