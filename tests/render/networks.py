"""Networks that several tests of the renderers show."""

from typing import Any

from convcalc.catalogue.figures import ZooNetwork
from convcalc.report.sums import Partial

TIED = """
name: Tied
input: {left: [3, 16, 16], right: [3, 32, 32]}
layers:
  - conv2d: {name: a, from: left, out_channels: 4, kernel_size: 3, padding: same}
  - conv2d: {name: b, from: right, out_channels: 4, kernel_size: 3, stride: 2, padding: 1, tied: a}
  - batch_norm2d: {name: bn}
  - concat: {name: both, from: [a, bn]}
  - conv2d: {name: frozen, out_channels: 4, kernel_size: 1, trainable: false}
  - flatten
  - linear: {name: fc, out_features: 10}
"""

# A residual block, four branches in a block of their own, and a skip from the start.
BRANCHES = """
name: Branches
input: [3, 32, 32]
blocks:
  inception:
    layers:
      - parallel:
          merge: concat
          branches:
            - [conv2d: {name: one, out_channels: 8, kernel_size: 1}]
            - [conv2d: {name: three, out_channels: 8, kernel_size: 3, padding: 1}]
            - [conv2d: {name: five, out_channels: 8, kernel_size: 5, padding: 2}]
            - [max_pool2d: {name: pool, kernel_size: 3, stride: 1, padding: 1}]
layers:
  - conv2d: {name: stem, out_channels: 16, kernel_size: 3, padding: 1}
  - conv2d: {name: conv1, out_channels: 16, kernel_size: 3, padding: 1}
  - add: {name: sum, from: [previous, stem]}
  - inception: {name: mixed}
  - conv2d: {name: narrow, out_channels: 16, kernel_size: 1}
  - concat: {name: skip, from: [stem, previous]}
  - constant: {name: prior, shape: [32, 32, 32]}
  - add: {name: last, from: [skip, previous]}
"""

# A small network, and one made of it: a smaller kernel, a norm more, another name, a dense layer less.
DIGITS = """\
name: Digits
input: [1, 28, 28]
layers:
  - conv2d: {name: conv1, out_channels: 6, kernel_size: 5}
  - relu
  - max_pool2d: {name: pool1, kernel_size: 2}
  - conv2d: {name: conv2, out_channels: 16, kernel_size: 5}
  - relu
  - max_pool2d: {name: pool2, kernel_size: 2}
  - flatten
  - linear: {name: fc1, out_features: 120}
  - relu
  - linear: {name: output, out_features: 10}
"""
DIGITS_EDITED = """\
name: Digits
input: [1, 28, 28]
layers:
  - conv2d: {name: conv1, out_channels: 6, kernel_size: 3}
  - batch_norm2d: {name: bn1}
  - relu
  - max_pool2d: {name: pool1, kernel_size: 2}
  - conv2d: {name: features, out_channels: 16, kernel_size: 5}
  - relu
  - max_pool2d: {name: pool2, kernel_size: 2}
  - flatten
  - linear: {name: output, out_features: 10}
"""

_ABOUT = "Convolutions of many maps, for those who have the room"
_SOURCE = "Doe, Roe and Poe, Large Networks, ICLR 2001; large.py"


def _figures(params: int | None, macs: int | None, field: Any) -> dict[str, Any]:
    return {"params": params, "macs": macs, "receptive_field": field}


# A family of three, a network of two inputs, one of several outputs, and one of which not all is known.
ZOO = [
    ZooNetwork("large", "Large", _ABOUT, _SOURCE, {"input": [3, 224, 224]},
          _figures(123456789, 4089184256, [427, 427])),
    ZooNetwork("large@large_small", "Large", _ABOUT, _SOURCE, {"input": [3, 32, 32]},
          _figures(44426, 281640, [28, 28])),
    ZooNetwork("large@large_wide", "Large", "With twice the maps", _SOURCE, {"input": [3, 224, 224]},
          _figures(246913578, 16356737024, [427, 427])),
    ZooNetwork("pair", "Pair", "Whether two images show the same", "Liang and Hu, Pairs, CVPR 2015",
          {"left": [1, 105, 105], "right": [1, 105, 105]},
          _figures(38951745, 1817251840, {"left": [105, 105], "right": [105, 105]})),
    ZooNetwork("heads", "Heads", "", "the authors' code", {"input": [3, 64, 64]},
          _figures(Partial(1000), None, {"out": [3, 3], "aux": [None, None]})),
]  # fmt: skip
FACTS = [("about", _ABOUT), ("source", _SOURCE), ("file", "specs/large.yaml")]
