"""The tree of rows: folding, filtering, sorting, columns and bars."""

from __future__ import annotations

import pytest

pytest.importorskip("textual", reason="the screen needs Textual: pip install '.[explore]'")

import convcalc
from convcalc.report.columns import COLUMNS
from convcalc.tui.outline import WIRING_COLUMNS, Outline, share_bar


def names(outline: Outline, target: str) -> list[str]:
    return [item.key for item in outline.items(convcalc.analyse(target))]


def test_a_small_network_is_unfolded_and_a_large_one_folded() -> None:
    assert len(names(Outline(), "lenet")) == 1 + 12
    assert names(Outline(), "resnet50")[4:8] == ["maxpool", "layer1", "layer2", "layer3"]


def test_every_layer_has_a_row_where_everything_is_unfolded() -> None:
    outline, report = Outline(), convcalc.analyse("resnet50")
    outline.fold_all(True)
    keys = {item.key for item in outline.items(report) if not item.is_block}
    assert keys == {row.name for row in report.rows}


@pytest.mark.parametrize("target", ["lenet", "resnet18", "googlenet", "densenet121"])
@pytest.mark.parametrize("figure", ["params", "macs", "params_unshared"])
def test_the_rows_of_a_block_add_up_to_it(target: str, figure: str) -> None:
    outline, report = Outline(), convcalc.analyse(target)
    outline.fold_all(True)
    items = outline.items(report)
    for place, block in enumerate(items):
        if not block.is_block:
            continue
        end = next((later for later in range(place + 1, len(items)) if items[later].level <= block.level
                    and block.key), len(items))  # fmt: skip
        layers = [item for item in items[place + 1 : end] if not item.is_block]
        column = COLUMNS[figure]
        assert sum(column.get(item.line) for item in layers) == column.get(block.line), block.key


def test_a_block_folds_and_unfolds_by_itself() -> None:
    outline = Outline()
    outline.fold_all(False)
    outline.toggle("layer2")
    shown = names(outline, "resnet18")
    assert "layer2.0" in shown
    assert "layer1.0" not in shown
    outline.toggle("layer2")
    assert "layer2.0" not in names(outline, "resnet18")


def test_what_is_looked_for_is_unfolded() -> None:
    outline = Outline()
    outline.pattern = "bn"
    outline.reveal("layer3.0.conv1")
    assert "layer3.0.conv1" in names(outline, "resnet18")


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("conv", ["conv1", "conv2"]),
        ("CONV2D", ["conv1", "conv2"]),
        ("fc?", ["fc1", "fc2"]),
        ("max_*", ["pool1", "pool2"]),
    ],
)
def test_a_filter_looks_at_names_and_types(pattern: str, found: list[str]) -> None:
    outline = Outline()
    outline.pattern = pattern
    assert names(outline, "lenet")[1:] == found


def test_layers_are_sorted_by_a_column() -> None:
    outline = Outline()
    outline.sort = "params"
    assert names(outline, "lenet")[1:4] == ["fc1", "fc2", "conv2"]


@pytest.mark.parametrize("wiring", list(WIRING_COLUMNS))
def test_each_regime_shows_its_columns(wiring: str) -> None:
    outline, report = Outline(), convcalc.analyse("lenet")
    outline.wiring = wiring
    sheet = outline.sheet(outline.items(report))
    roles = [head.role for head in sheet.heads]
    assert [role for role in roles if role.startswith("params")] == list(WIRING_COLUMNS[wiring])
    for name in WIRING_COLUMNS[wiring]:
        assert sheet.rows[0][roles.index(name)] == f"{getattr(report.totals, name):,}"


def test_bars_are_shares_of_the_whole() -> None:
    assert share_bar(1.0, 8) == "█" * 8
    assert share_bar(0.25, 8) == "██"
    assert share_bar(1e-9, 8) == "▏"
    assert share_bar(0.0, 8) == ""
    assert len(share_bar(0.999, 8)) == 8
