"""A figure that is added to the list, and nowhere else, appears in every command."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator

from tests.workspace import git, needs_git

NET = """\
input: [1, 6, 6]
layers:
  - conv2d: {name: conv, out_channels: 2, kernel_size: 3}
  - relu: {name: relu}
"""
# By hand: 36 numbers read and 32 written, then 32 and 32.
CONV, RELU, TOTAL = 68, 64, 132
OLD_LOCK = """\
lock: 1
targets:

  net.yaml:
    input_shape: [1, 6, 6]
    output_shape: [2, 4, 4]
    layers: 2
    params: 20
    trainable_params: 20
    buffers: 0
    params_shared: 20
    params_unshared: 320
    params_fully_connected: 1184
    connections: 320
    macs: 288
    activations: 32
    peak_activation_bytes: 272
    receptive_field: [3, 3]
"""


class Folder:
    """A folder with a spec, where convcalc runs with the new figure."""

    def __init__(self, path: Path, process: subprocess.Popen[str]) -> None:
        self.path = path
        self.process = process
        self.write("net.yaml", NET)

    def write(self, name: str, text: str) -> None:
        (self.path / name).write_text(text, encoding="utf-8")

    def read(self, name: str) -> str:
        return (self.path / name).read_text(encoding="utf-8")

    def run(self, *args: str, code: int = 0) -> str:
        """What a command prints."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(self.path), *args]) + "\n")
        self.process.stdin.flush()
        found, out, err = json.loads(self.process.stdout.readline())
        assert found == code, out + err
        return str(out)

    def json(self, *args: str) -> Any:
        return json.loads(self.run(*args, "--format", "json"))


@pytest.fixture(scope="module")
def process() -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.new_figure"]
    pipe = subprocess.PIPE
    root = Path(__file__).parent.parent
    with subprocess.Popen(command, cwd=root, stdin=pipe, stdout=pipe, text=True) as running:  # noqa: S603 - our own
        yield running
        assert running.stdin is not None
        running.stdin.close()


@pytest.fixture
def folder(tmp_path: Path, process: subprocess.Popen[str]) -> Folder:
    return Folder(tmp_path, process)


def test_count_has_a_column_and_json_a_field(folder: Folder) -> None:
    lines = folder.run("count", "net.yaml", "--columns", "name,accesses").splitlines()
    assert [line.split() for line in lines if line.startswith(("name", "conv", "total"))] == [
        ["name", "accesses"], ["conv", str(CONV)], ["total", str(TOTAL)]
    ]  # fmt: skip
    table = csv.DictReader(io.StringIO(folder.run("count", "net.yaml", "--columns", "accesses", "--format", "csv")))
    assert [row["accesses"] for row in table] == [str(CONV), str(RELU)]
    report = folder.json("count", "net.yaml")
    assert report["totals"]["accesses"] == TOTAL
    assert [layer["accesses"] for layer in report["layers"]] == [CONV, RELU]


def test_check_holds_it_to_what_is_expected_and_allowed(folder: Folder) -> None:
    folder.write("net.yaml", NET + f"expect: {{accesses: {TOTAL}, layers: {{conv: {{accesses: {{max: {CONV}}}}}}}}}\n")
    folder.run("check", "net.yaml", "--max-accesses", str(TOTAL), "--budget", f"relu.accesses == {RELU}")
    told = folder.run("check", "net.yaml", "--max-accesses", "0.1k accesses", "--budget", "conv.accesses <= 9", code=1)
    assert "accesses is 132: 32 (32.0 %) over the 100 allowed" in told
    assert "help: most of it: conv (51.5 %) and relu (48.5 %)" in told
    assert "accesses is 68: 59 (655.6 %) over the 9 allowed" in told
    folder.write("net.yaml", NET + "expect: {accesses: 1}\n")
    assert "accesses is 132, expected 1 (+131)" in folder.run("check", "net.yaml", code=1)
    assert "--max-accesses N" in folder.run("check", "--help")


def test_a_configuration_bounds_it(folder: Folder) -> None:
    folder.write(".convcalc.yaml", "budgets: [{accesses: {max: 100}, layers: {conv: {accesses: 68}}}]\n")
    assert "accesses is 132: 32" in folder.run("check", "net.yaml", code=1)


@needs_git
def test_growth_since_a_revision(folder: Folder) -> None:
    git(folder.path, "init", "-q")
    git(folder.path, "add", ".")
    git(folder.path, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "a")
    folder.write("net.yaml", NET + "  - flatten: {name: more}\n")
    told = folder.run("check", "net.yaml", "--baseline", "HEAD", code=1)
    assert "accesses is 196, and 132 at HEAD: 64 (48.5 %) more, none is allowed" in told
    assert "help: most of it: more (+64, a new layer)" in told
    assert "error" not in folder.run("check", "net.yaml", "--baseline", "HEAD", "--max-growth", "accesses=64")


def test_a_lock_file_of_before_stays_valid(folder: Folder) -> None:
    folder.write("convcalc.lock", OLD_LOCK)
    folder.run("check", "net.yaml", "--locked")
    folder.write("net.yaml", NET.replace("out_channels: 2", "out_channels: 3"))
    told = folder.run("check", "net.yaml", "--locked", code=1)
    assert "params 20 → 30" in told
    assert "accesses" not in told


def test_an_update_locks_it_once_all_networks_are_written(folder: Folder) -> None:
    folder.write("other.yaml", NET)
    folder.write("convcalc.lock", OLD_LOCK + OLD_LOCK.partition("\n\n")[2].replace("net.yaml", "other.yaml"))
    folder.run("check", "net.yaml", "--update-lock")
    assert "\nlock: 1\n" in folder.read("convcalc.lock")
    assert "accesses" not in folder.read("convcalc.lock")
    folder.run("check", ".", "--update-lock")
    assert "\nlock: 2\n" in folder.read("convcalc.lock")
    assert folder.read("convcalc.lock").count(f"    accesses: {TOTAL}\n") == 2
    folder.run("check", ".", "--locked")
    folder.write("convcalc.lock", folder.read("convcalc.lock").replace(f"accesses: {TOTAL}", "accesses: 1"))
    assert "accesses 1 → 132" in folder.run("check", ".", "--locked", code=1)


def test_networks_and_layers_are_compared_by_it(folder: Folder) -> None:
    folder.write("wide.yaml", NET.replace("out_channels: 2", "out_channels: 4"))
    assert [each["accesses"] for each in folder.json("compare", "net.yaml", "wide.yaml")["networks"]] == [TOTAL, 228]
    assert "accesses" in folder.run("compare", "net.yaml", "wide.yaml").splitlines()[2]
    assert folder.json("compare", "net.yaml#conv", "wide.yaml#conv")["layers"][1]["accesses"] == 100
    difference = folder.json("diff", "net.yaml", "wide.yaml")
    assert difference["totals"]["accesses"] == {
        "old": TOTAL,
        "new": 228,
        "change": 96,
        "percent": pytest.approx(96 / 1.32),
    }
    assert difference["layers"][0]["figures"]["accesses"]["new"] == 100
    assert "accesses" in folder.run("diff", "net.yaml", "wide.yaml")


def test_the_zoo_shows_and_filters_it(folder: Folder) -> None:
    assert folder.json("zoo", "net")[0]["accesses"] == TOTAL
    assert folder.json("zoo", "--max-accesses", "100") == []
    assert "accesses" in folder.run("zoo", "--sort", "accesses").splitlines()[0]
    assert "accesses" in folder.run("zoo", "--format", "csv").splitlines()[0]


def test_the_editor_offers_it(folder: Folder) -> None:
    validator = Draft202012Validator(json.loads(folder.run("schema")))
    expected = yaml.safe_load(NET + "expect: {accesses: {max: 1k}, layers: {conv: {accesses: 68}}}")
    assert validator.is_valid(expected)


def test_the_screen_shows_it(folder: Folder) -> None:
    pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")
    shown = folder.run("screen", "net.yaml")
    assert "conv 68" in shown
    assert "accesses 132 132" in shown
