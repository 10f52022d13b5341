"""Runs the tests that compare convcalc's numbers with other sources, and writes docs/project/verification.md.

python docs/make_verification.py takes some minutes; it runs as many random cases as CI does.
"""

from __future__ import annotations

import os
import re
import sys
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from textwrap import fill
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "project" / "verification.md"


class Check(NamedTuple):
    """A test function, as `file::name` in tests/, and what one case of it is."""

    test: str
    what: str


class Group(NamedTuple):
    title: str
    text: str
    checks: tuple[Check, ...]


class Found(NamedTuple):
    """The number of cases of a test, each random one included, and the number in which figures differed."""

    cases: int
    differed: int


INTRODUCTION = """\
# How the numbers are verified

The tests compare what convcalc prints with PyTorch, with brute force, and with published figures. Each line below is a
test of this project. A case is one layer, graph or network, with all the figures that the text names.
`python docs/make_verification.py` runs the tests as CI does and writes this page.
"""

LIBRARIES = """\
## Models of other libraries

538 models of ten libraries were traced once, with PyTorch 2.13. Their parameters, multiply-accumulates and the shapes
of all layers were compared with those that PyTorch itself counts, by hooks and by its FlopCounterMode.

| library | models | parameters equal | multiply-accumulates equal | all shapes equal |
|---|--:|--:|--:|--:|
| timm | 305 | 305 | 305 | 305 |
| pytorchcv | 84 | 84 | 84 | 84 |
| transformers | 34 | 34 | 34 | 34 |
| segmentation_models_pytorch | 33 | 33 | 33 | 33 |
| spandrel | 20 | 19 | 19 | 20 |
| torchvision | 20 | 20 | 20 | 20 |
| MONAI | 16 | 16 | 16 | 16 |
| vit-pytorch | 12 | 12 | 8 | 12 |
| diffusers | 10 | 10 | 10 | 10 |
| pytorchvideo | 4 | 4 | 4 | 4 |

SPAN of spandrel fuses its convolutions for inference: only the fused weights are seen. Four models of vit-pytorch
multiply matrices by vectors, which FlopCounterMode does not count. As specs, written and built again, 537 of the 538
are as traced. One, DIA-PreResNet, is refused: it shares modules across the levels of its names.
"""

GROUPS = (
    Group(
        "Single layers against PyTorch",
        "Random layers of every type that PyTorch has, with valid and invalid parameters. Output shape, parameters, "
        "buffers and multiply-accumulates are equal, and convcalc refuses what PyTorch refuses. Two differences are "
        "intended, and the test allows them: a map without any position is an error in convcalc and an empty tensor in "
        "PyTorch; a norm over a single value is an error in PyTorch and has a shape and a count in convcalc.",
        (Check("layers/test_against_torch.py::test_layer_agrees", "a random layer"),),
    ),
    Group(
        "Random networks against PyTorch and brute force",
        "Random specs of 5 to 40 layers with containers, blocks, repeats, formulas, merges, gates and heads. A second "
        "program, which shares no code with convcalc, expands them; PyTorch runs the layers, and a probe sends "
        "booleans through the maps. The names, shapes, parameters, buffers and multiply-accumulates of all layers are "
        "equal, and so are the totals, and the first and last pixel that each unit of each map sees.",
        (
            Check("proof/test_random_networks.py::test_random_network_on_a_sequence", "a network on a sequence"),
            Check("proof/test_random_networks.py::test_random_network_on_an_image", "a network on an image"),
        ),
    ),
    Group(
        "Known networks, layer by layer, against PyTorch",
        "The test builds every row of every shipped network as a PyTorch module and runs it. It compares shape, "
        "parameters, buffers and multiply-accumulates.",
        (Check("specs/test_networks_against_torch.py::test_network_agrees", "a shipped network"),),
    ),
    Group(
        "Networks read from PyTorch",
        "Shipped networks and small definitions of well-known ones as PyTorch modules, traced, and exported to a "
        "`.pt2` file and read again. Parameters, buffers and multiply-accumulates are those of the shipped spec, or "
        "those that PyTorch counts.",
        (
            Check("importers/torch/test_round_trip.py::test_a_module_that_is_traced", "a shipped network, traced"),
            Check("importers/torch/test_round_trip.py::test_a_module_that_is_exported", "a shipped network, exported"),
            Check("importers/torch/test_lines.py::test_traced", "a well-known network, traced"),
            Check("importers/torch/test_lines.py::test_exported", "a well-known network, exported"),
            Check("importers/torch/test_torchvision.py::test_a_builder", "a builder of torchvision, traced"),
        ),
    ),
    Group(
        "Receptive fields against brute force",
        "The test marks one pixel at a time and runs the graph on booleans. Every unit of every map must see the "
        "pixels that convcalc gives, also at the border. In 2-D it leaves out graphs with a unit that sees only "
        "padding.",
        (
            Check("analysis/test_receptive_field_oracle.py::test_every_unit_of_a_sequence", "a random graph, 1-D"),
            Check(
                "analysis/test_receptive_field_oracle.py::test_every_unit_where_some_see_padding_alone",
                "a random graph, 1-D, padded beyond its kernels",
            ),
            Check("analysis/test_receptive_field_oracle.py::test_every_unit_of_an_image", "a random graph, 2-D"),
            Check(
                "analysis/test_small_graphs.py::test_convcalc_gives_the_measured_units",
                "a small graph measured by gradients",
            ),
        ),
    ),
    Group(
        "Published receptive fields",
        "Size, stride and padding of all twelve networks in the table of Araujo, Norris and Sim (Distill 2019), with "
        "the strides and the padding of TF-Slim, on which they depend. The same for all modules of eight networks of "
        "torchvision, measured by gradients.",
        (
            Check("proof/test_published_networks.py::test_the_table_of_araujo_norris_and_sim", "a row of the table"),
            Check("proof/test_probed_fields.py::test_every_probed_module", "every module of a network"),
        ),
    ),
    Group(
        "Published parameters and multiply-accumulates",
        "All models of torchvision for classification and segmentation, as PyTorch measures them: input, outputs, "
        "parameters, buffers and multiply-accumulates. The metadata of all their weights, each at its own input. 17 of "
        "them call by call in execution order, every call with its row. The smallest published input. The counts of "
        "Caffe and TF-Slim under their own conventions, and the expectations in the specs.",
        (
            Check("specs/test_torchvision.py::test_totals", "a model of torchvision"),
            Check("specs/test_torchvision.py::test_published", "published figures of its weights"),
            Check("specs/test_torchvision.py::test_every_call_in_order", "a model, call by call"),
            Check("specs/test_torchvision_modules.py::test_modules_in_order", "another, its modules"),
            Check("specs/test_torchvision.py::test_smallest_input", "the smallest input of a model"),
            Check(
                "proof/test_published_networks.py::test_caffe_counts_statistics_of_norms_as_parameters",
                "a model of Caffe",
            ),
            Check(
                "proof/test_published_networks.py::test_tf_slim_counts_10173112_variables_of_inception_v2",
                "Inception v2 of TF-Slim",
            ),
            Check(
                "proof/test_published_networks.py::test_a_single_column_alexnet_has_62378344_parameters",
                "AlexNet on one GPU",
            ),
            Check("specs/test_shipped.py::test_they_hold_by_plain_comparison_too", "a shipped network"),
        ),
    ),
    Group(
        "Tables and examples of papers",
        "Layer by layer: LeNet-5, the zip-code network of 1989, AlexNet, DeepFace, SqueezeNet's Table 1, GoogLeNet's "
        "blocks, Network in Network, U-Net's map sizes. Figures in millions from the papers on VGG, ResNet and "
        "MobileNet, the figures of the guide to convolution arithmetic, and small cases calculated by hand.",
        (
            Check("test_truths.py::test_published_layers_and_totals", "a network"),
            Check("proof/test_published_networks.py::test_parts_of_a_network", "a network, by blocks"),
            Check("proof/test_published_networks.py::test_layers_in_order", "a network, by maps"),
            Check("proof/test_published_networks.py::test_what_a_paper_prints_in_millions", "a rounded figure"),
            Check("test_truths.py::test_convolution_arithmetic", "a figure of the guide"),
            Check("test_truths.py::test_one_layer", "a layer by hand"),
        ),
    ),
)

CONTRADICTIONS = """\
## Where the sources contradict themselves

The tests compare convcalc with the figures that follow from the sizes in a source. These printed figures do not follow
from them:

- A well-known article gives 105,415,600 parameters to an unshared first layer of AlexNet. 290,400 x 364 = 105,705,600.
- DeepFace says "more than 120 million parameters"; its layers have 118,850,144 weights. In its text C3 reads
  16 maps, where M2 has 32; and M2 comes to 71 pixels only with a ceiling.
- CS231n sums the activations of VGG-16 to 24 million numbers; the rows of its table add up to 15.2 million.
- ResNet's Table 1 cuts 3.66e9 down to 3.6e9 and rounds 7.57e9 up to 7.6e9.
- Some summaries give LeNet-5 345,308 connections; its layers have 340,908.
"""

_LINE = re.compile(r"^\| .* \| `(.+?)` \| ([\d,]+) \| ([\d,]+) \|$", re.M)


class Tally:
    """A pytest plugin that counts cases, and those that fail, by test function."""

    def __init__(self) -> None:
        self.cases: Counter[str] = Counter()
        self.differed: Counter[str] = Counter()

    def pytest_runtest_makereport(self, item: pytest.Item, call: pytest.CallInfo[None]) -> None:
        if call.when == "call":
            test = item.nodeid.partition("[")[0].removeprefix("tests/")
            # Hypothesis describes each phase of a test in words: "400 passing, 0 failing, and 12 invalid test cases".
            counts = re.findall(r"(\d+) passing", getattr(item, "hypothesis_statistics", ""))
            self.cases[test] += sum(map(int, counts)) if counts else 1
            self.differed[test] += call.excinfo is not None

    def found(self) -> dict[str, Found]:
        return {test: Found(count, self.differed[test]) for test, count in self.cases.items()}


def render(found: Mapping[str, Found]) -> str:
    """The page, from the counts of every test of the groups."""
    parts = [INTRODUCTION]
    for group in GROUPS:
        lines = [
            f"## {group.title}",
            "",
            wrapped(group.text),
            "",
            "| a case | test | cases | differ |",
            "|---|---|--:|--:|",
        ]
        for check in group.checks:
            cases, differed = found[check.test]
            lines.append(f"| {check.what} | `{check.test}` | {cases:,} | {differed:,} |")
        parts.append("\n".join([*lines, ""]))
    return "\n".join([*parts, LIBRARIES, CONTRADICTIONS])


def wrapped(text: str) -> str:
    return fill(text, 120, break_on_hyphens=False)


def counts_of(page: str) -> dict[str, Found]:
    """The counts that a page shows."""
    return {test: Found(*(int(n.replace(",", "")) for n in counts)) for test, *counts in _LINE.findall(page)}


def main() -> int:
    os.chdir(ROOT)
    os.environ["CI"] = "1"
    tally = Tally()
    tests = [f"tests/{check.test}" for group in GROUPS for check in group.checks]
    status = pytest.main(["-q", "-p", "no:cacheprovider", *tests], plugins=[tally])
    if tally.cases:
        PAGE.write_text(render(tally.found()), encoding="utf-8")
    return int(status)


if __name__ == "__main__":
    sys.exit(main())
