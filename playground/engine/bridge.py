"""What the worker calls: JSON in, JSON out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from convcalc.errors import UsageError
from playground.engine import files
from playground.engine.workbench import Request, Workbench

WORKBENCH = Workbench()


def show(request: str) -> Iterator[str | None]:
    """The steps of a request; None is a pause."""
    for step in WORKBENCH.steps(Request.of(request)):
        yield None if step is None else json.dumps(step)


def ask(question: str) -> str:
    """The answer to a question: a dictionary with `what` it is about."""
    return json.dumps(_answer(json.loads(question)))


def _answer(question: dict[str, Any]) -> files.Answer:
    what = question.pop("what")
    if what == "shipped":
        return files.shipped(**question)
    if what == "read":
        return files.read(**question)
    if WORKBENCH.report is None:
        return {"problem": "there is no network yet", "help": "correct the spec first"}
    try:
        if what == "picture":
            return {"text": files.picture(WORKBENCH.report, **question)}
        return {"text": files.table(WORKBENCH.report)}
    except UsageError as error:
        return {"problem": error.message, "help": error.help}
