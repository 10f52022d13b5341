"""`convcalc export`: a network as source for PyTorch or Keras, an ONNX graph, a diagram or a spec."""

from __future__ import annotations

import sys
from typing import Any

import click

from convcalc.cli.complete import complete_target
from convcalc.cli.options import change_options, find_target, say_changes
from convcalc.cli.output import output_option, write, write_bytes
from convcalc.errors import UsageError
from convcalc.exporters import ENDINGS
from convcalc.exporters.export import CHANNELS_FIRST, CHANNELS_LAST, export, export_bytes, text_as_it_is
from convcalc.exporters.network import build_network
from convcalc.render.formats import format_of_file

EPILOG = """\b
Examples:
  convcalc export resnet50 --to pytorch -o resnet50.py
  convcalc export net.yaml --set width=32 -o net.py
  convcalc export mobilenet_v2 --to keras -o mobilenet_v2.py
  convcalc export unet --to keras --data-format channels_first
  convcalc export unet --to mermaid --depth 1
  convcalc export resnet50 -o resnet50.onnx
  convcalc export lenet --to dot | dot -Tsvg -o lenet.svg
  convcalc export resnet18 --to spec --flat
"""


@click.command("export", epilog=EPILOG)
@click.argument("target", metavar="TARGET", shell_complete=complete_target)
@click.option("-f", "--to", "--format", "to", type=click.Choice(list(ENDINGS)),
              help="The format. By default that of --output, or pytorch.")  # fmt: skip
@click.option("--depth", type=click.IntRange(min=1), metavar="N",
              help="mermaid, dot: open blocks down to N parts of a name.")  # fmt: skip
@click.option("--flat", is_flag=True, help="spec: every layer by itself, without blocks and params.")
@click.option("--data-format", type=click.Choice([CHANNELS_LAST, CHANNELS_FIRST]),
              help="keras: where maps have their channels; channels_last by default.")  # fmt: skip
@output_option(".py or .onnx")
@change_options
def command(
    target: str,
    to: str | None,
    depth: int | None,
    flat: bool,
    data_format: str | None,
    output: str | None,
    set_: tuple[str, ...],
    **options: Any,
) -> None:
    """A network for other tools.

    \b
    pytorch   the source of a module: blocks are classes, params are arguments
    keras     the source of a functional model of Keras 3: blocks are functions
    onnx      a graph without weights, for Netron and other tools
    mermaid   a diagram for a README, one box for a layer or block
    dot       the same diagram for Graphviz
    spec      the text of the spec as it is, or with every layer by itself

    What a format cannot say is an error at the layer. Nothing is changed silently.
    """
    chosen = to or (None if output is None else format_of_file(output, ENDINGS)) or "pytorch"
    if depth is not None and chosen not in ("mermaid", "dot"):
        raise UsageError(f"--depth is for diagrams, and {chosen} is none", "leave it out, or name --to mermaid")
    if flat and chosen != "spec":
        raise UsageError(f"--flat is for specs, and {chosen} is none", "leave it out, or name --to spec")
    if data_format is not None and chosen != "keras":
        raise UsageError(
            f"--data-format is for keras, and {chosen} has one order alone", "leave it out, or name --to keras"
        )
    found, changes = find_target(target, set_, **options)
    if chosen == "spec" and not flat:
        write(text_as_it_is(found, changes), output)
        return
    network = build_network(found, changes)
    say_changes(network.graph, found.label)
    if chosen == "onnx":
        if output is None and sys.stdout.isatty():
            raise UsageError("onnx is no text for a terminal", "name a file: --output net.onnx")
        write_bytes(export_bytes(network), output)
        return
    write(export(network, chosen, depth, data_format or CHANNELS_LAST), output)
