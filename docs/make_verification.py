"""Runs the tests that hold convcalc's numbers against others', and writes what they found into docs/verification.md.

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
PAGE = ROOT / "docs" / "verification.md"


class Check(NamedTuple):
    """A test function, `file::name` below tests, and what each of its cases compares."""

    test: str
    what: str


class Group(NamedTuple):
    title: str
    text: str
    checks: tuple[Check, ...]


class Found(NamedTuple):
    """How many cases a test ran, random ones each for itself, and in how many the figures differed."""

    cases: int
    differed: int


INTRODUCTION = """\
# How the numbers are verified

What convcalc prints is compared with PyTorch, with brute force, and with what others have published. Each line below is
a test of this project. A case is one layer, graph or network, with all the figures that are
named. `python docs/make_verification.py` runs the tests as CI does and writes this page.
"""

GROUPS = (
    Group(
        "Single layers against PyTorch",
        "Random layers of every kind that PyTorch has, with parameters that fit and parameters that do not: output "
        "shape, parameters, buffers and multiply-accumulates are equal, and what PyTorch refuses convcalc refuses. Two "
        "differences are meant, and are told apart in the test: a map without any position is an error here and an "
        "empty tensor there; and a norm over a single value, which PyTorch refuses, has a shape and a count here.",
        (Check("layers/test_against_torch.py::test_layer_agrees", "a random layer"),),
    ),
    Group(
        "Random networks against PyTorch and brute force",
        "Networks of 5 to 40 layers, drawn as specs with containers, blocks, repeats, formulas, merges, gates and "
        "heads. A second reading of the spec, which shares nothing with convcalc, expands them; PyTorch runs the "
        "layers, and booleans are sent through the maps. Equal are the names, shapes, parameters, buffers and "
        "multiply-accumulates of all layers, the totals, and the first and last pixel that each unit of each map sees.",
        (
            Check("proof/test_random_networks.py::test_random_network_on_a_sequence", "a network on a sequence"),
            Check("proof/test_random_networks.py::test_random_network_on_an_image", "a network on an image"),
        ),
    ),
    Group(
        "Known networks, layer by layer, against PyTorch",
        "Every row of every shipped network built as a PyTorch module and run: shape, parameters, buffers, "
        "multiply-accumulates.",
        (Check("specs/test_networks_against_torch.py::test_network_agrees", "a shipped network"),),
    ),
    Group(
        "Receptive fields against brute force",
        "One pixel is marked at a time, and the graph run on booleans: every unit of every map must see what convcalc "
        "says, at the border too. In 2-D, graphs with a unit that sees padding alone are left out.",
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
        "the strides and the padding of TF-Slim, on which they depend; and those of all modules of eight networks of "
        "torchvision, for which gradients were probed.",
        (
            Check("proof/test_published_networks.py::test_the_table_of_araujo_norris_and_sim", "a row of the table"),
            Check("proof/test_probed_fields.py::test_every_probed_module", "every module of a network"),
        ),
    ),
    Group(
        "Published parameters and multiply-accumulates",
        "All models of torchvision for classification and segmentation, as PyTorch measures them: input, outputs, "
        "parameters, buffers and multiply-accumulates; the metadata of all their weights, each at its own input; 17 of "
        "them call by call in execution order, every call with its row; the smallest input that is published. Caffe's "
        "and TF-Slim's counts under their own conventions, and whatever a spec expects of itself.",
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
        "blocks, Network in Network, U-Net's map sizes; what VGG, ResNet and MobileNet print in millions; the figures "
        "of the guide to convolution arithmetic; small cases worked out by hand.",
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

The tests hold convcalc against what follows from a source's own sizes. These printed figures do not follow from them:

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
            # Hypothesis tells of a test in words, phase by phase: "400 passing, 0 failing, and 12 invalid test cases".
            told = re.findall(r"(\d+) passing", getattr(item, "hypothesis_statistics", ""))
            self.cases[test] += sum(map(int, told)) if told else 1
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
    return "\n".join([*parts, CONTRADICTIONS])


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
