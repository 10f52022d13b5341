"""What the mutations start from: every spec of the repository, whole files and the small ones of pages and tables."""

from __future__ import annotations

import random
import re
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from convcalc import shipped
from convcalc.lint import rules
from convcalc.manual.pages import Manual

ROOT = Path(__file__).parents[2]
DATA = ROOT / "tests" / "data"
_BLOCK = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)


@cache
def texts() -> tuple[list[str], list[str]]:
    """The texts of the shipped specs, and those of the small ones: examples, broken files, cases and pages of rules."""
    large = [Path(path).read_text(encoding="utf-8") for path in shipped.files().values()]
    small = [path.read_text(encoding="utf-8") for path in sorted(DATA.glob("[!rfst]*/*.yaml"))]
    small += [path.read_text(encoding="utf-8") for path in sorted(DATA.glob("fuzz/*.yaml"))]
    for table in sorted(DATA.glob("rules/*.yaml")):
        small += [case["spec"].replace("§", "") for case in yaml.safe_load(table.read_text(encoding="utf-8"))]
    for page in sorted((ROOT / "docs").rglob("*.md")):
        small += _BLOCK.findall(page.read_text(encoding="utf-8"))
    for name in rules.RULES:
        sections = Manual(name, rules.find(name).page).sections
        small += [sections["Fails"], sections["Passes"]]
    return large, small


def pick(chance: random.Random) -> str:
    """A text: a shipped one with few of its variants, or a small one."""
    large, small = texts()
    return with_few_variants(chance.choice(large), chance) if chance.random() < 0.3 else chance.choice(small)


def with_few_variants(text: str, chance: random.Random) -> str:
    """The text of a family with one or two of its variants, as it is laid out: each of them costs a network."""
    lines = text.splitlines(keepends=True)
    if "variants:\n" not in lines:
        return text
    start = lines.index("variants:\n") + 1
    end = next((at for at in range(start, len(lines)) if lines[at][0] not in " \n#"), len(lines))
    heads = [at for at in range(start, end) if re.match(r"  [^ #]", lines[at])]
    if len(heads) < 3:
        return text
    body: list[str] = []
    for number in sorted(chance.sample(range(len(heads)), chance.choice((1, 2)))):
        body += lines[heads[number] : [*heads, end][number + 1]]
    return "".join([*lines[:start], *body, *lines[end:]])


@cache
def _tree(text: str) -> Any:
    """The plain values of a text; None where it is no YAML."""
    try:
        return yaml.load(text, yaml.CSafeLoader)
    except (yaml.YAMLError, ValueError):
        return None


def tree(text: str) -> Any:
    """The plain values of a text, which the caller may change."""
    return deepcopy(_tree(text))


def value(chance: random.Random) -> Any:
    """A value that stands in some spec, a container too."""
    return deepcopy(chance.choice(_values()[None]))


def value_of(key: Any, chance: random.Random) -> Any:
    """A value that some spec has at such a key, or in some list where it is an index."""
    return deepcopy(chance.choice(_values().get(key if isinstance(key, str) else 0, [None])))


@cache
def _values() -> dict[Any, list[Any]]:
    """By its key, 0 for those of lists and None for all of them, every value that stands in some spec."""
    found: dict[Any, list[Any]] = {None: []}
    for text in (text for part in texts() for text in part):
        for container, key in places(_tree(text)):
            found[None].append(container[key])
            found.setdefault(key if isinstance(key, str) else 0, []).append(container[key])
    return found


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Each value within a tree, as its container and its key or index; a container that comes again is passed over."""
    found: list[tuple[Any, Any]] = []
    seen: set[int] = set()
    waiting = [tree]
    while waiting:
        container = waiting.pop()
        if id(container) in seen or not isinstance(container, (dict, list)):
            continue
        seen.add(id(container))
        pairs = container.items() if isinstance(container, dict) else enumerate(container)
        for key, item in pairs:
            found.append((container, key))
            waiting.append(item)
    return found
