"""Targets that are networks of another format: read, and written as the text of a spec."""

from __future__ import annotations

import os
import tempfile
from typing import Any

from convcalc.errors import SpecError
from convcalc.importers import PYTORCH, formats, specs
from convcalc.importers.inputs import GivenInputs, given_inputs
from convcalc.importers.network import ForeignNetwork
from convcalc.targets import revisions
from convcalc.targets.target import Target
from convcalc.text.source import Source


def find_module(module: Any, input: Any) -> Target:
    """The spec of a live module of PyTorch. Raises UsageError where it is none, or does not run on the input."""
    network = formats.trace(module, given_inputs(input))
    return Target(network.name, Source(network.name, specs.spec_text(network)), None, None, network)


def find(label: str, layer: str | None, input: Any, python: str | None) -> Target:
    """The spec of a network of another format. Raises UsageError and SpecError."""
    network = read(label, given_inputs(input), python)
    return Target(label, Source(label, specs.spec_text(network)), None, layer, network)


def of_model_file(target: Target, input: Any) -> Target:
    """The spec of a model file of Ultralytics, whose variants are its scales. Raises UsageError and SpecError."""
    network = read_model_file(target, given_inputs(input))
    return target._replace(source=Source(target.label, specs.spec_text(network)), variant=None, foreign=network)


def read_model_file(target: Target, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a model file of Ultralytics. Raises UsageError and SpecError."""
    from convcalc.importers.ultralytics import reader  # only for such a file

    return reader.read_source(target.source, target.variant, inputs)


def read(label: str, inputs: GivenInputs, python: str | None, *, restore_batch_norm: bool = False) -> ForeignNetwork:
    """The network of a file, of REV:FILE or of `pytorch:`. Raises UsageError and SpecError."""
    if label.startswith(PYTORCH) or ":" not in label or os.path.exists(label):
        return formats.read(label, inputs, python, restore_batch_norm=restore_batch_norm)
    with tempfile.TemporaryDirectory(prefix="convcalc-") as folder:
        path = revisions.copy(label, folder) or label
        try:
            return formats.read(path, inputs, restore_batch_norm=restore_batch_norm)
        except SpecError as error:
            for problem in error.problems:
                problem.where = problem.where._replace(file=label)
            raise
