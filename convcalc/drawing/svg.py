"""Writes SVG: elements with escaped texts, and the document around them. The bytes depend on the input alone."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from unicodedata import category

from convcalc.drawing.measure import width

# Characters that turn the writing around, end a line or are not allowed in XML: none may reach the picture.
_HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


def clean(text: str) -> str:
    """A text of a spec as it may be shown: control and direction characters become a replacement character.

    >>> clean("a" + chr(0x202e) + "b") == "a" + chr(0xfffd) + "b"
    True
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if category(character) in _HIDDEN else character for character in text)


def number(value: float) -> str:
    """A coordinate, to a tenth of a unit.

    >>> number(2.0), number(2.25), number(-0.01)
    ('2', '2.2', '0')
    """
    text = f"{value:.1f}"
    return "0" if text == "-0.0" else text.removesuffix(".0")


def element(name: str, content: str | None = None, /, **attributes: str | float | None) -> str:
    """An element; `content` is SVG already. An attribute's `_` is written `-`; `class_` is the class."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(clean(value)) if isinstance(value, str) else number(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    return f"<{name}{written}/>" if content is None else f"<{name}{written}>{content}</{name}>"


def text(x: float, y: float, shown: str, kind: str = "", anchor: str = "") -> str:
    """A line of text with its base line at `y`; `anchor` is middle or end where x is not its left end."""
    return element("text", escape(clean(shown)), x=x, y=y, class_=kind or None, text_anchor=anchor or None)


def note(x: float, y: float, shown: str, size: float) -> str:
    """A text that may be on a line: it has the colour of the paper behind it."""
    behind = element(
        "rect", x=x - 1, y=y - size * 0.85, width=width(shown, size) + 2, height=size * 1.15, class_="paper"
    )
    return group([behind, text(x, y, shown, "note")])


def title(shown: str) -> str:
    """What a reader of the page shows when the mouse rests on the element around it."""
    return element("title", escape(clean(shown)))


def group(parts: Iterable[str], **attributes: str | float | None) -> str:
    """Several elements as one."""
    return element("g", "".join(parts), **attributes)


def document(parts: Iterable[str], width: float, height: float, name: str, style: str, scope: str) -> str:
    """A whole picture of this size; `name` says what it shows, to a screen reader too.

    The rules of `style` hold in the class `scope`.
    """
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" class="{scope}" {_size(width, height)} role="img">',
            title(name),
            f"<style>{style}</style>",
            *parts,
            "</svg>\n",
        ]
    )


def fragment(parts: Iterable[str], width: float, height: float, name: str, scope: str) -> str:
    """The same for a page of HTML, which has the style."""
    attributes = f'class="{scope}" {_size(width, height)} role="group" aria-label="{escape(clean(name))}"'
    return f"<svg {attributes}>{''.join(parts)}</svg>"


def _size(width: float, height: float) -> str:
    return f'width="{number(width)}" height="{number(height)}" viewBox="0 0 {number(width)} {number(height)}"'
