"""How wide a text is in a drawing.

A drawing has no fonts of its own. The widths are those of Helvetica, in thousandths of the size of the font, with a
margin for the fonts that stand in for it.
"""

from __future__ import annotations

_MARGIN = 1.16
_WIDE = 1000  # a character of another alphabet, or an emoji
_CHARACTERS = {
    191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r", 334: "{}", 355: '"', 389: "*",
    469: "^", 500: "Jckxyzsv", 556: "#$0123456789?L_abdeghnopqu", 584: "+<=>~×·–", 611: "FTZ", 667: "&ABEKPSVXY",
    722: "CDHNRUw", 778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1000: "…→", 1015: "@",
}  # fmt: skip
_WIDTH_OF = {character: width for width, characters in _CHARACTERS.items() for character in characters}


def width(text: str, size: float, *, bold: bool = False) -> float:
    """The width of a line of text in a font of `size` units.

    >>> width("", 12), round(width("conv1", 12))
    (0.0, 37)
    """
    thousandths = sum(_WIDTH_OF.get(character, _WIDE) for character in text)
    return thousandths * size / 1000 * _MARGIN * (1.08 if bold else 1)


def shortened(text: str, size: float, limit: float, *, bold: bool = False) -> str:
    """The text, its middle replaced by `…` where it is wider than `limit`.

    >>> shortened("features.denseblock1.denselayer1", 12, 120)
    'features.de…ayer1'
    """
    if len(text) > 200:
        text = f"{text[:100]}…{text[-99:]}"
    if width(text, size, bold=bold) <= limit:
        return text
    for kept in range(len(text) - 1, 1, -1):
        end = max(kept // 3, 1)
        short = f"{text[: kept - end]}…{text[-end:]}"
        if width(short, size, bold=bold) <= limit:
            return short
    return "…"
