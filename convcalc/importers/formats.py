"""Reads a network of another format with the reader of that format."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Protocol, cast

from convcalc.errors import SpecError, UsageError
from convcalc.importers import ENDINGS, PYTORCH, is_foreign
from convcalc.importers.inputs import GivenInputs
from convcalc.importers.network import ForeignNetwork
from convcalc.problems import Problem, Where, nearest


class Reader(Protocol):
    """A module that reads the files of one format."""

    def read(self, path: str, inputs: GivenInputs) -> ForeignNetwork:
        """The network of a file. Raises SpecError for a broken file, UsageError where an input must be given."""


def read(
    target: str, inputs: GivenInputs, python: str | None = None, *, restore_batch_norm: bool = False
) -> ForeignNetwork:
    """The network that a target names; `python` is the interpreter for `pytorch:`.

    `restore_batch_norm` puts batch norms back that an exporter to ONNX has folded into convolutions.
    """
    ending = "" if target.startswith(PYTORCH) else os.path.splitext(target)[1].lower()
    if restore_batch_norm and ending != ".onnx":
        raise UsageError("--restore-batch-norm is for ONNX files", "other formats keep their batch norms")
    if target.startswith(PYTORCH):
        from convcalc.importers.torch import process  # runs the user's code: only for such a target

        return process.read(target, inputs, python)
    if not os.path.isfile(target):
        raise _missing(target)
    if restore_batch_norm:
        from convcalc.importers.onnx import reader as onnx  # only for this option

        return onnx.read(target, inputs, restore_batch_norm=True)
    reader = cast(Reader, import_module(f"convcalc.importers.{ENDINGS[ending]}"))
    return reader.read(target, inputs)


def _missing(path: str) -> SpecError:
    if os.path.exists(path):
        message = "this is a directory" if os.path.isdir(path) else "this is not a regular file"
        return SpecError([Problem("unreadable-file", message, Where(path))])
    folder, name = os.path.split(path)
    beside = [each for each in os.listdir(folder or ".") if is_foreign(each)] if os.path.isdir(folder or ".") else []
    return SpecError([Problem("unreadable-file", "there is no such file", Where(path), help=nearest(name, beside))])


def trace(module: Any, inputs: GivenInputs) -> ForeignNetwork:
    """The network of a live torch.nn.Module. Raises UsageError for anything else."""
    torch = sys.modules.get("torch")
    if torch is None or not isinstance(module, torch.nn.Module):
        raise UsageError(f"{type(module).__name__} is no target", "give a file, a name, or a torch.nn.Module")
    from convcalc.importers.torch.live import trace_module  # as above

    return trace_module(module, inputs)
