"""Reads the file of a configuration by the table of its keys; the JSON Schema comes from the same table."""

from __future__ import annotations

import json
import os
import re

from convcalc.checking.configuration.configuration import Configuration
from convcalc.checking.configuration.figures import DEFINED, Amount, BudgetTable
from convcalc.checking.configuration.kinds import Choice, FileContext, Paths, Table, Tables, Targets, Text, ValueKind
from convcalc.checking.configuration.rules import OptionsOfRules, Rules, Severities
from convcalc.checking.results import FAIL_ON
from convcalc.errors import SpecError, UsageError
from convcalc.limits.figures import TOTALS
from convcalc.schema.fragments import ID, Schema
from convcalc.text.compose import compose
from convcalc.text.files import read_file
from convcalc.text.source import YamlMapping

TABLE = ("tool", "convcalc")

_RULES: dict[str, tuple[ValueKind, str]] = {
    "select": (Rules(), "The lint rules to run instead of the default set; `all` for every one."),
    "extend-select": (Rules(), "Additional lint rules to run."),
    "ignore": (Rules(), "Lint rules not to run."),
    "severity": (Severities(), "By rule, whether its findings are an `error` or a `warning`, or the rule is `off`."),
    "options": (OptionsOfRules(), "By rule, the values of its options."),
}
_BUDGETS = Tables(BudgetTable())
_PER_PATH = Table(
    {
        "paths": (Paths(must_exist=True), "The files of this part."),
        **_RULES,
        "budgets": (_BUDGETS, "Budgets for these files."),
    },
    required=("paths",),
)
KEYS = Table(
    {
        **_RULES,
        "fail-on": (Choice(*FAIL_ON), "The least severity of a finding that makes the exit code 1, or `never`."),
        "accepted": (Text(), "The file of accepted findings, relative to the folder of this file."),
        "exclude": (Paths(must_exist=False), "Files that are skipped in a directory."),
        "budgets": (_BUDGETS, "Limits of figures, with their files and variants."),
        "baseline": (Text(), "The git revision for the comparison of figures."),
        "growth": (
            Table({name: (Amount(name), "") for name in TOTALS}),
            "How much each figure may grow since the baseline: a number, or per cent as in 2%.",
        ),
        "per-path": (
            Tables(_PER_PATH),
            "Rules and budgets for some files; they take precedence over those for all files.",
        ),
        "against": (Targets(), "By spec, FILE or FILE@VARIANT, the network that it is compared with."),
        "weights": (Targets(), "By spec, FILE or FILE@VARIANT, the checkpoint that it is compared with."),
        "lock": (Text(), "The lock file, relative to the folder of this file."),
    }
)


def load_configuration(file: str) -> Configuration:
    """The configuration in a file. Raises SpecError where it cannot be read, UsageError where there is none."""
    if file.endswith(".toml"):
        configuration = load_table(file)
        if configuration is None:
            raise UsageError(f"{file} has no table [tool.convcalc]", "add one, or name a .yaml file")
        return configuration
    source = read_file(file, lambda: ())
    if re.sub(r"(?m)#.*$|^---$", "", source.text).strip():
        root = compose(source)
    else:
        root = YamlMapping(0)  # an empty file sets nothing, but configurations of the folders above do not apply
    return _read(FileContext(source, os.path.dirname(os.path.abspath(file))), root)


def load_table(file: str) -> Configuration | None:
    """The configuration in the table of a pyproject.toml, None where it has no such table. Raises SpecError."""
    from convcalc.checking.configuration.toml import read_table  # needed only for a TOML file

    source = read_file(file, lambda: ())
    table = read_table(source, *TABLE)
    if table is None:
        return None
    return _read(FileContext(source, os.path.dirname(os.path.abspath(file)), table.key_paths), table.root)


def _read(context: FileContext, root: YamlMapping) -> Configuration:
    read = KEYS.read(root, root.mark, "the configuration", context)
    problems = context.problems.in_file_order()
    if problems or read is None:
        raise SpecError(problems)
    return Configuration(context.folder, read)


def configuration_schema() -> Schema:
    """The JSON Schema of a `.convcalc.yaml`, and of the table in a pyproject.toml."""
    definitions = {name: kind.definition() for name, kind in DEFINED.items()}
    return {"$schema": ID, "title": "convcalc configuration", **KEYS.schema(), "$defs": definitions}


def configuration_schema_text() -> str:
    """The schema as JSON."""
    return json.dumps(configuration_schema(), ensure_ascii=False, indent=1) + "\n"
