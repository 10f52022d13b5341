"""Completion of a line: commands, layers, keys, values and files, for any user interface."""

from __future__ import annotations

import glob
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from convcalc import layers as layer_types
from convcalc.editor import EditField, Session
from convcalc.errors import ConvcalcError
from convcalc.language.spec import CONTAINERS
from convcalc.repl.commands import COMMANDS
from convcalc.repl.edit_commands import DIRECTIONS, PLACES
from convcalc.repl.file_commands import FORMATS
from convcalc.repl.look_commands import FILE_ITSELF
from convcalc.sweeping.quantities import OF_NETWORK

_LAST_WORD = re.compile(r"\S*$")
_OPTION = re.compile(r"--[\w-]+")
_BEFORE_FIGURE = re.compile(r"(['\"]?(?:.*,)?-?).*")
FIGURE_OPTIONS = ("--where", "--sort", "--pareto")  # of `sweep`


class Candidate(NamedTuple):
    """A possible next word, and its meaning."""

    text: str
    note: str = ""


class Completion(NamedTuple):
    """The candidates for the word that starts at `start`."""

    start: int
    candidates: list[Candidate]


def complete(session: Session, before: str) -> Completion:
    """The candidates at the end of a text; empty inside quotes, and where the spec cannot be read."""
    last = _LAST_WORD.search(before)
    assert last is not None  # it may be empty
    word, start = last.group(), last.start()
    try:
        words = shlex.split(before[:start])
    except ValueError:
        return Completion(start, [])
    if not words:
        return Completion(
            start, _candidates_starting(word, (Candidate(each.name, each.help) for each in COMMANDS.values()))
        )
    command = COMMANDS.get(words[0])
    if command is None:
        return Completion(start, [])
    if word.startswith("-") and words[-1] not in FIGURE_OPTIONS:
        return Completion(start, _candidates_starting(word, map(Candidate, _OPTION.findall(command.usage))))
    try:
        found = _candidates_starting(word, _ARGUMENTS.get(command.name, _no_candidates)(session, words[1:], word))
    except ConvcalcError:
        found = []
    if not found and command.name == "add" and len(words) == 1:
        from convcalc.manual.foreign import types_for  # only a foreign word needs it

        found = [Candidate(name) for name in types_for(word)]
    return Completion(start, found)


def _candidates_starting(word: str, candidates: Iterable[Candidate]) -> list[Candidate]:
    return [candidate for candidate in candidates if candidate.text.startswith(word)]


Arguments = Callable[[Session, list[str], str], Iterator[Candidate]]


def _no_candidates(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    yield from ()


def _names(session: Session) -> Iterator[Candidate]:
    """The layers with their types, and the blocks and containers around them."""
    known: set[str] = set()
    for row in session.report.rows if session.report is not None else ():
        parts = row.name.split(".")
        for count in range(1, len(parts)):
            block = ".".join(parts[:count])
            if block not in known:
                known.add(block)
                yield Candidate(block, "block")
        if row.name not in known:
            known.add(row.name)
            yield Candidate(row.name, row.type)


def _layers(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    yield from _names(session)


def _layer(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    if not words:
        yield from _names(session)


def _key(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    """LAYER.KEY: first the layer, and after its dot the keys."""
    if words:
        return
    layer, dot, _ = word.rpartition(".")
    names = list(_names(session))
    if dot and any(name.text == layer for name in names):
        yield from (Candidate(f"{layer}.{field.key}", _note(field)) for field in session.fields(layer))
    yield from (Candidate(f"{name.text}.", name.note) for name in names)


def _place(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    """PLACE, then its values."""
    if not words:
        yield from (Candidate(f"params.{name}", value) for name, value in session.params().items())
        yield Candidate("input", "the input shape of the network")
        yield from _key(session, words, word)
    elif len(words) == 1:
        layer, _, key = words[0].rpartition(".")
        if layer == "params":
            yield Candidate(session.params().get(key, ""), "the present value")
        elif layer:
            field = next((field for field in session.fields(layer) if field.key == key), None)
            yield from _values(field) if field is not None else ()


def _values(field: EditField) -> Iterator[Candidate]:
    yield from map(Candidate, field.choices)
    if field.written is not None and field.written not in field.choices:
        yield Candidate(
            shlex.quote(field.written) if re.search(r"[\"'\\]", field.written) else field.written, "the present value"
        )


def _note(field: EditField) -> str:
    return field.written if field.written is not None else field.help


def _sweep(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    """PLACE, then its values; or several PLACE=VALUES. After an option the figures, also behind a comma."""
    option = words[-1] if words else ""
    if option in FIGURE_OPTIONS:
        before = _BEFORE_FIGURE.sub(r"\1", word)
        yield from (Candidate(f"{before}{name}", figure.help) for name, figure in OF_NETWORK.items())
        return
    places = [each for each in words if not each.startswith("-")]
    place, equals, _ = word.partition("=")
    if equals:
        yield from (Candidate(f"{place}={each.text}", each.note) for each in _place(session, [place], ""))
    elif places and "=" not in places[0]:
        yield from _place(session, places[:1], word)
    else:
        end = "=" if places else ""
        for each in (*_params(session), Candidate("variant", "a variant"), *_place(session, [], word)):
            yield Candidate(each.text if each.text.endswith(".") else each.text + end, each.note)


def _params(session: Session) -> Iterator[Candidate]:
    yield from (Candidate(name, value) for name, value in session.params().items())


def _add(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    if not words:
        yield from (Candidate(name, "block") for name in _own_types(session))
        yield from (Candidate(name, "container") for name in CONTAINERS)
        yield from map(Candidate, layer_types.names())
    elif words[-1] in PLACES[:3]:
        yield from _names(session)
    elif words[-1] != "first" and (len(words) < 2 or words[-2] not in PLACES):
        given = {each.partition("=")[0] for each in words[1:]}
        kind = layer_types.find(words[0])
        parameters = {} if kind is None else kind.parameters
        yield from (Candidate(f"{key}=", each.help) for key, each in parameters.items() if key not in given)
        yield Candidate("name=", "its name")
        yield from map(Candidate, PLACES)


def _own_types(session: Session) -> Iterator[str]:
    """The blocks and the custom types of the file."""
    for section in ("blocks", "custom"):
        found = session.document.value((section,)) if session.document.has((section,)) else None
        yield from found if isinstance(found, dict) else ()


def _move(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    yield from map(Candidate, DIRECTIONS) if len(words) == 1 else _layer(session, words, word)


def _variant(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    if not words:
        yield Candidate(FILE_ITSELF, "the file itself")
        yield from map(Candidate, session.variants)


def _pin(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    if not words:
        yield from map(Candidate, session.pins)


def _file(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    if not words:
        for path in sorted(glob.glob(f"{glob.escape(word)}*")):
            yield Candidate(path + os.sep if os.path.isdir(path) else path)


def _export(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    yield from map(Candidate, FORMATS) if not words else _file(session, words[1:], word)


def _help(session: Session, words: list[str], word: str) -> Iterator[Candidate]:
    if not words:
        yield from (Candidate(each.name, each.help) for each in COMMANDS.values())


_ARGUMENTS: dict[str, Arguments] = {
    "show": _layers, "why": _layer, "field": _layer, "keys": _layer, "sweep": _sweep,
    "set": _place, "unset": _key, "add": _add, "remove": _layer, "move": _move, "rename": _layer,
    "variant": _variant, "diff": _pin, "unpin": _pin, "save": _file, "export": _export, "help": _help,
}  # fmt: skip
