"""The words in a box: the kind of a layer, and the parameters that matter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from convcalc import layers
from convcalc.arith.units import group_digits, human
from convcalc.layers.base import LayerType
from convcalc.report.rows import Row
from convcalc.report.sums import status

# The kind of each family; a family that is not here is `plain`.
_KINDS = {
    family: kind
    for kind, families in {
        "conv": ("convolution", "transposed_convolution", "fixed_kernels", "given_weights", "deformable"),
        "dense": ("dense", "lookups"),
        "norm": ("batch_normalisation", "layer_normalisation", "response_normalisation"),
        "pool": ("pooling", "adaptive_pooling", "unpooling", "subsampling", "interpolation"),
        "activation": ("activation",),
        "sequence": ("attention", "window_attention", "recurrent", "state_space", "convolutional_recurrent"),
        "merge": ("merge",),
    }.items()
    for family in families
}
MERGE = "merge"


def kind_of(row: Row) -> str:
    """The kind of a layer, which chooses its colour."""
    return _KINDS.get(layers.family(row.type) or "", "plain")


def times(sizes: Sequence[int]) -> str:
    """
    >>> times((64, 56, 56)), times(())
    ('64×56×56', 'scalar')
    """
    return "×".join(map(str, sizes)) or "scalar"


def _sizes(value: Any) -> str:
    return times(value) if isinstance(value, (tuple, list)) else str(value)


def _named(word: str) -> Callable[[Any], str]:
    def text(value: Any) -> str:
        same = isinstance(value, (tuple, list)) and len(set(map(str, value))) == 1
        return f"{word} {value[0] if same else _sizes(value)}"

    return text


def _listed(word: str) -> Callable[[Any], str]:
    return lambda value: f"{word} {', '.join(map(str, value)) if isinstance(value, (tuple, list)) else value}"


# The parameters that a reader looks for, in the order in which they are shown; the shapes on the edges say the rest.
_SHOWN: dict[str, Callable[[Any], str]] = {
    "kernel_size": _sizes, "output_size": _sizes, "size": _sizes, "out_channels": str, "out_features": str,
    "hidden_size": str, "embedding_dim": str, "scale_factor": _named("scale"), "stride": _named("stride"),
    "dilation": _named("dilation"), "groups": _named("groups"), "num_heads": _named("heads"),
    "num_groups": _named("groups"), "axes": _listed("axes"), "axis": _listed("axis"), "equation": str, "p": str,
}  # fmt: skip
_AT_MOST = 4


def parameters(row: Row) -> str:
    """The parameters that matter and are not the defaults, such as `7×7, 64, stride 2`."""
    layer = row.facts.layer
    config = row.config
    found = [
        text(config[key])
        for key, text in _SHOWN.items()
        if config.get(key) is not None and not _is_default(layer.type, key, config[key])
    ]
    return ", ".join(found[:_AT_MOST])


def _is_default(type_: LayerType, key: str, value: Any) -> bool:
    """Whether a parameter has its default, or the stride of a layer that makes no steps."""
    if key == "stride" and set(value if isinstance(value, (tuple, list)) else [value]) == {1}:
        return True
    default = type_.default(key) if key in type_.parameters else None  # it may be of the layer on each frame
    if isinstance(value, (tuple, list)) and not isinstance(default, (tuple, list)):
        return all(item == default for item in value)
    return bool(value == default)


def counted(count: int | None, noun: str) -> str:
    """A rounded count. A sum of which only a part is known is a lower bound.

    >>> counted(61706, "params"), counted(None, "params"), counted(0, "params")
    ('61.7 k params', 'params not known', 'no params')
    """
    if count is None:
        return f"{noun} not known"
    if not count:
        return f"no {noun}"
    number = human(count) if count >= 10_000 else group_digits(count)
    return f"{'at least ' if status(count) else ''}{number} {noun}"
