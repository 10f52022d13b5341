"""`convcalc schema`: the JSON Schema of the language, and that of the configuration."""

from __future__ import annotations

import click

from convcalc.checking.configuration.reading import configuration_schema_text
from convcalc.cli.output import Printer, output_options
from convcalc.render.written import SchemaPrintout
from convcalc.schema.build import schema_text


@click.command("schema")
@click.option("--config", is_flag=True, help="Print the schema of .convcalc.yaml, the configuration of `check`.")
@output_options(SchemaPrintout)
def command(config: bool, printer: Printer) -> None:
    """The JSON Schema of the language: with it an editor completes and explains specs.

    \b
    For every editor with the YAML language server, write the schema to a file
      convcalc schema --output convcalc.schema.json
    and name it in the first line of a spec:
      # yaml-language-server: $schema=convcalc.schema.json
    """
    printer.show(SchemaPrintout(configuration_schema_text() if config else schema_text()))
