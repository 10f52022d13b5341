"""The commands that change the text."""

from __future__ import annotations

from collections.abc import Callable

from convcalc.editor import Outcome
from convcalc.errors import UsageError
from convcalc.repl.arguments import Arguments
from convcalc.repl.repl import Shell

PLACES = ("after", "before", "into", "first")
DIRECTIONS = {"up": -1, "down": 1}


def set_value(shell: Shell, arguments: Arguments) -> int:
    at_origin, keep_size = arguments.flag("--origin"), arguments.flag("--keep-size")
    place, equals, given = arguments.take("PLACE").partition("=")
    layer, key = ("", place) if place == "input" else place_of(arguments, place)
    value = " ".join([given, *arguments.rest()]) if equals else arguments.text("VALUE")
    if not layer:
        return shell.perform(lambda: shell.session.set_input(value))
    if layer == "params":
        return shell.perform(lambda: shell.session.set_param(key, value))
    if at_origin:
        return shell.perform(lambda: shell.session.set_origin(layer, key, value))
    return shell.perform(lambda: shell.session.set(layer, key, value, keep_size=keep_size))


def place_of(arguments: Arguments, place: str) -> tuple[str, str]:
    """The layer and the key of `LAYER.KEY`: keys have no dots."""
    layer, _, key = place.rpartition(".")
    if not layer or not key:
        key, *rest = arguments.remaining or [""]
        if not key.isidentifier():
            raise arguments.error(f"`{place}` is not LAYER.KEY")
        written = " ".join([arguments.command, f"{place}.{key}", *rest])
        raise UsageError(f"`{place}` is not LAYER.KEY", f"write `{written}`")
    return layer, key


def unset(shell: Shell, arguments: Arguments) -> int:
    layer, key = place_of(arguments, arguments.take("LAYER.KEY"))
    arguments.end()
    return shell.perform(lambda: shell.session.unset(layer, key))


def add(shell: Shell, arguments: Arguments) -> int:
    type = arguments.take("TYPE")
    keys: dict[str, str] = {}
    while arguments.remaining and arguments.remaining[0] not in PLACES:
        key, equals, value = arguments.take("KEY=VALUE").partition("=")
        if not equals or not key:
            raise arguments.error(f"`{key}` is neither KEY=VALUE nor one of {', '.join(PLACES)}")
        if key in keys:
            raise arguments.error(f"`{key}` is given twice")
        keys[key] = value
    word = arguments.take_optional()
    place = "" if word in (None, "first") else arguments.take("LAYER")
    arguments.end()
    after = place if word == "after" else None
    before = place if word == "before" else None
    into = place if word in ("into", "first") else None
    return shell.perform(lambda: shell.session.add(type, keys, after=after, before=before, into=into))


def remove(shell: Shell, arguments: Arguments) -> int:
    layer = arguments.take("LAYER")
    arguments.end()
    return shell.perform(lambda: shell.session.remove(layer))


def move(shell: Shell, arguments: Arguments) -> int:
    layer, by = arguments.take("LAYER"), arguments.take("up, down or a number of places")
    arguments.end()
    if by in DIRECTIONS:
        steps = DIRECTIONS[by]
    else:
        sign = -1 if by.startswith("-") else 1
        steps = sign * arguments.positive(by.lstrip("+-") if by[:1] in "+-" else by, "the number of places")
    return shell.perform(lambda: shell.session.move(layer, steps))


def rename(shell: Shell, arguments: Arguments) -> int:
    layer, name = arguments.take("LAYER"), arguments.take("NAME")
    arguments.end()
    return shell.perform(lambda: shell.session.rename(layer, name))


def undo(shell: Shell, arguments: Arguments) -> int:
    return _repeat(shell, arguments, shell.session.undo)


def redo(shell: Shell, arguments: Arguments) -> int:
    return _repeat(shell, arguments, shell.session.redo)


def _repeat(shell: Shell, arguments: Arguments, step: Callable[[], Outcome]) -> int:
    """Undo or redo several steps. A text that does not build is reported, but it is no error of this command."""
    text = arguments.take_optional()
    arguments.end()
    for _ in range(arguments.positive(text, "the number of edits") if text else 1):
        code = shell.perform(step, is_earlier_text=True)
        if code:
            return code
    return 0
