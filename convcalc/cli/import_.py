"""`convcalc import`: a network of another format as a spec."""

from __future__ import annotations

import sys

import click

from convcalc.agreement import agreement, differences_of_text, remarks
from convcalc.arith.wording import visible
from convcalc.cli.complete import complete_target
from convcalc.cli.options import python_option
from convcalc.cli.output import Printer, output_options
from convcalc.cli.terminal import style_for, width_of
from convcalc.errors import UsageError
from convcalc.importers import ENDINGS, is_foreign, specs
from convcalc.importers.inputs import given_inputs
from convcalc.importers.network import ForeignNetwork
from convcalc.render.diagnostics import render_problems
from convcalc.render.written import SpecPrintout
from convcalc.targets import foreign
from convcalc.targets.find import find_text, is_model_file
from convcalc.text.files import SUFFIXES

EPILOG = """\b
Examples:
  convcalc import model.onnx --output model.yaml
  convcalc import net.pt2 --flat
  convcalc import 'pytorch:torchvision.models:resnet50' --input 3x224x224
  convcalc import model.keras
  convcalc import yolov3.cfg
  convcalc import yolo11.yaml@n
"""


@click.command("import", epilog=EPILOG)
@click.argument("target", shell_complete=complete_target)
@click.option("--flat", is_flag=True, help="Every layer by itself, without blocks.")
@click.option("--name", metavar="TEXT", help="The name of the spec; by default that of the source.")
@click.option("--input", metavar="SHAPE", help="The input without the batch: 3x224x224, or name=SHAPE,name=SHAPE.")
@click.option(
    "--restore-batch-norm", is_flag=True, help="ONNX: put back the batch norms that are folded into convolutions."
)
@python_option
@output_options(SpecPrintout)
def command(
    target: str,
    flat: bool,
    name: str | None,
    input: str | None,
    restore_batch_norm: bool,
    python: str | None,
    printer: Printer,
) -> int:
    """A network of another format as a spec that a person would have written.

    TARGET is a file of PyTorch (.pt2), ONNX, Keras (.keras, .json, .h5), darknet (.cfg) or Caffe (.prototxt), a model
    of Ultralytics (.yaml, or .yaml@SCALE), or pytorch:MODULE:NAME for a class or a function of Python code. No weights
    are read, and no framework is needed except for pytorch:, which runs in the interpreter of the active environment or
    in that of --python.

    The spec is built and compared with the source, layer by layer: shapes, parameters and buffers. A difference is an
    error, with exit code 1; the text is written all the same.
    """
    network = _network(target, input, python, restore_batch_norm)
    text = specs.spec_text(network, flat=flat, name=name)
    printer.show(SpecPrintout(text))
    different = differences_of_text(text, printer.file or "<spec>", network)
    style, width = style_for(sys.stderr), width_of(sys.stderr)
    for remark in remarks(network):
        sys.stderr.write(f"{style('note', 'note')}: {visible(remark)}\n")
    if different:
        sys.stderr.write(render_problems(different, style, width))
        return 1
    sys.stderr.write(f"{style('ok', 'result')}: {agreement(network)}\n")
    return 0


def _network(target: str, input: str | None, python: str | None, restore_batch_norm: bool) -> ForeignNetwork:
    """The network that a target names. Raises UsageError where it is not of another format."""
    if is_foreign(target) or restore_batch_norm:
        return foreign.read(target, given_inputs(input), python, restore_batch_norm=restore_batch_norm)
    if not any(suffix in target for suffix in SUFFIXES):
        raise _no_format(target)
    found = find_text(target)
    if not is_model_file(found.source.text):
        raise _no_format(target)
    return foreign.read_model_file(found, given_inputs(input))


def _no_format(target: str) -> UsageError:
    known = f"the endings are {', '.join(ENDINGS)}, and .yaml for a model of Ultralytics"
    return UsageError(f"{target} is not of a format that can be read", known)
