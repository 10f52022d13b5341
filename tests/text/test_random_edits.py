"""Random texts and edits: an edit gives the intended value, and the rest of the text stays as it was."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from convcalc.errors import SpecError
from convcalc.text import crossing
from convcalc.text.compose import compose
from convcalc.text.document import Document
from convcalc.text.edits import Edit, InsertItem, MoveItem, RemoveItem, RemoveKey, RenameKey, SetValue
from convcalc.text.nodes import SCALAR, SEQUENCE
from convcalc.text.source import Expression, Source, YamlList, YamlMapping, make_mark
from convcalc.text.values import EditError, Path, plain, same
from tests.strategies.yaml_texts import VALUES, edits_of, texts

SETTINGS = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def read(text: str) -> Document:
    document = Document(text)
    try:
        assert document.root
    except SpecError:
        assume(False)
    return document


def composed(value: Any) -> Any:
    """What the language itself reads, as plain data."""
    if isinstance(value, YamlMapping):
        return {key: composed(item) for key, item in value.pairs.items()}
    if isinstance(value, YamlList):
        return [composed(item) for item in value.items]
    return f"={value.text}" if isinstance(value, Expression) else value


def intended(value: Any, edit: Edit) -> Any:
    """The edit made on plain data."""
    value = deepcopy(value)

    def at(path: Path) -> Any:
        found = value
        for step in path:
            found = found[step]
        return found

    if isinstance(edit, SetValue):
        at(edit.path[:-1])[edit.path[-1]] = plain(edit.value)
    elif isinstance(edit, (RemoveItem, RemoveKey)):
        del at(edit.path[:-1])[edit.path[-1]]
    elif isinstance(edit, InsertItem):
        at(edit.path).insert(edit.index, plain(edit.value))
    elif isinstance(edit, MoveItem):
        at(edit.path).insert(edit.target, at(edit.path).pop(edit.source))
    elif isinstance(edit, RenameKey):
        mapping = at(edit.path[:-1])
        pairs = [(edit.name if key == edit.path[-1] else key, item) for key, item in mapping.items()]
        mapping.clear()
        mapping.update(pairs)
    return value


@SETTINGS
@given(texts(), st.data())
def test_an_edit_gives_the_intended_value(text: str, data: st.DataObject) -> None:
    document = read(text)
    edit = data.draw(st.composite(lambda draw: edits_of(draw, document))())
    try:
        changed = edit.apply(document)
    except EditError:
        # Blank lines and the end of the file belong to a block of text: what comes after it cannot always go or come.
        assert "|" in text
        return
    value = composed(compose(Source("", changed.text.removeprefix("\ufeff"))))
    assert same(value, intended(document.value(), edit))
    assert changed.text[:1] == text[:1] or text[:1] != "\ufeff"


@SETTINGS
@given(texts())
def test_values_and_places_are_those_of_the_language(text: str) -> None:
    document = read(text)
    root = compose(Source("", document.body))
    assert same(document.value(), composed(root))
    for path, node in document.root.walk():
        line, column = document.position(path)
        if path and not node.is_empty:
            found = crossing.path_of(document, make_mark(line - 1, column - 1))
            # Behind a dash stands the first key of the item, at the very same place.
            assert found[: len(path)] == path or path[: len(found)] == found


@SETTINGS
@given(texts(), st.data())
def test_a_value_that_is_set_leaves_the_other_lines(text: str, data: st.DataObject) -> None:
    document = read(text)
    places = [path for path, node in document.root.walk() if node.kind == SCALAR and node.style not in ("|", ">")]
    assume(places)
    path = data.draw(st.sampled_from(places))
    node = document.node(path)
    first, last = document.layout.line(node.start), document.layout.line(node.end)
    try:
        changed = SetValue(path, data.draw(st.sampled_from(VALUES))).apply(document)
    except EditError:
        return
    before, after = document.body.split("\n"), changed.body.split("\n")
    assert after[:first] == before[:first]
    assert after[len(after) - len(before) + last + 1 :] == before[last + 1 :]
    assert len(after) == len(before) - (last - first)


@SETTINGS
@given(texts(), st.data())
def test_there_and_back(text: str, data: st.DataObject) -> None:
    """An item that is put in and taken out, or moved there and back, leaves the text as it was."""
    document = read(text)
    lists = [
        path
        for path, node in document.root.walk()
        if node.kind == SEQUENCE and node.items and _is_plain(document, path)
    ]
    assume(lists)
    path = data.draw(st.sampled_from(lists))
    count = len(document.node(path).items)
    index, target = data.draw(st.integers(0, count - 1)), data.draw(st.integers(0, count - 1))
    there: Edit = MoveItem(path, index, target)
    back: Edit = MoveItem(path, target, index)
    if data.draw(st.booleans()):
        there, back = InsertItem(path, index, data.draw(st.sampled_from(VALUES))), RemoveItem((*path, index))
    try:
        changed = there.apply(document)
    except EditError:
        return
    assert back.apply(changed).text == text


def _is_plain(document: Document, path: Path) -> bool:
    """A list whose first item begins its line, or that lies in brackets on one line without blocks of text in it."""
    node, layout = document.node(path), document.layout
    if node.flow:
        return layout.line(node.start) == layout.line(node.end)
    return layout.is_first(layout.member_start(node, 0))


@SETTINGS
@given(
    texts(),
    st.lists(st.tuples(st.floats(0, 1), st.sampled_from(list("[]{}:,-#&*|>'\"\n \t!%@?\ufeff"))), max_size=4),
    st.data(),
)
def test_damaged_texts(text: str, damage: list[tuple[float, str]], data: st.DataObject) -> None:
    """Whatever is read is edited rightly or refused; whatever is not is a SpecError, as for every command."""
    for place, character in damage:
        at = int(place * len(text))
        text = text[:at] + character + text[at:]
    document = Document(text)
    try:
        value = document.value()
    except SpecError:
        return
    assert same(value, composed(compose(Source("", document.body))))
    edit = data.draw(st.composite(lambda draw: edits_of(draw, document))())
    try:
        changed = edit.apply(document)
    except EditError:
        return
    if "*" not in text:
        assert same(changed.value(), intended(value, edit))
