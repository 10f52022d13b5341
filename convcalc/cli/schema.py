"""convcalc schema"""

from __future__ import annotations

import click

from convcalc.cli.options import write


@click.command("schema")
@click.option("--config", is_flag=True, help="The schema of .convcalc.yaml, the configuration of `check`, instead.")
@click.option("--output", metavar="FILE", help="Write to a file instead of the terminal.")
def command(config: bool, output: str | None) -> None:
    """The JSON Schema of the language, which lets an editor complete and explain specs.

    \b
    For every editor with the YAML language server, write the schema to a file
      convcalc schema --output convcalc.schema.json
    and name it in the first line of a spec:
      # yaml-language-server: $schema=convcalc.schema.json
    """
    if config:
        from convcalc.checking.configuration.reading import configuration_schema_text

        write(configuration_schema_text(), output)
        return
    from convcalc.schema.build import schema_text

    write(schema_text(), output)
