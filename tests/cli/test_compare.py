"""`convcalc compare`, as it is called."""

import csv
import io
import json

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
    out = compare(capsys, "lenet", "resnet50", "--format", "markdown")
    assert "| resnet50 | 3x224x224 | 175 | 25,557,032 | 4,089,184,256 |" in out


def test_csv_has_a_line_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    rows = list(csv.DictReader(io.StringIO(compare(capsys, "lenet", "alexnet", "--format", "csv"))))
    assert [(row["target"], row["params"], row["receptive_field"]) for row in rows] == [
        ("lenet", "44426", "28x28"),
        ("alexnet", "60965224", "355x355"),
    ]


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
