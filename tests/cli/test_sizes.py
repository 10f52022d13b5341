"""`convcalc sizes`: what it prints, and what it says to a wrong call."""

import csv
import io
import json
import sys
from pathlib import Path

import pytest
from rich.console import Console

from convcalc.cli.main import run
from convcalc.cli.progress import watched
from convcalc.render.sizes import SizesPrintout, words
from convcalc.render.table import sheets_renderable
from convcalc.report.size_set import SizeSet
from tests.golden import assert_golden
from tests.report.test_sizes import DATA, sizes_of

GOLDENS = DATA / "sizes"


def sizes(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["sizes", *args]) == 0
    return capsys.readouterr().out


@pytest.mark.parametrize(
    ("golden", "args"),
    [
        ("lenet-pipe.txt", ["lenet"]),
        ("alexnet-pipe.txt", ["alexnet@torchvision", "--range", "1:300"]),
        ("lenet.md", ["lenet", "--format", "markdown"]),
        ("lenet.json", ["lenet", "--range", "20:40", "--format", "json"]),
        ("lenet.csv", ["lenet", "--range", "12:32", "--format", "csv"]),
        ("lenet-height.txt", ["lenet", "--axis", "height", "--range", "20:60", "--input", "1x28x36"]),
        ("lenet-none.txt", ["lenet", "--range", "1:9"]),
    ],
)
def test_goldens(golden: str, args: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert_golden(GOLDENS / golden, sizes(capsys, *args))


@pytest.mark.parametrize("width", [80, 120])
def test_on_a_terminal_no_line_is_too_long(width: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(DATA)
    console = Console(file=io.StringIO(), width=width, color_system=None, highlight=False)
    sizes = sizes_of("examples/unet.yaml")
    console.print(sheets_renderable([sheet.fitted(width) for sheet in SizesPrintout(sizes).sheets(width)]))
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= width
    assert_golden(GOLDENS / f"unet-{width}.txt", text)


def test_csv_has_a_line_for_each_size(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(sizes(capsys, "lenet", "--range", "1:40", "--format", "csv"))))
    assert [row["size"] for row in rows] == [str(size) for size in range(1, 41)]
    assert [row["size"] for row in rows if row["fits"] == "true"] == ["28"]


def test_params_and_sharing_are_heeded(capsys: pytest.CaptureFixture[str]) -> None:
    head = ["textbook", "--range", "1:40", "--format", "json"]
    assert json.loads(sizes(capsys, *head, "--set", "kernel=7"))["smallest"] == 7
    assert json.loads(sizes(capsys, *head, "--sharing", "none"))["keeps_parameters"][0]["width"] == 1


def test_output_goes_to_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert sizes(capsys, "lenet", "--range", "1:40", "--output", str(tmp_path / "out.txt")) == ""
    assert "all of these          28" in (tmp_path / "out.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["lenet", "--range", "9"], "write FIRST:LAST"),
        (["lenet", "--range", "9:8"], "FIRST is not above LAST"),
        (["lenet", "--range", "0:8"], "from 1 up"),
        (["lenet", "--range", "1:999999999"], "at most 100,000"),
        (["lenet", "--range", "1:" + "9" * 5000], "is not a range"),
        (["lenet", "--axis", "z"], "its axes are height, width"),
        (["textbook@nothing"], "there is no variant"),
        (["lenet", "--set", "width=3"], "has no param"),
    ],
)
def test_a_wrong_call_is_told(args: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["sizes", *args]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    ("members", "told"),
    [
        ([], "none"),
        (range(1, 101), "every size"),
        ([7], "7"),
        ([7, 8], "7, 8"),
        (range(7, 10), "7 to 9"),
        (range(63, 101), "63 and up"),
        ([5, *range(9, 101)], "5, 9 and up"),
        (range(2, 101, 2), "2, 4, 6, … (even)"),
        (range(3, 101, 2), "3, 5, 7, … (odd)"),
        (range(16, 101, 16), "16, 32, 48, … (multiples of 16)"),
        (range(16, 65, 16), "16, 32, 48, … 64 (multiples of 16)"),
        (range(12, 101, 16), "12, 28, 44, … (12 more than a multiple of 16)"),
        (range(15, 101, 16), "15, 31, 47, … (1 less than a multiple of 16)"),
        ([n for n in range(1, 101) if n % 32 in (31, 0, 1)], "1; 31 to 33, 63 to 65, 95 to 97, … (every 32)"),
        ([n for n in range(8, 101) if n % 8 in (0, 3)],
         "8, 16, 24, … (multiples of 8); 11, 19, 27, … (3 more than a multiple of 8)"),
        ([n * n for n in range(1, 11)], "1, 4, 9, 16, 25, 36, and 4 more such"),
    ],
)  # fmt: skip
def test_sets_in_words(members: list[int], told: str) -> None:
    assert words(SizeSet(members, range(1, 101))) == told


def test_progress_is_shown_on_a_terminal_that_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr("convcalc.cli.progress.PATIENCE", -1.0)
    for stream, shown in ((Terminal(), True), (io.StringIO(), False)):
        monkeypatch.setattr(sys, "stderr", stream)
        assert list(watched(range(50), 50, "sizes")) == list(range(50))
        assert ("100%" in stream.getvalue()) is shown
