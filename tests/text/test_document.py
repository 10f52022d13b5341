"""Values by path and by place, and what repeats them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from convcalc.errors import SpecError
from convcalc.problems import Where
from convcalc.text.crossing import entry_mark, entry_path, path_of, path_of_problem
from convcalc.text.document import Document
from convcalc.text.edits import InsertItem, RemoveItem, SetValue
from convcalc.text.source import Mark, make_mark
from convcalc.text.values import EditError
from tests.helpers import marked

SPEC = dedent("""\
    # head
    input: [3, 32, 32]
    params: {act: relu, table: &rows [[1, 2], [3, 4]]}
    layers:
      - conv2d: {name: conv, kernel_size: 3}
      - relu
      - =act
      - residual:
          layers:
            - conv2d:
                bias: false
            - "=act": {from: conv}
      - parallel: {branches: [[relu], *rows, []]}
    """)

# `§` stands before the place; the path of it.
PLACES = [
    ("§# head\ninput: 1\n", ()),
    ("§input: 1\n", ("input",)),
    ("input§: 1\n", ("input",)),
    ("input: §1\n", ("input",)),
    ("input: 1  § # c\n", ()),
    ("a: [3, §4]\n", ("a", 1)),
    ("a: [3§, 4]\n", ("a",)),
    ("a:\n  - §relu\n", ("a", 0)),
    ("a:\n  §- relu\n", ("a", 0)),
    ("a:\n  - conv2d: {k: §3}\n", ("a", 0, "conv2d", "k")),
    ("a:\n  - conv2d: {§k: 3}\n", ("a", 0, "conv2d", "k")),
    ("a:\n  - §conv2d: {k: 3}\n", ("a", 0, "conv2d")),
    ("a:\n  - conv2d: §{k: 3}\n", ("a", 0, "conv2d")),
    ("a: &x 1\nb: §*x\n", ("b",)),
    ("a:\r\n  b: 1\r\nc: §é\r\n", ("c",)),
]


def mark_of(place: str) -> Mark:
    line, column = map(int, place.split(":"))
    return make_mark(line - 1, column - 1)


@pytest.mark.parametrize(("text", "path"), PLACES)
def test_path_at(text: str, path: tuple[str | int, ...]) -> None:
    clean, place = marked(text)
    mark = mark_of(place)
    assert path_of(Document(clean), mark) == path
    assert path_of(Document("\ufeff" + clean), mark) == path


def test_outside_of_the_text_stands_nothing() -> None:
    document = Document("a: 1\n")
    assert [path_of(document, make_mark(*place)) for place in ((8, 0), (1, 0), (0, 98))] == [(), (), ()]
    assert path_of_problem(document, Where("f")) == ()
    assert path_of_problem(Document("a: ["), Where("f", 1, 1)) == ()


ENTRIES = [
    ("- §conv2d: {name: conv", ("layers", 0), "conv2d"),
    ("- §relu\n", ("layers", 1), "relu"),
    ("- §=act\n", ("layers", 2), "=act"),
    ("- §residual:", ("layers", 3), "residual"),
    ("- §conv2d:\n", ("layers", 3, "residual", "layers", 0), "conv2d"),
    ('- §"=act": {', ("layers", 3, "residual", "layers", 1), "=act"),
    ("[[§relu]", ("layers", 4, "parallel", "branches", 0, 0), "relu"),
]


@pytest.mark.parametrize(("part", "path", "kind"), ENTRIES)
def test_entries(part: str, path: tuple[str | int, ...], kind: str) -> None:
    text, place = marked(SPEC.replace(part.replace("§", ""), part))
    document = Document(text)
    assert entry_path(document, mark_of(place)) == path
    assert entry_mark(document, path) == mark_of(place)
    assert document.entry_type(path) == kind


@pytest.mark.parametrize("place", [(1, 1), (2, 1), (2, 9), (5, 12), (5, 3), (99, 1)])
def test_what_is_no_entry(place: tuple[int, int]) -> None:
    with pytest.raises(EditError, match=r" (no|not an) entry"):
        entry_path(Document(SPEC), make_mark(place[0] - 1, place[1] - 1))


def test_values_and_positions() -> None:
    document = Document(SPEC)
    assert document.value(("input",)) == [3, 32, 32]
    assert document.value(("layers", 2)) == "=act"
    assert document.value(("layers", 4, "parallel", "branches", 1, 0, 1)) == 2
    assert document.position(("layers", 0, "conv2d", "kernel_size")) == (5, 26)
    assert document.position(("layers", 1)) == (6, 5)
    assert document.has(("layers", 1))
    assert not document.has(("layers", 9))
    with pytest.raises(EditError, match="did you mean input"):
        document.value(("inputs",))


def test_what_is_shared() -> None:
    document = Document(SPEC)
    repeat = ("layers", 4, "parallel", "branches", 1)
    assert document.alias_paths(("params", "table")) == [repeat]
    assert document.alias_paths(("params", "table", 0, 1)) == [repeat]
    assert document.alias_paths(("params", "act")) == []
    changed = SetValue(("params", "table", 0, 1), 5).apply(document)
    assert changed.value((*repeat, 0)) == [1, 5]
    assert InsertItem(("params", "table"), 0, []).apply(document).value(repeat) == [[], [1, 2], [3, 4]]
    with pytest.raises(EditError, match="is an alias of &rows on line 3"):
        RemoveItem((*repeat, 0)).apply(document)


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "not-a-spec"), ("- a\n", "not-a-spec"), ("a: [\n", "yaml-syntax"), ("a: 1\na: 2\n", "duplicate-key"),
        ("a: !x 1\n", "tag"), ("a: *b\n", "unknown-alias"), ("a: &b [*b]\n", "alias-cycle"), ("[a]: 1\n", "bad-key"),
        ("a: 1\n---\nb: 1\n", "second-document"), ("a: " + "[" * 200, "too-deep"), ("a: " + "9" * 200, "too-large"),
        ("? &a b\n: 1\n", "bad-key"), ("a: \x07\n", "yaml-syntax"), ("a: &x [1]\n? *x\n: 2\n", "bad-key"),
    ],
)  # fmt: skip
def test_what_no_spec_may_hold_is_told_as_everywhere(text: str, rule: str) -> None:
    with pytest.raises(SpecError) as raised:
        Document(text).value()
    assert raised.value.problems[0].rule == rule


def test_documents_are_values() -> None:
    assert Document("a: 1\n") == Document("a: 1\n") != Document("a: 2\n")
    assert len({Document("a: 1\n"), Document("a: 1\n")}) == 1


def test_what_an_edit_makes_unreadable_is_refused() -> None:
    document = Document("a: " + "[" * 90 + "]" * 90 + "\n")
    deep: object = 1
    for _ in range(50):
        deep = [deep]
    with pytest.raises(EditError, match="could not be read after this edit: nested over 100 levels"):
        SetValue(("a", *([0] * 89)), deep).apply(document)
