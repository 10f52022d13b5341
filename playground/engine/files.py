"""What the page reads and writes: shipped specs, networks of other formats, downloads."""

from __future__ import annotations

import os
from typing import Any

from convcalc.agreement import agreement, differences_of_text, remarks
from convcalc.drawing.draw import draw
from convcalc.errors import SpecError, UsageError
from convcalc.importers import is_foreign, specs
from convcalc.render.diagnostics import message_of
from convcalc.render.formats import csv
from convcalc.render.report_printout import ReportPrintout
from convcalc.render.style import Screen
from convcalc.report.report import Report
from convcalc.targets import foreign, names
from convcalc.targets.find import find, find_text, is_model_file

Answer = dict[str, Any]


def shipped_names() -> list[str]:
    """The shipped specs and their variants, as targets."""
    return names.shipped_targets()


def shipped(target: str) -> Answer:
    """The text of a shipped spec, and the variant that the target names."""
    found = find(target)
    return {"text": found.source.text, "variant": found.variant}


def read(path: str, input: str = "") -> Answer:
    """The text of a file: a spec as it is, and a network of another format as a spec.

    A file that cannot be read gives its `problem`, with a help.
    """
    try:
        return _read(path, input or None)
    except SpecError as error:
        first = error.problems[0]
        return {"problem": message_of(first), "help": first.help}
    except UsageError as error:
        return {"problem": error.message, "help": error.help}
    except ImportError as error:
        return {"problem": f"this file needs {error.name}, which the playground does not have",
                "help": "convcalc import reads it on the command line"}  # fmt: skip


def _read(path: str, input: str | None) -> Answer:
    if path.lower().endswith((".h5", ".hdf5")):
        raise UsageError("the playground does not read .h5 files", "save the model as .keras, or use the command line")
    found = find(path, input) if is_foreign(path) else find_text(path, input)
    if found.foreign is None and is_model_file(found.source.text):
        found = foreign.of_model_file(found, input)
    if found.foreign is None:
        return {"text": found.source.text, "remarks": []}
    text = specs.spec_text(found.foreign)
    different = differences_of_text(text, "spec", found.foreign)
    said = map(message_of, different) if different else [agreement(found.foreign, os.path.basename(path))]
    return {"text": text, "remarks": [*remarks(found.foreign), *said]}


def picture(report: Report, kind: str, layer: str) -> str:
    """A drawing as a file of SVG. Raises UsageError for a layer that has none."""
    return draw(report, kind, layer=layer if kind == "wiring" else None).svg


def table(report: Report) -> str:
    """The layers as CSV."""
    return "".join(csv.chunks(ReportPrintout([report]), Screen()))
