"""--format and --output of every command: the ending of a file chooses the format, and --format wins."""

import csv
import json
import xml.etree.ElementTree as ElementTree
from html.parser import HTMLParser
from pathlib import Path

import click
import pytest

from convcalc.cli.main import COMMANDS, cli, run
from convcalc.exporters import ENDINGS
from convcalc.render.formats import FORMATS

# A call of each command that prints a value, and the formats that it has, the usual one first.
TABLES = ("table", "json", "csv", "markdown", "html")
CALLS = {
    "count": (["count", "lenet"], TABLES),
    "count, two": (["count", "lenet", "alexnet", "--depth", "1"], TABLES),
    "compare": (["compare", "lenet"], TABLES),
    "compare, networks": (["compare", "lenet", "alexnet"], TABLES),
    "diff": (["diff", "alexnet", "alexnet@torchvision"], (*TABLES, "svg")),
    "diff, equal": (["diff", "lenet", "lenet"], (*TABLES, "svg")),
    "explain": (["explain", "lenet", "conv1"], ("text", *TABLES)),
    "layer": (["layer", "relu", "--input", "3x4x4"], ("text", *TABLES)),
    "field": (["field", "lenet", "pool2"], (*TABLES, "svg")),
    "draw": (["draw", "lenet"], ("svg",)),
    "report": (["report", "lenet", "alexnet"], ("html",)),
    "sizes": (["sizes", "lenet", "--range", "27:30"], TABLES),
    "layers": (["layers"], ("text", *TABLES)),
    "layers, one": (["layers", "conv2d"], ("text", "json", "markdown", "html")),
    "rules": (["rules"], ("text", *TABLES)),
    "rules, one": (["rules", "no-effect"], ("text", "json", "markdown", "html")),
    "zoo": (["zoo", "--family", "lenet"], TABLES),
    "zoo, one": (["zoo", "lenet"], TABLES),
    "zoo --show": (["zoo", "lenet", "--show"], ("yaml",)),
    "export": (["export", "lenet"], ("pytorch", "onnx", "mermaid", "dot", "spec")),
    "import": (["import", "tests/data/import/digits.pt2"], ("yaml",)),
    "sweep": (["sweep", "lenet", "--vary", "conv1.kernel_size=3,5"], TABLES),
    "solve": (["solve", "lenet", "conv1.padding", "--want", "params < 50k"], TABLES),
    "solve --stack": (["solve", "--stack", "field >= 9", "--from", "3x32x32"], ("yaml", "json")),
    "schema": (["schema"], ("json",)),
    "schema --config": (["schema", "--config"], ("json",)),
    "check": (["check", "specs/lenet.yaml"], ("text", "json", "sarif", "junit")),
}
SUFFIXES = {
    **{name: each.suffixes for name, each in FORMATS.items()}, "sarif": (".sarif",), "junit": (".xml",), **ENDINGS
}  # fmt: skip
SILENT = {"shell", "explore", "completion"}  # these print no value
SHORT = {"--format": "-f", "--output": "-o", "--quiet": "-q", "--verbose": "-v"}
CASES = [
    pytest.param(call, names, name, id=f"{title} {name}") for title, (call, names) in CALLS.items() for name in names
]
READ = [case for case in CASES if case.values[2] in ("json", "csv", "html", "svg")]


@pytest.fixture(autouse=True)
def _at_the_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])


def written(call: list[str], file: Path, *options: str) -> str:
    assert run([*call, *options, "--output", str(file)]) == 0
    return file.read_text(encoding="utf-8", errors="surrogateescape")  # bytes that are no text stay as they are


def test_every_command_is_called() -> None:
    assert {call[0] for call, _ in CALLS.values()} == set(COMMANDS) - SILENT


@pytest.mark.parametrize(("call", "names", "name"), CASES)
def test_the_ending_of_a_file_chooses_the_format(
    call: list[str], names: tuple[str, ...], name: str, tmp_path: Path
) -> None:
    expected = written(call, tmp_path / "plain", "--format", name)
    assert expected
    for suffix in SUFFIXES[name]:
        if next(each for each in names if suffix in SUFFIXES[each]) == name:  # text and table share .txt
            assert written(call, tmp_path / f"out{suffix}") == expected
    assert written(call, tmp_path / "other.unknown", "--format", name) == expected


@pytest.mark.parametrize(("call", "names"), CALLS.values(), ids=CALLS)
def test_a_file_without_an_ending_has_the_usual_format(call: list[str], names: tuple[str, ...], tmp_path: Path) -> None:
    assert written(call, tmp_path / "out") == written(call, tmp_path / "named", "--format", names[0])


@pytest.mark.parametrize(("call", "names"), CALLS.values(), ids=CALLS)
def test_another_ending_is_an_error_that_names_the_formats(
    call: list[str], names: tuple[str, ...], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    others = {suffix for name, suffixes in SUFFIXES.items() if name not in names for suffix in suffixes}
    for suffix in {".unknown", *others} - {suffix for name in names for suffix in SUFFIXES[name]}:
        file = tmp_path / f"out{suffix}"
        assert run([*call, "--output", str(file)]) == 2, suffix
        message = capsys.readouterr().err
        assert all(name in message for name in names), message
        assert not file.exists()


@pytest.mark.parametrize(("call", "names", "name"), READ)
def test_machines_can_read_it(call: list[str], names: tuple[str, ...], name: str, tmp_path: Path) -> None:
    text = written(call, tmp_path / "out", "--format", name)
    if name == "json":
        assert json.loads(text)
    elif name == "csv":
        head, *rows = csv.reader(text.splitlines())
        assert len(set(head)) == len(head)
        assert all(len(row) == len(head) for row in rows)
    elif name == "svg":
        assert ElementTree.fromstring(text).tag.endswith("svg")  # noqa: S314 (our own text)
    else:
        parser = Balanced()
        parser.feed(text)
        assert parser.open == []


class Balanced(HTMLParser):
    """Which tags are open."""

    open: list[str]

    def reset(self) -> None:
        super().reset()
        self.open = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass


def test_capitals_do_not_matter(tmp_path: Path) -> None:
    assert json.loads(written(["count", "lenet"], tmp_path / "NET.JSON"))["name"] == "LeNet"


@pytest.mark.parametrize("command", COMMANDS)
def test_an_option_has_the_same_short_form_in_every_command(command: str) -> None:
    names = [parameter.opts for parameter in cli.get_command(click.Context(cli), command).params]  # type: ignore[union-attr]
    assert all(short in opts for opts in names for long, short in SHORT.items() if long in opts)
    assert command in SILENT or {"-f", "-o"} <= {name for opts in names for name in opts}
