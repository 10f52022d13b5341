"""Lines of Python, cut where ruff's formatter cuts them."""

from __future__ import annotations

from collections.abc import Iterator

WIDTH = 88
_OPENING, _CLOSING = "([{", ")]}"


def formatted(text: str, indent: int) -> list[str]:
    """A statement as lines: one where it fits."""
    space = " " * indent
    if indent + len(text) <= WIDTH:
        return [space + text]
    choice = _conditional(text, indent)
    if choice:
        return choice
    place = _last_bracket(text)
    if place is None or indent + place[0] >= WIDTH:
        return _parenthesised(text, indent)
    start, end = place
    head, body, tail = text[: start + 1], text[start + 1 : end], text[end:]
    if not body:
        return [space + text]
    return [space + head, *_body(body, indent + 4), space + tail]


def call_lines(head: str, arguments: list[str], given: str, indent: int) -> list[str]:
    """The call of what a call gives, `y = f(arguments)(given)`, as lines."""
    space = " " * indent
    whole = f"{space}{head}({', '.join(arguments)})({given})"
    if len(whole) <= WIDTH:
        return [whole]
    if len(whole) - len(given) - 1 <= WIDTH:  # the formatter cuts the last bracket where the others fit
        return [whole[: -len(given) - 1], *_body(given, indent + 4), f"{space})"]
    return [f"{space}{head}(", *_body(", ".join(arguments), indent + 4), f"{space})({given})"]


def definition_lines(head: str, arguments: list[str], tail: str, indent: int) -> list[str]:
    """The first lines of a function."""
    space, inner = " " * indent, " " * (indent + 4)
    if len(tail) > 84 and tail.startswith(") -> tuple["):
        items = tail[len(") -> tuple[") : -2].split(", ")
        tail = "\n".join([") -> tuple[", *(f"{inner}{item}," for item in items), f"{space}]:"])
    whole = f"{space}{head}{', '.join(arguments)}{tail}"
    if len(whole) <= WIDTH:
        return [whole]
    together = inner + ", ".join(arguments)
    if len(together) <= WIDTH:
        return [f"{space}{head}", together, f"{space}{tail}"]
    return [f"{space}{head}", *(f"{inner}{each}," for each in arguments), f"{space}{tail}"]


def _body(body: str, indent: int) -> list[str]:
    """What is between brackets: on one line where it fits, else an item a line."""
    items = split(body)
    is_generator = len(items) == 1 and _word(items[0], " for ") >= 0
    if indent + len(body) <= WIDTH and not body.endswith(","):
        return [" " * indent + body]
    if is_generator:
        return _generator(items[0], indent)
    if len(items) == 1 and not body.endswith(",") and items[0][:1] in _OPENING:
        return _item(items[0], indent)
    lines: list[str] = []
    for item in items:
        found = _item(item, indent)
        found[-1] += ","
        lines += found
    return lines


def _item(item: str, indent: int) -> list[str]:
    """An item with its comma, which needs a place on the line."""
    if indent + len(item) + 1 <= WIDTH:
        return [" " * indent + item]
    place = _last_bracket(item)
    if place is None:
        return [" " * indent + item]
    start, end = place
    head, body, tail = item[: start + 1], item[start + 1 : end], item[end:]
    return [" " * indent + head, *_body(body, indent + 4), " " * indent + tail]


def _generator(text: str, indent: int) -> list[str]:
    place = _word(text, " for ")
    return [*_item(text[:place], indent), " " * indent + text[place + 1 :]]


def _conditional(text: str, indent: int) -> list[str]:
    """`name = one if condition else other` in brackets."""
    equals = text.find(" = ")
    head, value = (text[: equals + 3], text[equals + 3 :]) if equals > 0 else ("", text)
    if text.startswith("return "):
        head, value = "return ", text[7:]
    place = _word(value, " if ")
    if not head or place < 0:
        return []
    other = place + _word(value[place:], " else ")
    space = " " * (indent + 4)
    parts = [value[:place], value[place + 1 : other], value[other + 1 :]]
    if indent + 4 + len(value) <= WIDTH:
        return [" " * indent + head + "(", space + value, " " * indent + ")"]
    first = _item(parts[0], indent + 4)
    return [" " * indent + head + "(", *first, *(space + part for part in parts[1:]), " " * indent + ")"]


def _parenthesised(text: str, indent: int) -> list[str]:
    equals = text.find(" = ")
    if equals < 0:
        return [" " * indent + text]
    head, value = text[: equals + 3], text[equals + 3 :]
    space = " " * (indent + 4)
    lines = [space + value] if indent + 4 + len(value) <= WIDTH else [space + part for part in _terms(value)]
    return [" " * indent + head + "(", *lines, " " * indent + ")"]


def _terms(text: str) -> list[str]:
    """A sum a term a line; the sign begins the line."""
    parts: list[str] = []
    while (place := _word(text[1:], " + ")) >= 0:
        parts.append(text[: place + 1])
        text = text[place + 2 :]
    return [*parts, text]


def _last_bracket(text: str) -> tuple[int, int] | None:
    """The outermost pair of brackets that ends last."""
    start, found = 0, None
    for place, letter, depth in _code(text):
        if letter in _OPENING and depth == 0:
            start = place
        elif letter in _CLOSING and depth == 0:
            is_index = letter == "]" and text[start - 1 : start] == ")" and found is not None
            if place > start + 1 and not is_index:
                found = start, place
    return found


def split(text: str) -> list[str]:
    """The items between the commas outside of brackets."""
    commas = [place for place, letter, depth in _code(text) if letter == "," and depth == 0]
    ends = zip([-1, *commas], [*commas, len(text)], strict=True)
    items = [text[start + 1 : end].strip() for start, end in ends]
    return items if items[-1] else items[:-1]


def _word(text: str, word: str) -> int:
    """Where a word is outside of brackets; -1 where it is not."""
    places = (place for place, _, depth in _code(text) if depth == 0 and text.startswith(word, place))
    return next(places, -1)


def _code(text: str) -> Iterator[tuple[int, str, int]]:
    """The letters outside of quotes: place, letter, and how many brackets are around it."""
    depth, quote = 0, ""
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote else quote
            continue
        if letter in "\"'":
            quote = letter
            continue
        depth -= letter in _CLOSING
        yield place, letter, depth
        depth += letter in _OPENING
