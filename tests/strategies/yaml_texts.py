"""Random YAML texts in every way of writing, and random edits of them."""

from typing import Any

from hypothesis import strategies as st

from convcalc.text.document import Document
from convcalc.text.edits import Edit, InsertItem, MoveItem, RemoveItem, RemoveKey, RenameKey, SetValue
from convcalc.text.nodes import MAPPING, SEQUENCE

SCALARS = ("1", "x", "'q'", '"d q"', "=a + 1", "true", "~", "0x1F", "'it''s'", "a b", "1e-3", "é")
COMMENTS = ("", "", "", " # c", "   # d: [", "\t# t", " ")
BODIES = (
    "{comment}", " |-{comment}\n{indent}  text\n\n{indent}  # more", " >-\n{indent}   fo\n{indent}   ld",
    " |\n{indent}  text", " |+\n{indent}  text\n", " 'a\n{indent}  b'{comment}", " pl\n{indent}  ain{comment}",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    1, 0.5, 1e22, float("inf"), 10**20, True, None, "a", "a b", "12", "true", "", "=x", "=max(1, x)", "=d[0]", "# c",
    "a: b", "x # y", "- q", "-x", "?", "...", "---", "it's", 'q"t', "[", "a:", " lead", "trail\n", "two\nlines",
    "\t", "\u2028", "\x07", "é",
)  # fmt: skip


def values() -> st.SearchStrategy[Any]:
    """Values that an edit may write."""
    keys = st.sampled_from(("a", "b c", "relu", "12", "#z"))
    return st.recursive(
        st.sampled_from(VALUES),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=2),
        max_leaves=4,
    )


@st.composite
def texts(draw: st.DrawFn) -> str:
    """A document whose root is a mapping."""
    text = _lines(draw, 0, 0, behind_dash=False)
    text = (
        draw(st.sampled_from(("", "", "# head\n", "---\n"))) + text + draw(st.sampled_from(("\n", "\n", "", "\n...\n")))
    )
    if draw(st.booleans()):
        text = text.replace("\n", "\r\n")
    return draw(st.sampled_from(("", "", "\ufeff"))) + text


def _lines(draw: st.DrawFn, column: int, depth: int, *, behind_dash: bool) -> str:
    """A collection with an entry a line; its first line starts behind a dash or with its indent."""
    indent = " " * column
    is_list = depth > 0 and draw(st.booleans())
    lines: list[str] = []
    for index in range(draw(st.integers(1, 4))):
        is_first = behind_dash and index == 0
        above = "" if is_first else draw(
            st.sampled_from(("", "", "", f"{indent}# above\n", "\n", f"{indent}   # deep\n", f"{indent}# part\n\n"))
        )  # fmt: skip
        head = "-" if is_list else draw(st.sampled_from((f"k{index}:", f"'k{index}':", f'"k {index}" :')))
        lines.append(above + ("" if is_first else indent) + head + _body(draw, column, depth, is_list))
    return "\n".join(lines)


def _body(draw: st.DrawFn, column: int, depth: int, is_list: bool) -> str:
    comment = draw(st.sampled_from(COMMENTS))
    how = draw(st.integers(0, 9))
    if how < 2:
        return draw(st.sampled_from(BODIES)).format(indent=" " * column, comment=comment)
    if how < 6 or depth > 2:
        return draw(st.sampled_from((" ", "  "))) + _flow(draw, column + 6, 0) + comment
    if how < 8 and is_list:
        return " " + _lines(draw, column + 2, depth + 1, behind_dash=True)
    return comment + "\n" + _lines(draw, column + draw(st.sampled_from((1, 2, 2, 4))), depth + 1, behind_dash=False)


def _flow(draw: st.DrawFn, column: int, depth: int) -> str:
    """A value in one piece; collections in {} and [], on one line or on several."""
    if depth > 2 or draw(st.booleans()):
        return draw(st.sampled_from(SCALARS))
    line = "\n" + " " * column
    comma = draw(st.sampled_from((", ", ", ", ",", " , ", "," + line, ", # c" + line)))
    start, end = draw(st.sampled_from((("", ""), ("", ""), (" ", " "), (line, line))))
    items = [_flow(draw, column, depth + 1) for _ in range(draw(st.integers(0, 3)))]
    last = draw(st.sampled_from(("", "", ",", " ,"))) if items else ""
    if draw(st.booleans()):
        return f"[{start}{comma.join(items)}{last}{end}]"
    pairs = [
        draw(st.sampled_from((f"k{index}: {item}", f"'k{index}':  {item}", f"k{index}: ")))
        for index, item in enumerate(items)
    ]
    return f"{{{start}{comma.join(pairs)}{last}{end}}}"


def edits_of(draw: st.DrawFn, document: Document) -> Edit:
    """An edit of some place of a document."""
    path, node = draw(st.sampled_from(list(document.root.walk())))
    count = len(node.items)
    choices: list[st.SearchStrategy[Edit]] = []
    if path:
        choices.append(st.builds(SetValue, st.just(path), values()))
        if isinstance(path[-1], str):
            choices.append(st.just(RemoveKey(path)))
            choices.append(st.builds(RenameKey, st.just(path), st.sampled_from(("other", "a b", "'x", "12"))))
        else:
            choices.append(st.just(RemoveItem(path)))
    if node.kind == MAPPING:
        choices.append(st.builds(SetValue, st.just((*path, "added")), values()))
    if node.kind == SEQUENCE:
        choices.append(st.builds(InsertItem, st.just(path), st.integers(0, count), values()))
        if count > 1:
            places = st.integers(0, count - 1)
            choices.append(st.builds(MoveItem, st.just(path), places, places))
    return draw(st.one_of(choices))
