"""Networks that several tests of the renderers show."""

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
