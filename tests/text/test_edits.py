"""Each edit on each way of writing: the text before, the edit, the text after."""

from __future__ import annotations

from textwrap import dedent

import pytest

from convcalc.text.document import Document
from convcalc.text.edits import Edit, InsertItem, MoveItem, RemoveItem, RemoveKey, RenameKey, SetValue, Together
from convcalc.text.values import EditError

CASES: dict[str, tuple[str, Edit, str]] = {
    # -- values --------------------------------------------------------------------------------------------------
    "a number, its comment kept": (
        "a: 5   # five\nb: 1\n", SetValue(("a",), 1234567), "a: 1234567   # five\nb: 1\n"),
    "in braces": (
        "- conv2d: {kernel_size: 3, bias: true}  # c\n", SetValue((0, "conv2d", "kernel_size"), [3, 5]),
        "- conv2d: {kernel_size: [3, 5], bias: true}  # c\n"),
    "an expression in braces gets quotes where it needs them": (
        "- c: {k: 3, n: 1}\n", SetValue((0, "c", "k"), "=max(3, d[0])"), '- c: {k: "=max(3, d[0])", n: 1}\n'),
    "an expression in braces that needs none": (
        "- c: {k: 3, n: 1}\n", SetValue((0, "c", "k"), "=2 * d"), "- c: {k: =2 * d, n: 1}\n"),
    "an expression outside of braces needs no quotes for a comma": (
        "k: 3\n", SetValue(("k",), "=max(3, d[0])"), "k: =max(3, d[0])\n"),
    "a comment sign needs quotes": ("k: 3\n", SetValue(("k",), "=a # b"), 'k: "=a # b"\n'),
    "a text that looks like a number": ("k: 3\n", SetValue(("k",), "12"), 'k: "12"\n'),
    "a text that looks like a word of YAML": ("k: 3\n", SetValue(("k",), "true"), 'k: "true"\n'),
    "double quotes stay": ('k: "a b"\n', SetValue(("k",), "c"), 'k: "c"\n'),
    "single quotes stay": ("k: 'a b'\n", SetValue(("k",), "it's"), "k: 'it''s'\n"),
    "quotes go where the value is no text": ("k: 'a b'\n", SetValue(("k",), 7), "k: 7\n"),
    "a line break within a text": ("k: a\n", SetValue(("k",), "one\ntwo"), 'k: "one\\ntwo"\n'),
    "a block of text stays one": (
        "k: |\n    one\n    two\nb: 1\n", SetValue(("k",), "three\n\nfour\n"), "k: |\n    three\n\n    four\nb: 1\n"),
    "a folded text stays one": (
        "k: >-\n  one\n  two\nb: 1\n", SetValue(("k",), "three"), "k: >-\n  three\nb: 1\n"),
    "a text over several lines": ("k: one\n  two   # c\nb: 1\n", SetValue(("k",), 3), "k: 3   # c\nb: 1\n"),
    "an empty value": ("a:\nb:   # c\n", SetValue(("b",), 3), "a:\nb: 3   # c\n"),
    "an empty item": ("-\n- b\n", SetValue((0,), "a"), "- a\n- b\n"),
    "an empty value in braces": ("a: {b: , c}\n", SetValue(("a", "b"), 1), "a: {b: 1, c}\n"),
    "a key alone in braces": ("a: {b: , c}\n", SetValue(("a", "c"), 1), "a: {b: , c: 1}\n"),
    "a mapping in place of a number": (
        "expect:\n  params: 4\n", SetValue(("expect", "params"), {"max": "5M"}), "expect:\n  params: {max: 5M}\n"),
    "a number in place of lines": (
        "expect:  # c\n  # of all\n  params: 4\n  macs: 5  # d\nb: 1\n", SetValue(("expect",), None),
        "expect: null  # c\nb: 1\n"),
    "lines in place of lines": (
        "layers:\n    - relu\n    - conv2d: {kernel_size: 3}\nb: 1\n",
        SetValue(("layers",), ["elu", {"linear": {"bias": False}}]),
        "layers:\n    - elu\n    - linear: {bias: false}\nb: 1\n"),
    "a mapping in place of a list right below its key": (
        "a:\n- x\n- y\nb: 1\n", SetValue(("a",), {"c": 1}), "a:\n  c: 1\nb: 1\n"),
    "entries in place of an empty list": (
        "layers: []  # none\n", SetValue(("layers",), [{"relu": {}}, "elu"]),
        "layers:  # none\n  - relu: {}\n  - elu\n"),
    "an item in place of another": (
        "- relu  # c\n- elu\n", SetValue((0,), {"conv2d": {"kernel_size": 3}}),
        "- conv2d: {kernel_size: 3}  # c\n- elu\n"),
    "a value behind an anchor, and so its aliases": ("a: &x 1\nb: *x\n", SetValue(("a",), 2), "a: &x 2\nb: *x\n"),
    "an alias becomes a value": ("a: &x 1\nb: *x\n", SetValue(("b",), 2), "a: &x 1\nb: 2\n"),
    # -- keys that are not there ---------------------------------------------------------------------------------
    "a key at the end of braces": (
        "- conv2d: {kernel_size: 3}  # c\n", SetValue((0, "conv2d", "bias"), False),
        "- conv2d: {kernel_size: 3, bias: false}  # c\n"),
    "a key in empty braces": ("a: {}\n", SetValue(("a", "b"), 1), "a: {b: 1}\n"),
    "a key in wide braces": ("a: { b: 1 }\n", SetValue(("a", "c"), 2), "a: { b: 1, c: 2 }\n"),
    "a key before a last comma": ("a: {b: 1,}\n", SetValue(("a", "c"), 2), "a: {b: 1, c: 2,}\n"),
    "a key in braces of many lines": (
        "a: {\n  b: 1,\n  c: 2   # two\n}\n", SetValue(("a", "d"), 3), "a: {\n  b: 1,\n  c: 2,   # two\n  d: 3\n}\n"),
    "a key in braces of many lines with a last comma": (
        "a: {\n  b: 1,\n  c: 2,\n}\n", SetValue(("a", "d"), 3), "a: {\n  b: 1,\n  c: 2,\n  d: 3,\n}\n"),
    "a key on a line of its own": (
        "- conv2d:\n    kernel_size: 3  # c\n\n- relu\n", SetValue((0, "conv2d", "bias"), False),
        "- conv2d:\n    kernel_size: 3  # c\n    bias: false\n\n- relu\n"),
    "a key after nested lines": (
        "a:\n  b:\n    c: 1\nd: 2\n", SetValue(("a", "e"), 3), "a:\n  b:\n    c: 1\n  e: 3\nd: 2\n"),
    "a key at the end of a file without a last line break": ("a: 1\nb: 2", SetValue(("c",), 3), "a: 1\nb: 2\nc: 3"),
    "a key with Windows line ends": (
        "a:\r\n  b: 1\r\nc: 2\r\n", SetValue(("a", "d"), 3), "a:\r\n  b: 1\r\n  d: 3\r\nc: 2\r\n"),
    "a bare type gets parameters": (
        "- relu  # c\n", SetValue((0, "relu", "inplace"), True), "- relu: {inplace: true}  # c\n"),
    "a bare type in brackets": (
        "a: [relu, elu]\n", SetValue(("a", 0, "relu", "inplace"), True), "a: [{relu: {inplace: true}}, elu]\n"),
    "a type by expression": ('- "=act"\n', SetValue((0, "=act", "x"), 1), '- "=act": {x: 1}\n'),
    "a type without parameters": ("- relu:   # c\n", SetValue((0, "relu", "x"), 1), "- relu: {x: 1}   # c\n"),
    "a null gets keys": ("expect: ~\n", SetValue(("expect", "params"), 4), "expect: {params: 4}\n"),
    "mappings on the way": (
        "a: 1\nvariants: {}\n", SetValue(("variants", "small", "params", "width"), 8),
        "a: 1\nvariants: {small: {params: {width: 8}}}\n"),
    "a pair in brackets without braces": ("a: [b: 1, c]\n", SetValue(("a", 0, "d"), 2), "a: [{b: 1, d: 2}, c]\n"),
    # -- removing ------------------------------------------------------------------------------------------------
    "the first key of braces": ("a: {b: 1, c: 2}\n", RemoveKey(("a", "b")), "a: {c: 2}\n"),
    "the last key of braces": ("a: {b: 1, c: 2}\n", RemoveKey(("a", "c")), "a: {b: 1}\n"),
    "the only key of braces": ("a: { b: 1 }\n", RemoveKey(("a", "b")), "a: {}\n"),
    "a key with its lines": ("a: 1\nb:\n  c: 2\n  d: 3\ne: 4\n", RemoveKey(("b",)), "a: 1\ne: 4\n"),
    "a key with the comments that belong to it": (
        "a: 1  # one\n# of b\n# too\nb: 2  # two\n# of c\nc: 3\n", RemoveKey(("b",)),
        "a: 1  # one\n# of c\nc: 3\n"),
    "a comment above a blank line stays": (
        "a: 1\n# part\n\nb: 2\nc: 3\n", RemoveKey(("b",)), "a: 1\n# part\n\nc: 3\n"),
    "a comment of another indent stays": (
        "a:\n  x: 1\n  # more x\nb: 2\nc: 3\n", RemoveKey(("b",)), "a:\n  x: 1\n  # more x\nc: 3\n"),
    "the head of the file stays": ("# the head\na: 1\nb: 2\n", RemoveKey(("a",)), "# the head\nb: 2\n"),
    "the only key on a line": ("a:  # c\n  b: 1\nc: 2\n", RemoveKey(("a", "b")), "a: {}  # c\nc: 2\n"),
    "the first key behind a dash": ("- a: 1\n  b: 2\n", RemoveKey((0, "a")), "- b: 2\n"),
    "the first key behind a dash, a comment after it": (
        "- a: 1\n  # of b\n  b: 2\n", RemoveKey((0, "a")), "-\n  # of b\n  b: 2\n"),
    "an item": ("a:\n  - x\n  # of y\n  - y  # why\n  - z\n", RemoveItem(("a", 1)), "a:\n  - x\n  - z\n"),
    "the last item without a line break": ("a:\n  - x\n  - y", RemoveItem(("a", 1)), "a:\n  - x"),
    "the only item": ("layers:\n  # c\n  - relu\nb: 1\n", RemoveItem(("layers", 0)), "layers: []\nb: 1\n"),
    "the only item behind an anchor": ("a: &x\n  - b\nc: *x\n", RemoveItem(("a", 0)), "a: &x []\nc: *x\n"),
    "the only item of a list in a list": ("a:\n  - - x\n  - y\n", RemoveItem(("a", 0, 0)), "a:\n  - []\n  - y\n"),
    "an item right below its key": ("a:\n- x\n- y\nb: 1\n", RemoveItem(("a", 0)), "a:\n- y\nb: 1\n"),
    "an item in brackets": ("a: [x, y, z]\n", RemoveItem(("a", 1)), "a: [x, z]\n"),
    "an item before a last comma": ("a: [x, y,]\n", RemoveItem(("a", 1)), "a: [x, ]\n"),
    "an item of brackets of many lines": (
        "a: [\n  x,  # ex\n  # of y\n  y   # why\n]\n", RemoveItem(("a", 1)), "a: [\n  x  # ex\n]\n"),
    "an item with a block of text that looks like a comment": (
        "- |\n  # no comment\n- x\n- y\n", RemoveItem((1,)), "- |\n  # no comment\n- y\n"),
    "an item with tabs and a comment": ("- x\t# ex\n- y\n", RemoveItem((0,)), "- y\n"),
    # -- lists ---------------------------------------------------------------------------------------------------
    "an item before the first": ("a:\n  # of x\n  - x\n", InsertItem(("a",), 0, "w"), "a:\n  - w\n  # of x\n  - x\n"),
    "an item in the middle": ("a:\n  - x\n\n  - y\n", InsertItem(("a",), 1, "w"), "a:\n  - x\n\n  - w\n  - y\n"),
    "an item at the end": ("a:\n  - x  # c\nb: 1\n", InsertItem(("a",), 1, "w"), "a:\n  - x  # c\n  - w\nb: 1\n"),
    "an item into brackets": ("a: [x, y]\n", InsertItem(("a",), 1, "w, v"), 'a: [x, "w, v", y]\n'),
    "an item at the end of brackets": ("a: [x, y]\n", InsertItem(("a",), 2, [1]), "a: [x, y, [1]]\n"),
    "an item into empty brackets": ("a: []\n", InsertItem(("a",), 0, 1), "a: [1]\n"),
    "an item into brackets of many lines": (
        "a: [\n  x,  # ex\n  y\n]\n", InsertItem(("a",), 1, "w"), "a: [\n  x,  # ex\n  w,\n  y\n]\n"),
    "an entry into empty brackets starts lines": (
        "layers: []\n", InsertItem(("layers",), 0, {"relu": {"x": 1}}), "layers:\n  - relu: {x: 1}\n"),
    "an item into nothing": ("a:\n", InsertItem(("a",), 0, 1), "a: [1]\n"),
    "an item into a list in a list": (
        "- - x\n  - y\n- z\n", InsertItem((0,), 0, "w"), "- - w\n  - x\n  - y\n- z\n"),
    "an item that is long": (
        "layers:\n  - relu\n", InsertItem(("layers",), 1, {"conv2d": {"name": "n" * 60, "from": "f" * 60}}),
        f"layers:\n  - relu\n  - conv2d:\n      name: {'n' * 60}\n      from: {'f' * 60}\n"),
    "a container": (
        "layers:\n  - relu\n", InsertItem(("layers",), 0, {"residual": {"layers": [{"elu": {}}, "relu"]}}),
        "layers:\n  - residual:\n      layers:\n        - elu: {}\n        - relu\n  - relu\n"),
    "an item moves with its comments": (
        "a:\n  # of x\n  - x  # ex\n\n  - y\n  - z\nb: 1\n", MoveItem(("a",), 0, 2),
        "a:\n  - y\n\n  - z\n  # of x\n  - x  # ex\nb: 1\n"),
    "an item moves up": ("- x\n- y\n- z", MoveItem((), 2, 0), "- z\n- x\n- y"),
    "an item moves in brackets": ("a: [x, y,  z]\n", MoveItem(("a",), 2, 0), "a: [z, x,  y]\n"),
    "an item moves in brackets of many lines": (
        "a: [\n  x,  # ex\n  y   # why\n]\n", MoveItem(("a",), 0, 1), "a: [\n  y,   # why\n  x  # ex\n]\n"),
    "an item of many lines moves": (
        "- conv2d:\n    bias: false\n- - x\n  - y\n", MoveItem((), 0, 1), "- - x\n  - y\n- conv2d:\n    bias: false\n"),
    # -- names ---------------------------------------------------------------------------------------------------
    "a key gets another name": ("a: 1  # c\n", RenameKey(("a",), "b"), "b: 1  # c\n"),
    "a key in quotes": ("{'a': 1}\n", RenameKey(("a",), "b c"), "{'b c': 1}\n"),
    "a name that needs quotes": ("a: 1\n", RenameKey(("a",), "#b"), '"#b": 1\n'),
    # -- around the document -------------------------------------------------------------------------------------
    "a byte order mark": ("\ufeffa: 1\n", SetValue(("a",), 2), "\ufeffa: 2\n"),
    "marks around the document": ("---\na: 1\n...\n", SetValue(("b",), 2), "---\na: 1\nb: 2\n...\n"),
    "letters beyond the keyboard": ("é😀: ü  # é\nb: 1\n", SetValue(("b",), "ö"), "é😀: ü  # é\nb: ö\n"),
    "several at once": (
        "a: [x, y]\nb: {c: 1}\n", Together((RemoveItem(("a", 1)), SetValue(("b", "d"), 2), SetValue(("b", "e"), 3))),
        "a: [x]\nb: {c: 1, d: 2, e: 3}\n"),
}  # fmt: skip


def wrapped(text: str) -> str:
    """A list cannot be the root of a document: it is put under a key, with the indent of its first line kept."""
    return f"root:\n{text}" if text[:1] == "-" else text


def moved_down(edit: Edit) -> Edit:
    """The edit of the wrapped list."""
    if isinstance(edit, (RemoveKey, RenameKey, RemoveItem, SetValue, InsertItem, MoveItem)):
        return type(edit)(**{**vars(edit), "path": ("root", *edit.path)})
    raise AssertionError


@pytest.mark.parametrize("name", CASES)
def test_edit(name: str) -> None:
    before, edit, after = CASES[name]
    if before[:1] == "-" and not before.startswith("---"):
        before, edit, after = wrapped(before), moved_down(edit), wrapped(after)
    assert edit.apply(Document(before)).text == after
    assert edit.title


REFUSED: dict[str, tuple[str, Edit, str]] = {
    "no such key": ("abc: 1\n", RemoveKey(("abd",)), "the file has no `abd`; did you mean abc?"),
    "no such item": ("a: [1]\n", SetValue(("a", 1), 2), "a has no item 1; it has 1, counted from 0"),
    "no place for an item": ("a: [1]\n", InsertItem(("a",), 2, 2), "a has no place 2; the index must be from 0 to 1"),
    "no place to move to": ("a: [1, 2]\n", MoveItem(("a",), 0, 2), "a has no item 2"),
    "no list": ("a: {b: 1}\n", InsertItem(("a",), 0, 2), "a is not a list but a mapping"),
    "no item": ("a: {b: 1}\n", RemoveItem(("a", "b")), "a.b is not an item of a list"),
    "no key": ("a: [b]\n", RemoveKey(("a", 0)), "a.0 is not a key of a mapping"),
    "a key of a number": ("a: 1\n", SetValue(("a", "b"), 2), "a has no `b`"),
    "the whole file": ("a: 1\n", SetValue((), 2), "the whole file cannot be set"),
    "the name of another key": ("a: 1\nb: 2\n", RenameKey(("a",), "b"), "the file has `b` already"),
    "within an alias": (
        "a: &x {b: 1}\nc: *x\n", SetValue(("c", "b"), 2), "c is an alias of &x on line 1; change the value there"),
    "what an alias still names": ("a: &x 1\nb: *x\n", RemoveKey(("a",)), "there is no anchor &x before this alias"),
    "an anchor behind its alias": ("a: [&x 1, *x]\n", MoveItem(("a",), 0, 1), "no anchor &x before"),
    "no value of a spec": ("a: 1\n", SetValue(("a",), {1, 2}), "a spec cannot have a value of type set"),
    "no text for a key": ("a: 1\n", SetValue(("a",), {1: 2}), "the key 1 is not a text"),
    "half a character": ("a: 1\n", SetValue(("a",), "x\ud800"), "half of a surrogate pair"),
    "a number that could not be read": ("a: 1\n", SetValue(("a",), 10**100), "the number has over 99 digits"),
    "an item of a list that is not there": ("a: {}\n", SetValue(("a", "b", 0), 1), "no list that has an item 0"),
    "a value that another edit removes": (
        "a: {b: {c: 1}, d: 2}\n", Together((SetValue(("a", "b", "c"), 5), RemoveKey(("a", "b")),
        SetValue(("a", "b"), 3))), ""),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    before, edit, message = REFUSED[name]
    document = Document(before)
    with pytest.raises(EditError) as raised:
        edit.apply(document)
    assert message in str(raised.value)
    assert document.text == before


def test_a_value_that_holds_itself_is_refused() -> None:
    value: list[object] = []
    value.append(value)
    with pytest.raises(EditError, match="nested over 100 levels"):
        SetValue(("a",), value).apply(Document("a: 1\n"))


def test_a_value_that_stands_there_already_changes_nothing() -> None:
    document = Document("a: 1\n")
    assert SetValue(("a",), 1).apply(document) is document


def test_a_file_is_edited_step_by_step() -> None:
    """Each edit leaves the old document as it is, so that taking one back is to keep it."""
    text = dedent("""\
        # LeNet
        input: [1, 28, 28]
        layers:
          - conv2d: {name: conv1, out_channels: 6, kernel_size: 5}   # first
          - relu
    """)
    edits: list[Edit] = [
        SetValue(("layers", 0, "conv2d", "padding"), 2),
        InsertItem(("layers",), 2, {"max_pool2d": {"kernel_size": 2}}),
        MoveItem(("layers",), 1, 2),
        SetValue(("expect", "output_shape"), [6, 14, 14]),
        RenameKey(("expect",), "expected"),
    ]
    documents = [Document(text)]
    for edit in edits:
        documents.append(edit.apply(documents[-1]))
    assert documents[0].text == text
    assert documents[-1].text == dedent("""\
        # LeNet
        input: [1, 28, 28]
        layers:
          - conv2d: {name: conv1, out_channels: 6, kernel_size: 5, padding: 2}   # first
          - max_pool2d: {kernel_size: 2}
          - relu
        expected: {output_shape: [6, 14, 14]}
    """)
