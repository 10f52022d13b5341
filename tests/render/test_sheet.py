"""What is dropped, folded and never cut when a table is too wide."""

import convcalc
from convcalc.render.report import report_sheet
from convcalc.render.sheet import Head, Sheet, fold
from convcalc.render.text import text_chunks
from convcalc.report.columns import DEFAULT, columns
from convcalc.report.view import View

LONG = "stage.with.a.very.long.name.of.a.layer"


def sheet() -> Sheet:
    heads = [
        Head("name", importance=100),
        Head("type", importance=20),
        Head("params", right=True, importance=90),
        Head("macs", right=True, importance=70),
    ]
    return Sheet("", heads, [[LONG, "conv2d", "1,000,000", "12.3 M"]], total=["total", "", "1,000,000", "12.3 M"])


def test_a_sheet_that_fits_stays_as_it_is() -> None:
    assert sheet().fitted(80).rows == sheet().rows


def test_the_least_important_column_goes_first() -> None:
    assert [head.text for head in sheet().fitted(60).heads] == ["name", "params", "macs"]


def test_names_are_folded_before_important_columns_go() -> None:
    fitted = sheet().fitted(50)
    assert [head.text for head in fitted.heads] == ["name", "params", "macs"]
    assert fitted.width == 50
    assert fitted.rows[0][0] != LONG
    assert fitted.rows[0][1:] == ["1,000,000", "12.3 M"]


def test_numbers_are_whole_at_any_width() -> None:
    for width in range(1, 90):
        fitted = sheet().fitted(width)
        allowed = {"conv2d", "1,000,000", "12.3 M"}
        assert set(fitted.rows[0][1:]) <= allowed
        assert fitted.rows[0][0][:3] == "sta"


def test_fold_keeps_both_ends() -> None:
    assert fold("abcdefghij", 10) == "abcdefghij"
    folded = fold("abcdefghij", 7)
    assert len(folded) == 7
    assert folded[0] == "a"
    assert folded[-1] == "j"


def test_plain_lines_hold_every_cell_in_full() -> None:
    names = f"input: [3, 8, 8]\nlayers:\n  - conv2d: {{name: {'n' * 300}, out_channels: {10**30}, kernel_size: 3}}\n"
    report = convcalc.analyse(convcalc.loads(names))
    text = "".join(text_chunks([report_sheet(View(report, columns(DEFAULT)))]))
    assert "n" * 300 in text
    assert f"{28 * 10**30:,}" in text
    assert "…" not in text


def test_the_note_on_a_column_goes_with_it() -> None:
    heads = [Head("name", importance=100), Head("bar", importance=10, note="the bar's legend")]
    wide = Sheet("", heads, [["conv1", "#####"]], notes=["a note"])
    assert wide.fitted(80).all_notes == ["a note", "the bar's legend"]
    assert wide.fitted(8).all_notes == [
        "a note",
        "no room for bar: a wider terminal, a pipe or a file shows all columns",
    ]


def test_sentences_are_wrapped_to_a_terminal_and_tables_never() -> None:
    plain = Sheet("", [Head("name")], [["n" * 60]], facts=[("label", "word " * 20)], notes=["word " * 20])
    lines = "".join(text_chunks([plain], width=40)).splitlines()
    assert lines[2] == "n" * 60
    assert max(map(len, lines[3:])) <= 40
    assert lines[5].startswith(" " * 7 + "word")
