"""A screenshot as lines of text and of colours, without what Textual numbers anew each time."""

from __future__ import annotations

import re
from html import unescape

_RULE = re.compile(r"\.[\w-]+-r(\d+) \{ ?([^}]*?);? ?\}")
_TEXT = re.compile(r'<text class="[\w-]+-r(\d+)" x="([\d.]+)"[^>]*clip-path="url\(#[\w-]+-line-(\d+)\)">([^<]*)</text>')
_GROUND = re.compile(r'<rect fill="(#\w+)" x="([\d.]+)" y="([\d.]+)" width="([\d.]+)"')
CELL = 12.2  # the width of a character in Textual's pictures


def lines(svg: str) -> list[str]:
    """The characters of a screenshot, line by line."""
    found: dict[int, str] = {}
    for _, x, line, text in _TEXT.findall(svg):
        place = round(float(x) / CELL)
        found[int(line)] = found.get(int(line), "").ljust(place) + unescape(text).replace("\xa0", " ")
    return [found.get(number, "").rstrip() for number in range(max(found) + 1)]


def colours(svg: str) -> list[str]:
    """Of each line, where a style starts that differs from the one before: `3 #e0e0e0 bold`; then its grounds."""
    styles = {number: _short(rule) for number, rule in _RULE.findall(svg)}
    found: dict[int, list[str]] = {}
    for number, x, line, text in _TEXT.findall(svg):
        if text.replace("&#160;", "").strip():
            found.setdefault(int(line), []).append(f"{round(float(x) / CELL)} {styles[number]}")
    grounds: dict[int, list[str]] = {}
    for fill, x, y, width in _GROUND.findall(svg):
        grounds.setdefault(round(float(y) / 24.4), []).append(
            f"{round(float(x) / CELL)}+{round(float(width) / CELL)} {fill}"
        )
    texts = [f"{line}: " + ", ".join(_changes(found[line])) for line in sorted(found)]
    return texts + [f"{line} on: " + ", ".join(_changes(grounds[line])) for line in sorted(grounds)]


def _changes(runs: list[str]) -> list[str]:
    """The runs without those that look as the one before."""
    return [run for place, run in enumerate(runs) if not place or run.split()[1:] != runs[place - 1].split()[1:]]


def _short(rule: str) -> str:
    return (
        rule.replace("fill: ", "")
        .replace(";font-weight", "")
        .replace(";text-decoration", "")
        .replace(": ", " ")
        .strip("; ")
    )
