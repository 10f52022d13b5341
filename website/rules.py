"""A page for each lint rule: what `convcalc rules RULE` prints."""

from __future__ import annotations

from collections.abc import Iterator

from convcalc.lint import rules
from convcalc.lint.comparisons import OPTIONS
from website.page import Page, joined, paragraph, sections, table

FOLDER = "reference/rules"


def pages() -> Iterator[Page]:
    yield Page(f"{FOLDER}/index.md", joined(_overview()))
    for name in (*rules.RULES, *OPTIONS):
        parts = [f"# {name}", _when(name), *sections(rules.find(name).manual(), 2)]
        yield Page(f"{FOLDER}/{name}.md", joined(parts), name)


def _overview() -> Iterator[str]:
    yield "# Lint rules"
    yield (
        "What `convcalc check` can find in a network that is allowed but probably wrong. `convcalc rules RULE` prints "
        "the same page in a terminal; [Check specs](../../guides/check.md) shows how to choose rules and how to ignore "
        "a finding."
    )
    groups: dict[str, list[str]] = {}
    for name in (*rules.RULES, *OPTIONS):
        groups.setdefault(_when(name), []).append(name)
    for title, names in groups.items():
        yield f"## {title.rstrip('.')}"
        rows = [(f"[`{name}`]({name}.md)", paragraph(rules.find(name).manual().summary)) for name in names]
        yield table(("rule", "what it finds"), rows)


def _when(name: str) -> str:
    if name in OPTIONS:
        return f"Runs with {OPTIONS[name]}."
    return "Runs by default." if rules.RULES[name] else "Runs when it is selected."
