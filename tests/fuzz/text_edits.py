"""Edits of a spec's text: characters, lines and bytes, wherever they stand."""

from __future__ import annotations

import random
from collections.abc import Callable

from tests.fuzz import seeds
from tests.fuzz.expressions import expression

WORDS = (
    "[", "]", "{", "}", ":", ": ", ", ", "- ", "\n", "  ", "\t", "#", "=", "&a ", "*a", "!x ", "'", '"', "|", "?", "%",
    "<<: ", "---\n", "...\n", "\r", "\r\n", "0", "-1", "99", "1.5", "1e400", ".nan", "-.inf", "0x1F", "0o7", "1_0",
    "true",
    "null", "~", "[]", "{}", "=index", "=in_channels", "=row", "= ", "=1/0", "input", "previous", "name: ", "from: ",
    "repeat: ", "rows: ", "when: ", "tied: ", "a.*", "é", "\u2028", "\x85", "\ufeff", "\x00", "\x07", "\x1b[31m",
    "\x7f",
    "\ud7ff", "\ufffe", "\U0001f600", "\u202e", "e\u0301", "]]>", "::error::", "%0A", "&lt;", "9" * 40, "9" * 400,
    "include: ", "custom: ", "expect: ", "variants: ", "outputs: ", "# convcalc: ignore[all]", "# convcalc: ignore[",
)  # fmt: skip


def encoded(text: str) -> bytes:
    """The text as a file holds it; a half of a surrogate pair has no bytes."""
    return text.encode("utf-8", "replace")


def changed_text(text: str, chance: random.Random) -> bytes:
    """A text with one to six edits of characters, lines or bytes."""
    for _ in range(chance.choice((1, 1, 1, 2, 2, 3, 4, 6))):
        text = chance.choice(TEXT_EDITS)(text, chance)
    data = encoded(text)
    return _flipped(data, chance) if chance.random() < 0.2 else data


def _part(text: str, chance: random.Random, longest: int) -> tuple[int, int]:
    start = chance.randrange(len(text) + 1)
    return start, min(len(text), start + chance.randrange(longest + 1))


def _inserted(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance, 4)
    return text[:start] + chance.choice(WORDS) + text[end:]


def _any_character(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance, 2)
    return (
        text[:start]
        + chr(chance.choice((32, 128, 0x300, 0x2000, 0xD800, 0x10000)) + chance.randrange(128))
        + text[end:]
    )


def _deleted(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance, 60)
    return text[:start] + text[end:]


def _repeated(text: str, chance: random.Random) -> str:
    start, end = _part(text, chance, 120)
    return text[:end] + text[start:end] * chance.choice((1, 1, 2, 3, 30)) + text[end:]


def _spliced(text: str, chance: random.Random) -> str:
    other = seeds.pick(chance)
    cut = chance.choice(("\n", " ", ""))
    first, second = text.split(cut) if cut else list(text), other.split(cut) if cut else list(other)
    kept, joined = first[: chance.randrange(len(first) + 1)], second[chance.randrange(len(second) + 1) :]
    return cut.join(kept + joined)


def _moved_line(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    line = lines[chance.randrange(len(lines))]
    if chance.random() < 0.7:
        lines.remove(line)
    for _ in range(chance.choice((0, 1, 1, 2))):
        lines.insert(chance.randrange(len(lines) + 1), line)
    return "".join(lines)


def _indented(text: str, chance: random.Random) -> str:
    lines = text.splitlines(keepends=True) or [""]
    start = chance.randrange(len(lines))
    by = chance.choice((-4, -2, -1, 1, 2, 3, 40))
    for at in range(start, min(len(lines), start + chance.choice((1, 1, 2, 5, 50)))):
        lines[at] = (
            " " * by + lines[at] if by > 0 else lines[at][min(-by, len(lines[at]) - len(lines[at].lstrip(" "))) :]
        )
    return "".join(lines)


def _number(text: str, chance: random.Random) -> str:
    places = [at for at, character in enumerate(text) if character.isdigit()]
    if not places:
        return text
    at = chance.choice(places)
    number = chance.choice((0, 1, 2, 3, 5, 8, 17, 100, 999, 10**6, 10**9, 10**18, 10**40, 10**99, -1, -(10**12)))
    return f"{text[:at]}{number}{text[at + 1 :]}"


def _expression(text: str, chance: random.Random) -> str:
    places = [at for at, character in enumerate(text) if character == "="]
    written = expression(chance)
    if not places:
        return text + f"\nexpect: {{params: ={written}}}\n"
    at = chance.choice(places) + 1
    return text[:at] + written + text[at + chance.randrange(6) :]


TEXT_EDITS: tuple[Callable[[str, random.Random], str], ...] = (
    _inserted, _inserted, _inserted, _any_character, _deleted, _repeated, _spliced, _moved_line, _indented, _number,
    _number,
    _expression,
)  # fmt: skip


def _flipped(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data or b" ")
    for _ in range(chance.choice((1, 1, 2, 8))):
        at = chance.randrange(len(changed))
        changed[at] = changed[at] ^ (1 << chance.randrange(8)) if chance.random() < 0.7 else chance.randrange(256)
    return bytes(changed)
