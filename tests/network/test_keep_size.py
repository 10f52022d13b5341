"""Padding that follows a kernel: the output keeps its size, or no padding could keep it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

import convcalc
from tests.helpers import diagnosed, network

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))


def changed_values(text: str, **options: Any) -> dict[str, Any]:
    """The values that `keep_size` set, by LAYER.KEY."""
    report = convcalc.analyse(convcalc.loads(text, keep_size=True, **options))
    changes = report.to_dict()["changed"]
    return {f"{each['layer']}.{each['key']}": each["value"] for each in changes if each["by"] == "keep_size"}


# An entry, what is set of it, and the padding that it then has; {} where it keeps its size anyway.
PADDED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "a wider kernel": ("conv2d: {kernel_size: 3, padding: 1}", {"kernel_size": 7}, {"padding": 3}),
    "no padding before": ("conv2d: {kernel_size: 3}", {"kernel_size": 5}, {"padding": 1}),
    "a smaller kernel": ("conv2d: {kernel_size: 5, padding: 2}", {"kernel_size": 3}, {"padding": 1}),
    "another dilation": ("conv2d: {kernel_size: 3, padding: 1}", {"dilation": 4}, {"padding": 4}),
    "both": ("conv2d: {kernel_size: 3, padding: 1}", {"kernel_size": 5, "dilation": 2}, {"padding": 4}),
    "an even kernel": ("conv2d: {kernel_size: 3, padding: 1}", {"kernel_size": 4}, {"padding": [[1, 2], [1, 2]]}),
    "an even kernel, strided": ("conv2d: {kernel_size: 3, padding: 1, stride: 2}", {"kernel_size": 6}, {"padding": 2}),
    "a stride leaves room": ("conv2d: {kernel_size: 3, padding: 1, stride: 2}", {"kernel_size": 4}, {}),
    "axes apart": ("conv2d: {kernel_size: [3, 1], padding: [1, 0]}", {"kernel_size": [3, 5]}, {"padding": [1, 2]}),
    "one axis even": ("conv2d: {kernel_size: 3, padding: 1}", {"kernel_size": [3, 2]}, {"padding": [1, [0, 1]]}),
    "pairs": ("conv2d: {kernel_size: 3, padding: [[0, 2], [0, 2]]}", {"kernel_size": 5}, {"padding": [[1, 3], [1, 3]]}),
    "same": ("conv2d: {kernel_size: 3, padding: same}", {"kernel_size": 6}, {}),
    "valid": ("conv2d: {kernel_size: 3, padding: valid}", {"kernel_size": 5}, {"padding": 1}),
    "padding that reads the kernel": ("conv2d: {kernel_size: 3, padding: 1}", {"kernel_size": 5, "padding": 2}, {}),
    "a given padding stays": ("conv2d: {kernel_size: 3, padding: 1}", {"kernel_size": 5, "padding": 0}, {}),
    "another stride": ("conv2d: {kernel_size: 3, padding: 1}", {"stride": 2}, {}),
    "a pool": ("max_pool2d: {kernel_size: 3, stride: 2, padding: 1}", {"kernel_size": 5}, {"padding": 2}),
    "transposed": ("conv_transpose2d: {kernel_size: 4, stride: 2, padding: 1}", {"kernel_size": 6}, {"padding": 2}),
    "transposed, odd": ("conv_transpose2d: {kernel_size: 4, stride: 2, padding: 1}", {"kernel_size": 3},
                        {"output_padding": 1}),
    "transposed, no padding": ("conv_transpose2d: {kernel_size: 2, stride: 2}", {"kernel_size": 3},
                               {"padding": 1, "output_padding": 1}),
    "a named size": ("conv_transpose2d: {kernel_size: 4, stride: 2, padding: 1, output_size: 16}", {"kernel_size": 6},
                     {"padding": 2}),
}  # fmt: skip


@pytest.mark.parametrize("case", PADDED)
def test_the_padding_that_keeps_a_size(case: str) -> None:
    entry, values, padding = PADDED[case]
    entry = entry.replace("{", "{name: x, ").replace("{name: x, ", "{name: x, out_channels: 4, ", "pool" not in entry)
    text = network(f"- {entry}")
    found = changed_values(text, params={f"x.{key}": value for key, value in values.items()})
    assert found == {f"x.{key}": value for key, value in padding.items()}


def test_maps_with_leading_axes_and_recurrent_maps() -> None:
    text = network(
        """
        - conv2d: {name: a, out_channels: 4, kernel_size: 3, padding: 1, leading_axes: 1}
        - conv_lstm2d: {name: b, hidden_channels: 4, kernel_size: 3, padding: 1}
        """,
        input="[5, 3, 8, 8]",
    )
    assert changed_values(text, params={"*.kernel_size": 5}) == {"a.padding": 2, "b.padding": 2}


def test_a_param_that_a_kernel_reads() -> None:
    text = network(
        """
        - conv2d: {name: a, out_channels: 4, kernel_size: =k, padding: 1}
        - conv2d: {name: b, out_channels: 4, kernel_size: =k, padding: =k // 2}
        - conv2d: {name: c, out_channels: =k, kernel_size: 3}
        """,
        head="params: {k: 3, n: 1}",
    )
    assert changed_values(text, params={"k": 7}) == {"a.padding": 3}
    assert changed_values(text, params={"k": 7, "c.kernel_size": 5}) == {"a.padding": 3, "c.padding": 1}
    assert changed_values(text, params={"n": 7}) == {}


NOT_KEPT = {
    "nothing to take away": (
        "conv2d: {name: x, out_channels: 4, kernel_size: 3}", 1,
        "no padding keeps the size 6 with kernel_size 1",
        "without padding it is floor((8 + 0 + 0 - 1 × (1 - 1) - 1) / 1) + 1 = 8; a kernel_size of 3 or more keeps it",
    ),
    "the layer does not take it": (
        "max_pool2d: {name: x, kernel_size: 2, stride: 1, padding: 1}", 1,
        "no padding keeps the size 9 with kernel_size 1", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", NOT_KEPT)
def test_a_size_that_no_padding_keeps(case: str) -> None:
    entry, kernel, message, help = NOT_KEPT[case]
    text = diagnosed(network(f"- {entry}"), params={"x.kernel_size": kernel}, keep_size=True)
    assert "error[no-padding-keeps-size]" in text
    assert message in text
    assert help in text


SIZES = st.integers(1, 4)


@MANY
@given(
    st.sampled_from(["conv", "max_pool", "avg_pool", "conv_transpose"]), st.integers(6, 20), SIZES, SIZES, SIZES, SIZES,
    st.integers(1, 3), st.integers(0, 3), st.integers(0, 3), st.booleans(),
)  # fmt: skip
def test_a_size_is_kept_where_any_padding_keeps_it(
    family: str, size: int, kernel: int, dilation: int, new_kernel: int, new_dilation: int, stride: int, before: int,
    after: int, ceil: bool,
) -> None:  # fmt: skip
    """Every padding is tried by brute force, and that of output_padding."""
    values: dict[str, Any] = {"stride": stride, "padding": [[before, after]]}
    if "pool" in family:
        values["ceil_mode"] = ceil
    else:
        values["out_channels"] = 2
    if family != "avg_pool":
        values["dilation"] = dilation
    new = {"kernel_size": new_kernel, **({} if family == "avg_pool" else {"dilation": new_dilation})}
    text = _text(family, size, {**values, "kernel_size": kernel})
    wanted = _size(text)
    assume(wanted is not None)
    kept = _size(text, params={f"x.{key}": each for key, each in new.items()}, keep_size=True)
    if kept is None:
        paddings = [[[one, two]] for one in range(12) for two in range(12)]
        others = range(max(stride, new_dilation)) if family == "conv_transpose" else [None]
        tried = [{**values, **new, "padding": padding, **({} if more is None else {"output_padding": more})}
                 for padding in paddings for more in others]  # fmt: skip
        assert not [each for each in tried if _size(_text(family, size, each)) == wanted]
    else:
        assert kept == wanted


def _text(family: str, size: int, values: dict[str, Any]) -> str:
    keys = ", ".join(f"{key}: {str(value).lower()}" for key, value in values.items())
    return network(f"- {family}1d: {{name: x, {keys}}}", input=f"[2, {size}]")


def _size(text: str, **options: Any) -> int | None:
    """The size of the output; None where the network does not build."""
    try:
        return convcalc.loads(text, **options).nodes[-1].output_shape[1]
    except convcalc.SpecError:
        return None


BROKEN = network(
    """
    - residual:
        layers:
          - conv2d: {name: a, out_channels: 3, kernel_size: =k, padding: 1}
          - conv2d: {name: b, out_channels: 3, kernel_size: 3, padding: 1}
    """,
    head="params: {k: 3}",
)
# What is set, and the end of the help of the sum that then fails.
REASONS = {
    "a kernel": ({"b.kernel_size": 5},
                 "--set made the output of b 3x6x6, not 3x8x8; with padding 2, or --keep-size, it stays 3x8x8"),
    "a kernel by a param": ({"k": 1},
                            "--set made the output of a 3x10x10, not 3x8x8; with padding 0, or --keep-size, it stays"
                            " 3x8x8"),
    "an even kernel": ({"b.kernel_size": 2}, "with padding [[0, 1], [0, 1]], or --keep-size, it stays 3x8x8"),
    "channels": ({"b.out_channels": 2}, "--set made the output of b 2x8x8, not 3x8x8"),
    "a stride": ({"b.stride": 2}, "--set made the output of b 3x4x4, not 3x8x8"),
    "the first of two": ({"a.kernel_size": 5, "b.kernel_size": 5},
                         "--set made the output of a 3x6x6, not 3x8x8; with padding 2, or --keep-size, it stays 3x8x8"),
}  # fmt: skip


@pytest.mark.parametrize("case", REASONS)
def test_a_sum_that_does_not_fit_names_the_change(case: str) -> None:
    values, reason = REASONS[case]
    text = diagnosed(BROKEN, params=values)
    assert "error[shapes-do-not-agree]" in text
    assert text.rstrip().endswith(reason)


def test_a_sum_that_never_fitted_blames_no_change() -> None:
    text = diagnosed(BROKEN.replace("padding: 1", "padding: 0"), params={"k": 5})
    assert "error[shapes-do-not-agree]" in text
    assert "--set" not in text
