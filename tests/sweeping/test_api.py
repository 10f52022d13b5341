"""convcalc.sweep, as Python calls it."""

from __future__ import annotations

import json
import pickle
from copy import copy
from pathlib import Path
from typing import Any

import pytest

import convcalc
from convcalc.report.sums import Partial
from convcalc.sweeping.batch import Batch, Miss, figure_of_plain, plain_figure
from convcalc.sweeping.evaluator import Evaluator
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.reasons import without_numbers
from convcalc.sweeping.texts import SpecText
from tests.helpers import network

NET = network(
    "- conv2d: {name: conv, out_channels: =width, kernel_size: 3, groups: =groups}\n- flatten",
    head="params: {width: 4, groups: 1}\nvariants: {wide: {params: {width: 9}}}",
)


@pytest.fixture
def net(tmp_path: Path) -> str:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    return str(path)


def test_rows_have_values_and_figures(net: str) -> None:
    rows = list(convcalc.sweep(net, {"width": [3, 6], "conv.kernel_size": range(1, 6, 2)}))
    assert [(row.width, row["conv.kernel_size"]) for row in rows] == [(3, 1), (3, 3), (3, 5), (6, 1), (6, 3), (6, 5)]
    for row in rows:
        params = {"width": row.width, "conv.kernel_size": row["conv.kernel_size"]}
        report = convcalc.analyse(net, params=params)
        assert row.params == row["params"] == row.figures["params"] == report.totals.params
        assert row.figures["output_shape"] == next(iter(report.outputs.values()))
    assert rows[1].values == {"width": 3, "conv.kernel_size": 3}
    assert json.loads(json.dumps(rows[1].to_dict())) == {
        "index": 1, "values": rows[1].values, "figures": {"params": 84, "macs": 2916, "output_shape": [108]}
    }  # fmt: skip
    assert copy(rows[1]).to_dict() == pickle.loads(pickle.dumps(rows[1])).to_dict() == rows[1].to_dict()  # noqa: S301
    with pytest.raises(AttributeError, match="no `nope`"):
        rows[0].nope  # noqa: B018 - reading it is the test


def test_figures_are_those_of_a_report(net: str) -> None:
    columns = ["params", "receptive_field", "output_shape", "input_shape", "param_bytes"]
    [row] = convcalc.sweep(net, {"width": [3]}, columns=columns)
    report = convcalc.analyse(net, params={"width": 3})
    assert row.receptive_field == report.totals.receptive_field
    assert row.output_shape == next(iter(report.outputs.values()))
    assert row.input_shape == next(iter(report.inputs.values()))
    assert row.param_bytes == report.totals.param_bytes


def test_it_is_lazy(net: str, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []
    candidate = Evaluator.candidate

    def counting(self: Evaluator, index: int) -> object:
        built.append(index)
        return candidate(self, index)

    monkeypatch.setattr(Evaluator, "candidate", counting)
    rows = iter(convcalc.sweep(net, {"width": range(1, 10**9)}))
    assert [next(rows).width for _ in range(3)] == [1, 2, 3]
    assert len(built) < 5000


def test_every_argument_is_that_of_the_command(net: str) -> None:
    vary: dict[Any, Any] = {("width", "groups"): [(3, 3), (6, 3), (7, 2)], "input": [(3, 8, 8), (6, 9, 9)]}
    sweep = convcalc.sweep(
        net, vary,
        where=["params < 1K", "macs > 2K"], columns=["params", "macs / params"], sort="-params", top=2,
        params={"conv.bias": False}, jobs=1,
    )  # fmt: skip
    assert [(row.width, row.input, row.params) for row in sweep] == [(6, [6, 9, 9], 108), (3, [6, 9, 9], 54)]
    assert sweep.summary.to_dict()["broken"] == {"groups … does not divide out_channels …": 2}
    front = convcalc.sweep(net, {"width": range(1, 5)}, pareto=["params", "-macs"], input=(3, 5, 5))
    assert [row.width for row in front] == [1, 2, 3, 4]
    sample = convcalc.sweep(net, {"width": range(1, 1000)}, sample=4, seed=3)
    assert len(list(sample)) == 4
    assert {row.variant for row in convcalc.sweep(net, ["variant=wide"])} == {"wide"}


def test_it_prints_itself(net: str) -> None:
    sweep = convcalc.sweep(net, {"width": [2, 4]}, where="params < 100")
    assert "net.yaml · 1 network\n" in str(sweep)
    assert "| 2" in sweep.to_markdown()
    assert sweep.to_csv().splitlines() == ["width,params,macs,output_shape", "2,56,1944,72"]
    assert repr(sweep) == f"<Sweep of {sweep.plan.label}: 2 candidates of width>"
    assert "<td" in sweep._repr_html_()


def test_a_data_frame(net: str) -> None:
    pytest.importorskip("pandas")
    frame = convcalc.sweep(net, {"width": [2, 4]}).to_dataframe()
    assert list(frame.columns) == ["width", "params", "macs", "output_shape"]
    assert frame["params"].tolist() == [56, 112]


def test_a_database_keeps_the_rows(net: str, tmp_path: Path) -> None:
    axes = {"width": range(1, 30), "conv.kernel_size": [1, 3, 9]}
    options: dict[str, Any] = {"where": "params > 50", "columns": ["params", "field", "output_shape"]}
    expected = [row.to_dict() for row in convcalc.sweep(net, axes, **options)]
    parts = [convcalc.sweep(net, axes, **options, shard=f"{part}/3", out=tmp_path / f"{part}.db") for part in (1, 2, 3)]
    found = [row.to_dict() for part in parts for row in part]
    assert sorted(found, key=lambda row: row["index"]) == expected
    assert sum(part.summary.passed for part in parts) == len(expected)
    again = convcalc.sweep(net, axes, **options, shard="2/3", out=tmp_path / "2.db")
    assert [row.to_dict() for row in again] == [row.to_dict() for row in parts[1]]


def test_errors_come_at_once(net: str) -> None:
    with pytest.raises(convcalc.UsageError, match="no param `widht`"):
        convcalc.sweep(net, {"widht": [1]})
    with pytest.raises(convcalc.UsageError, match="there is no figure `parms`"):
        convcalc.sweep(net, {"width": [1]}, where="parms < 3")
    with pytest.raises(convcalc.UsageError, match="has no values"):
        convcalc.sweep(net, {"width": []})


def evaluator(**changes: object) -> Evaluator:
    plan = Plan("net", (SpecText("net.yaml", NET),), ("width=1..7", "groups=1,3"), ("params",))
    return Evaluator(Plan.of_dict({**plan.to_dict(), **changes}))


def test_batches_add_up_in_any_order() -> None:
    whole = evaluator(where=["params > 100"])
    parts = [whole.run(start, min(start + 3, 14)) for start in range(0, 14, 3)]
    expected = whole.run(0, 14)
    for order in ([0, 1, 2, 3, 4], [4, 2, 0, 3, 1]):
        merged = Batch(0, 0)
        for number in order:
            merged = merged.merge(parts[number])
        assert merged.rows == sorted(expected.rows)
        assert merged.broken == expected.broken
        assert merged.rejected == expected.rejected == {"params > 100": 5}
        assert merged.misses == expected.misses == {"params > 100": Miss(0.16, 4, 84)}


def test_a_plan_is_plain_values() -> None:
    plan = evaluator(where=["params > 100"], sample=3, settings=["conv.bias=false"]).plan
    assert Plan.of_dict(json.loads(json.dumps(plan.to_dict()))) == plan
    same = Plan.of_dict({**plan.to_dict(), "label": "other.yaml"})
    assert same.digest == plan.digest
    assert len({plan.digest, evaluator().plan.digest, evaluator(seed=1).plan.digest}) == 3


def test_figures_survive_json() -> None:
    for value in (5, 0.5, None, True, Partial(7), (1, (2, None)), {"a": (3,), "b": Partial(1)}, "add"):
        again = figure_of_plain(json.loads(json.dumps(plain_figure(value))))
        assert again == value
        assert type(again) is type(value)


REASONS = [
    ("kernel_size 40x40 does not fit the 8x8 output of conv1", "kernel_size … does not fit the … output of conv1"),
    ("add cannot join 16x30x30 and 16x32x32", "add cannot join …"),
    ("the network has more than 250,000 layers", "the network has more than … layers"),
    ("conv2d_1 is not 3.5", "conv2d_1 is not …"),
    ("there is no layer `layer3.0.conv2`", "there is no layer `layer3.*.conv2`"),
    ("a shape must be a list of 1 to 9 sizes, not [3, -1, 2]", "a shape must be a list of … to … sizes, not …"),
]


@pytest.mark.parametrize(("message", "reason"), REASONS, ids=[case[1] for case in REASONS])
def test_reasons(message: str, reason: str) -> None:
    assert without_numbers(message) == reason
