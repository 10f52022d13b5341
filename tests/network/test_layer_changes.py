"""Keys of single layers that a call changes: they count as if they were written, and only in the layers that match."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import convcalc
from convcalc.editor import open_session
from convcalc.errors import ConvcalcError
from tests.helpers import diagnosed, network
from tests.strategies.networks import Network, networks
from tests.workspace import ROOT, finished, python

BLOCKS = network(
    """
    - conv2d: {name: stem, out_channels: 8, kernel_size: 3, padding: 1, bias: false}
    - unit: {name: u, repeat: 3, width: 8}
    - unit: {name: v, rows: [[width, wide], [8, 1], [16, 2]], side: 4}
    - residual: {name: sum, layers: [conv2d: {name: c, out_channels: 16, kernel_size: 3, padding: 1}]}
    - global_avg_pool
    """,
    input="[3, 16, 16]",
    head="""
    blocks:
      unit:
        params: {width: null, side: 2, wide: 1}
        layers:
          - conv2d: {name: a, out_channels: "=width * wide", kernel_size: 3, padding: 1}
          - conv2d: {name: b, out_channels: =width, kernel_size: =wide, padding: =wide // 2, dilation: 1}
    """,
)


def params(text: str, **options: Any) -> dict[str, Any]:
    return {row.name: row.params for row in convcalc.analyse(convcalc.loads(text, **options)).rows}


# What is set, and the layers with other parameters; `+` marks those behind a layer with another number of channels.
MATCHES = {
    "one layer": ("stem.kernel_size", 5, ["stem"]),
    "one copy": ("u.1.a.kernel_size", 5, ["u.1.a"]),
    "a pattern": ("u.*.a.kernel_size", 5, ["u.0.a", "u.1.a", "u.2.a"]),
    "a pattern across dots": ("*.a.kernel_size", 5, ["u.0.a", "u.1.a", "u.2.a", "v.0.a", "v.1.a"]),
    "a pattern passes over layers without the key": ("*.bias", False, [
        "sum.c", "u.0.a", "u.0.b", "u.1.a", "u.1.b", "u.2.a", "u.2.b", "v.0.a", "v.0.b", "v.1.a", "v.1.b"]),
    "an expression reads the names of its entry": ("u.2.a.out_channels", "=width + in_channels", ["u.2.a", "u.2.b"]),
    "a param of a block": ("u.1.wide", 2, ["u.1.a", "u.1.b"]),
    "all copies of a block by their group": ("u.wide", 2, ["u.0.a", "u.0.b", "u.1.a", "u.1.b", "u.2.a", "u.2.b"]),
    "a column of rows": ("v.1.wide", 1, ["v.1.a", "v.1.b"]),
    "in a container": ("sum.c.kernel_size", 1, ["sum.c"]),
    "null is the default": ("stem.bias", None, ["stem"]),
}  # fmt: skip


@pytest.mark.parametrize("case", MATCHES)
def test_only_the_layers_that_match_change(case: str) -> None:
    name, value, expected = MATCHES[case]
    own, changed = params(BLOCKS), params(BLOCKS, params={name: value}, keep_size=True)
    assert sorted(layer for layer in own if own[layer] != changed[layer]) == expected


def test_the_last_setting_counts() -> None:
    changed = params(BLOCKS, params={"u.*.a.bias": False, "u.0.a.bias": True})
    own = params(BLOCKS)
    assert [own[f"u.{copy}.a"] - changed[f"u.{copy}.a"] for copy in range(3)] == [0, 8, 8]


def test_trainable_is_a_key_as_well() -> None:
    report = convcalc.analyse(convcalc.loads(BLOCKS, params={"u.trainable": False, "stem.trainable": False}))
    frozen = [row.name for row in report.rows if row.params and not row.trainable_params]
    assert frozen == ["stem", "u.0.a", "u.0.b", "u.1.a", "u.1.b", "u.2.a", "u.2.b"]


def test_the_merge_of_a_container() -> None:
    text = network("- parallel: {name: p, merge: add, branches: [[identity], [relu]]}")
    report = convcalc.analyse(convcalc.loads(text, params={"p.merge": "concat"}))
    assert report.row("p").output_shape == (6, 8, 8)


def test_the_changed_values_are_in_the_report() -> None:
    report = convcalc.analyse(convcalc.loads(BLOCKS, params={"u.*.a.kernel_size": 5, "stem.dilation": [2, 1]},
                                             keep_size=True))  # fmt: skip
    changed = report.to_dict()["changed"]
    assert changed[:3] == [
        {"layer": "stem", "key": "dilation", "value": [2, 1], "by": "stem.dilation=[2, 1]"},
        {"layer": "stem", "key": "padding", "value": [2, 1], "by": "keep_size"},
        {"layer": "u.0.a", "key": "kernel_size", "value": 5, "by": "u.*.a.kernel_size=5"},
    ]
    assert len(changed) == 8
    assert "changed" not in convcalc.analyse("lenet").to_dict()


REFUSED = {
    "no layer": ("conv.kernel_size", "there is no layer `conv`; its layers are stem, u.0, u, u.0.a, u.0.b, u.1, …"),
    "a similar layer": ("u.3.a.kernel_size", "there is no layer `u.3.a`; did you mean u.2.a or u.1.a?"),
    "no match": ("steam*.bias", "no layer matches `steam*`; did you mean stem?"),
    "no key": ("stem.kernel", "stem has no `kernel`; did you mean kernel_size?"),
    "a key of another library": ("stem.filters", "stem has no `filters`; it is called out_channels here"),
    "no key of a pattern": ("u.*.kernel", "no layer that matches `u.*` has `kernel`; did you mean kernel_size?"),
    "no param of the block": ("u.1.widht", "u.1 has no `widht`; did you mean width or wide?"),
    "a fixed key": ("u.repeat", "`repeat` of u cannot be set by a call; it decides which layers there are and what they"
                    " read: change it in the file"),
    "no layer name": (".bias", "`.bias` has no layer; write LAYER.KEY=VALUE, as in --set conv1.kernel_size=5"),
    "no key name": ("stem.", "`stem.` has no key; write LAYER.KEY=VALUE, as in --set conv1.kernel_size=5"),
    "a param": ("depth", "spec.yaml has no param `depth`; it has no params; a key of a layer is LAYER.KEY, such as"
                " conv1.depth"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_settings_that_match_nothing(case: str) -> None:
    name, message = REFUSED[case]
    with pytest.raises(convcalc.UsageError) as refused:
        convcalc.loads(BLOCKS, params={name: 1}, name="spec.yaml")
    assert str(refused.value) == message


def test_a_wrong_value_is_shown_at_its_key_with_the_setting() -> None:
    text = diagnosed(BLOCKS, params={"u.1.a.kernel_size": "big"})
    assert "spec.yaml:5:71: error[wrong-value] u.1.a (conv2d): kernel_size must be" in text
    assert "note: with --set: kernel_size=big" in text
    assert "the name 'nope' is not known here" in diagnosed(BLOCKS, params={"stem.padding": "=nope"})


def test_the_same_as_the_spec_written_by_hand() -> None:
    """ResNet-50 with 5x5 kernels in the third stage, once with the text changed."""
    text = (ROOT / "specs" / "resnet.yaml").read_text(encoding="utf-8")
    conv2 = "{name: conv2, out_channels: =mid, kernel_size: 3, stride: =stride, padding: =dilation,"
    text = text.replace(conv2, conv2.replace("3", "=k").replace("padding: =dilation", "padding: =k // 2"))
    text = text.replace("bottleneck:\n    params: {", "bottleneck:\n    params: {k: 3, ")
    text = text.replace("repeat: =depths[row]\n", "repeat: =depths[row]\n      k: =5 if row == 2 else 3\n")
    by_hand = convcalc.analyse(convcalc.loads(text, variant="resnet50"))
    options: dict[str, Any] = {"params": {"layer3.*.conv2.kernel_size": 5}, "keep_size": True}
    changed = convcalc.analyse("resnet50", **options)
    assert changed.totals.to_dict() == by_hand.totals.to_dict()
    assert [_without_line(row) for row in changed.rows] == [_without_line(row) for row in by_hand.rows]


def _without_line(row: convcalc.Row) -> dict[str, Any]:
    return {key: value for key, value in row.to_dict().items() if key != "line"}


VALUES: dict[str, list[Any]] = {
    "kernel_size": [1, 2, 3, 5], "stride": [1, 2], "padding": [0, 1, 2, "same"], "dilation": [1, 2],
    "bias": [True, False], "out_channels": [1, 4, 8], "out_features": [1, 5], "groups": [1, 2],
    "sharing": ["none", "full"], "p": [0.1],
}  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.sampled_from([1, 2]).flatmap(networks), st.data())
def test_a_setting_counts_as_the_text_with_the_value(network: Network, data: st.DataObject) -> None:
    path = Path("net.yaml")
    rows = convcalc.analyse(convcalc.loads(network.text)).rows
    session = _session_on(network.text, path)
    pairs = [(row.name, key) for row in rows for key in row.config if key in VALUES]
    assume(pairs)
    layer, key = data.draw(st.sampled_from(pairs))
    value = data.draw(st.sampled_from(VALUES[key]))
    places = session.places(layer)
    outcome = session.set(layer, key, value)
    assume(not outcome.refused)
    settings = {f"{place}.{key}": value for place in places}
    try:
        changed = convcalc.analyse(convcalc.loads(network.text, params=settings))
    except ConvcalcError:
        assert outcome.problems
        return
    assert session.report is not None
    assert not outcome.problems
    assert changed.totals.to_dict() == session.report.totals.to_dict()
    assert [_without_line(row) for row in changed.rows] == [_without_line(row) for row in session.report.rows]


def _session_on(text: str, path: Path) -> Any:
    path.write_text(text, encoding="utf-8")
    return open_session(str(path))


@pytest.fixture(autouse=True)
def _in_a_folder_of_the_test(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, state_directory: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_a_call_without_changes_does_not_load_them() -> None:
    script = "import sys; from convcalc.cli.main import run; run(['count', 'lenet']); print(*sys.modules)"
    loaded = finished(python(script)).stdout.decode().split()
    late = ["layer_changes", "keep_size", "misfit"]
    assert not {f"convcalc.network.{name}" for name in late} & set(loaded)
