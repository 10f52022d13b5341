"""`convcalc compare`, as it is called."""

import csv
import io
import json
from pathlib import Path

import pytest

import convcalc
from convcalc.cli.main import run


def compare(capsys: pytest.CaptureFixture[str], *args: str) -> str:
    assert run(["compare", *args]) == 0
    return capsys.readouterr().out


def test_the_ladder_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    out = compare(capsys, "alexnet")
    assert (
        "Local connectivity divides the fully connected 67,838,851,944 by 93.6, to 725,066,088;"
        " sharing divides that by 11.9, to 60,965,224." in out
    )
    assert "105,705,600" in out


def test_what_memory_the_ladder_needs_and_what_it_comes_to(capsys: pytest.CaptureFixture[str]) -> None:
    lines = compare(capsys, "alexnet").splitlines()
    assert "memory          252.7 GiB fully connected, 2.7 GiB unshared, 232.6 MiB shared (in float32)." in lines
    half = compare(capsys, "alexnet", "--dtype", "float16")
    assert "126.4 GiB fully connected, 1.4 GiB unshared, 116.3 MiB shared (in float16)." in half
    # 724,406,816 / 60,965,224 and so on; fc6 to fc8 hold 58,631,144.
    assert lines[-6] == (
        "in short        Sharing saves a factor of 11.9 over local connectivity and of 1,113 over full connection;"
        " 96.2 % of the parameters left are in layers that are the same all three ways."
    )


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        ("flatten\n  - linear: {out_features: 2}", "No layer slides over positions, so there is nothing to share."),
        ("max_pool2d: {kernel_size: 2}", "all layers  No layer has parameters."),
        ("conv2d: {out_channels: 1, kernel_size: 3, bias: false}",
         "Sharing saves a factor of 4.00 over local connectivity and of 7.11 over full connection.\n"),
        ("locally_connected2d: {out_channels: 1, kernel_size: 3}",
         "as written  40: this network does not share all weights and biases."),
    ],
)  # fmt: skip
def test_stories_of_small_networks(layers: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"input: [1, 4, 4]\nlayers:\n  - {layers}\n")
    assert words in compare(capsys, str(path))


def test_layers_of_two_networks(capsys: pytest.CaptureFixture[str]) -> None:
    lines = [line.split() for line in compare(capsys, "alexnet#conv1", "lenet#conv1").splitlines()]
    assert ["attribute", "alexnet#conv1", "lenet#conv1"] in lines
    assert ["units", "290,400", "3,456"] in lines
    assert ["params", "without", "sharing", "105,705,600", "89,856"] in lines
    assert ["params", "with", "sharing", "34,944", "156"] in lines
    assert ["output", "96x55x55", "6x24x24"] in lines


def test_layer_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(capsys, "alexnet", "lenet", "--layer", "conv1") == compare(capsys, "alexnet#conv1", "lenet#conv1")


def test_networks_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    lines = compare(capsys, "lenet", "resnet50", "--format", "markdown").splitlines()
    assert lines[0] == "## 2 networks"
    assert lines[2] == (
        "| network | input | layers | depth | params | ratio | macs | ratio | size | activations | peak | field |"
    )
    assert lines[3] == "| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |"
    assert lines[4].startswith("| lenet | 1x28x28 | 12 | 5 | 44,426 | ×1.00 | 281,640 | ×1.00 | 173.5 KiB | 4,694 |")
    assert lines[5] == (
        "| resnet50 | 3x224x224 | 175 | 50 | 25,557,032 | ×575 | 4,089,184,256 | ×14,519"
        " | 97.5 MiB | 11,114,984 | 9.2 MiB | 619x619 |"
    )


def test_a_depth_that_is_not_agreed_on_is_explained(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "sequence.yaml"
    path.write_text("input: [5, 3]\nlayers: [lstm: {hidden_size: 4}]\n")
    out = compare(capsys, "lenet", str(path))
    assert "sequence.yaml  5x3           1      –" in out
    assert "depth –: there is no common way to count other layers with weights" in out
    assert "depth –" not in compare(capsys, "lenet", "alexnet")


def test_networks_in_a_notebook_and_as_html(capsys: pytest.CaptureFixture[str]) -> None:
    out = compare(capsys, "lenet", "alexnet", "--format", "html")
    assert convcalc.compare("lenet", "alexnet")._repr_html_() in out
    assert ">×1,372</td>" in out


def test_files_are_told_by_their_names_where_these_differ(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        for name in ("a.yaml", "b.yaml"):
            (tmp_path / folder / name).write_text("input: [1, 4, 4]\nlayers: [relu]\n")
    monkeypatch.chdir(tmp_path)
    names = [line.split()[0] for line in compare(capsys, "one/a.yaml", "two/b.yaml").splitlines()[4:6]]
    assert names == ["a.yaml", "b.yaml"]
    names = [line.split()[0] for line in compare(capsys, "one/a.yaml", "two/a.yaml").splitlines()[4:6]]
    assert names == ["one/a.yaml", "two/a.yaml"]


def test_csv_has_a_line_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(compare(capsys, "lenet", "alexnet", "--format", "csv"))))
    assert [(row["target"], row["params"], row["receptive_field"]) for row in rows] == [
        ("lenet", "44426", "28x28"),
        ("alexnet", "60965224", "355x355"),
    ]


def test_csv_leaves_out_what_is_not_complete(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "part.yaml"
    path.write_text(
        "input: [1, 4, 4]\ncustom: {g: {macs: 7}}\nlayers: [conv2d: {out_channels: 1, kernel_size: 3}, g]\n"
    )
    rows = list(csv.DictReader(io.StringIO(compare(capsys, "lenet", str(path), "--format", "csv"))))
    assert (rows[1]["params"], rows[1]["macs"], rows[1]["params_over_first"]) == ("", "43", "")
    assert (rows[0]["params"], rows[0]["macs_over_first"]) == ("44426", "1.0")


def test_csv_of_one_network_adds_up(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(compare(capsys, "alexnet", "--format", "csv"))))
    assert sum(int(row["params_fully_connected"]) for row in rows) == 67_838_851_944
    assert sum(int(row["params_unshared"]) for row in rows) == 725_066_088


def test_json_is_the_comparison(capsys: pytest.CaptureFixture[str]) -> None:
    found = json.loads(compare(capsys, "lenet", "--without-pooling", "--format", "json"))
    assert found == convcalc.compare("lenet", without_pooling=True).to_dict()
    assert found["without_pooling"]["params_without_pooling"] == 779134


def test_without_pooling_in_words(capsys: pytest.CaptureFixture[str]) -> None:
    out = compare(capsys, "lenet", "--without-pooling")
    assert "768,120" in out
    assert "Without pooling they would have 18.6 times their parameters." in out
    assert "18.6" not in compare(capsys, "lenet")


def test_set_reaches_the_network(capsys: pytest.CaptureFixture[str]) -> None:
    assert "36,931,000" not in compare(capsys, "alexnet#fc8")
    out = compare(capsys, "alexnet#fc8", "--set", "classes=10")
    assert "40,970" in out


def test_a_wrong_call_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["compare", "alexnet", "lenet", "--without-pooling"]) == 2
    assert "only a single network" in capsys.readouterr().err
