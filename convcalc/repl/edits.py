"""The commands that change the text."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from convcalc.editor import Outcome
from convcalc.repl.words import Arguments

if TYPE_CHECKING:
    from convcalc.repl.repl import Shell

PLACES = ("after", "before", "into", "first")
DIRECTIONS = {"up": -1, "down": 1}


def set_value(shell: Shell, words: Arguments) -> int:
    at_origin = words.flag("--origin")
    place = words.take("PLACE")
    value = words.text("VALUE")
    if place == "input":
        return shell.tell(lambda: shell.session.set_input(value))
    layer, key = place_of(words, place)
    if layer == "params":
        return shell.tell(lambda: shell.session.set_param(key, value))
    edit = shell.session.set_origin if at_origin else shell.session.set
    return shell.tell(lambda: edit(layer, key, value))


def place_of(words: Arguments, place: str) -> tuple[str, str]:
    """The layer and the key of `LAYER.KEY`: keys have no dots."""
    layer, _, key = place.rpartition(".")
    if not layer or not key:
        raise words.wrong(f"`{place}` names no key of a layer")
    return layer, key


def unset(shell: Shell, words: Arguments) -> int:
    layer, key = place_of(words, words.take("LAYER.KEY"))
    words.end()
    return shell.tell(lambda: shell.session.unset(layer, key))


def add(shell: Shell, words: Arguments) -> int:
    type_ = words.take("TYPE")
    keys: dict[str, str] = {}
    while words.left and words.left[0] not in PLACES:
        key, equals, value = words.take("KEY=VALUE").partition("=")
        if not equals or not key:
            raise words.wrong(f"`{key}` is no KEY=VALUE, and not one of {', '.join(PLACES)}")
        if key in keys:
            raise words.wrong(f"`{key}` is given twice")
        keys[key] = value
    at = words.maybe()
    place = "" if at in (None, "first") else words.take("LAYER")
    words.end()
    after, before = (place if at == word else None for word in PLACES[:2])
    into = place if at in ("into", "first") else None
    return shell.tell(lambda: shell.session.add(type_, keys, after=after, before=before, into=into))


def remove(shell: Shell, words: Arguments) -> int:
    layer = words.take("LAYER")
    words.end()
    return shell.tell(lambda: shell.session.remove(layer))


def move(shell: Shell, words: Arguments) -> int:
    layer, by = words.take("LAYER"), words.take("up, down or a number of places")
    words.end()
    if by in DIRECTIONS:
        steps = DIRECTIONS[by]
    else:
        sign = -1 if by.startswith("-") else 1
        steps = sign * words.positive(by.lstrip("+-") if by[:1] in "+-" else by, "the number of places")
    return shell.tell(lambda: shell.session.move(layer, steps))


def rename(shell: Shell, words: Arguments) -> int:
    layer, name = words.take("LAYER"), words.take("NAME")
    words.end()
    return shell.tell(lambda: shell.session.rename(layer, name))


def undo(shell: Shell, words: Arguments) -> int:
    return _repeated(shell, words, shell.session.undo)


def redo(shell: Shell, words: Arguments) -> int:
    return _repeated(shell, words, shell.session.redo)


def _repeated(shell: Shell, words: Arguments, step: Callable[[], Outcome]) -> int:
    """Steps to and fro; what they lead to was there before, so that it is told but no mistake."""
    text = words.maybe()
    words.end()
    for _ in range(words.positive(text, "the number of edits") if text else 1):
        code = shell.tell(step, was_there=True)
        if code:
            return code
    return 0
