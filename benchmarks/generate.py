"""Makes the inputs of the benchmarks: flat chains of convolutions, and networks with branches.

It writes them line by line, so that the measuring process stays small.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

KERNELS = (1, 3, 5, 7)
# The number of different channel counts. With kernels and biases that makes 500 different layers.
CHANNELS = 61
LAYERS_PER_BLOCK = 10

BRANCHING = """\
name: Branching
input: [16, 32, 32]
blocks:
  unit:
    layers:
      - parallel:
          merge: add
          branches:
            - - conv2d: {{name: conv1, out_channels: 16, kernel_size: 3, padding: 1, bias: false}}
              - batch_norm2d
              - relu
              - conv2d: {{name: conv2, out_channels: 16, kernel_size: 3, padding: 1, bias: false}}
              - batch_norm2d
            - - avg_pool2d: {{kernel_size: 2}}
              - conv2d: {{name: low, out_channels: 16, kernel_size: 1}}
              - upsample: {{scale_factor: 2}}
      - relu
layers:
  - unit: {{name: unit, repeat: {blocks}}}
"""

UPSAMPLING = """\
name: Upsampling
input: [16, 64, 64]
blocks:
  unit:
    layers:
      - parallel:
          merge: mul
          branches:
            - - conv2d: {{out_channels: 16, kernel_size: 3, padding: 1}}
              - relu
            - - max_pool2d: {{kernel_size: 2}}
              - conv2d: {{out_channels: 16, kernel_size: 3, padding: 1}}
              - max_pool2d: {{kernel_size: 2}}
              - conv2d: {{out_channels: 16, kernel_size: 3, padding: 1}}
              - upsample: {{size: [32, 32], mode: bilinear, align_corners: true}}
              - upsample: {{size: [64, 64], mode: bilinear, align_corners: true}}
      - relu
layers:
  - unit: {{name: unit, repeat: {blocks}}}
"""


def chain(layers: int, channels: int = CHANNELS) -> Iterator[str]:
    """The lines of a chain of convolutions, five keys each, whose channels and kernels vary."""
    yield "name: Chain\ninput: [3, 32, 32]\nlayers:\n"
    for index in range(layers):
        kernel = KERNELS[index % len(KERNELS)]
        width = 1 + index * 7919 % channels
        bias = "true" if index % 3 else "false"
        yield (
            f"  - conv2d: {{name: conv{index}, out_channels: {width}, kernel_size: {kernel},"
            f" padding: {kernel // 2}, bias: {bias}}}\n"
        )


def branching(layers: int) -> Iterator[str]:
    """The lines of a network of residual units with a pooled and upsampled branch, ten layers each."""
    yield BRANCHING.format(blocks=layers // LAYERS_PER_BLOCK)


def upsampling(layers: int) -> Iterator[str]:
    """The lines of a network of attention units that pool twice and up-sample twice, ten layers each."""
    yield UPSAMPLING.format(blocks=layers // LAYERS_PER_BLOCK)


def equal(layers: int, channels: int) -> Iterator[str]:
    """The lines of a chain of equal convolutions."""
    yield f"name: Equal\ninput: [{channels}, 32, 32]\nlayers:\n"
    for index in range(layers):
        yield f"  - conv2d: {{name: conv{index}, out_channels: {channels}, kernel_size: 3, padding: 1}}\n"


def write(path: Path, lines: Iterator[str]) -> Path:
    """Write the lines to a file; returns the file."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(lines)
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Write one input of the benchmarks.")
    parser.add_argument("kind", choices=["chain", "branching", "upsampling"])
    parser.add_argument("layers", type=int)
    parser.add_argument("file", type=Path)
    parser.add_argument("--channels", type=int, default=CHANNELS, help="how many channel counts a chain uses")
    given = parser.parse_args()
    branched = {"branching": branching, "upsampling": upsampling}
    lines = chain(given.layers, given.channels) if given.kind == "chain" else branched[given.kind](given.layers)
    write(given.file, lines)


if __name__ == "__main__":
    main()
