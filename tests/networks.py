"""Networks that the tests of several folders use."""

NET = """\
name: Net
input: [3, 32, 32]
params: {width: 16}
variants:
  wide: {params: {width: 64}}
layers:
  - conv2d: {name: conv1, out_channels: =width, kernel_size: 3}
  - relu
  - conv2d: {name: conv2, repeat: 2, out_channels: 8, kernel_size: 3, bias: false}
  - flatten
  - linear: {name: fc, out_features: 10}
"""
# 448 + 1,152 + 576 + 54,090 parameters; wide has 1,792 + 4,608 in place of the first two
PARAMS, WIDE_PARAMS = 56_266, 61_066
