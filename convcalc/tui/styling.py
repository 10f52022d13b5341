"""Rendered text with roles as Textual content, in the colours of the theme."""

from __future__ import annotations

from textual.content import Content, Span

_START, _END = "\ue000", "\ue001"  # private characters around a role's letter and its text
_ROLES = {
    "title": "bold $text-accent",
    "result": "bold $text-success",
    "note": "$foreground-muted",
    "help": "$text-accent",
    "error": "bold $text-error",
    "warning": "bold $text-warning",
    "place": "bold",
    "caret": "bold $text-error",
}
_LETTERS = {role: chr(0xE100 + number) for number, role in enumerate(_ROLES)}
_NAMES = {letter: role for role, letter in _LETTERS.items()}  # fmt: skip


def mark(text: str, role: str) -> str:
    """A style of `convcalc.render`: it marks the text, for `content` to colour."""
    return f"{_START}{_LETTERS[role]}{text}{_END}"


def content(text: str) -> Content:
    """A text that was rendered with `mark` as its style."""
    pieces: list[str] = []
    spans: list[Span] = []
    length = 0
    for number, part in enumerate(text.split(_START)):
        marked, _, rest = part.partition(_END) if number else ("", "", part)
        if marked:
            spans.append(Span(length, length + len(marked) - 1, _ROLES[_NAMES[marked[0]]]))
            marked = marked[1:]
        pieces += [marked, rest]
        length += len(marked) + len(rest)
    return Content("".join(pieces), spans=spans)
