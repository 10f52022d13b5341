"""The values of a layer's unknown parameters, as a table and as records."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from convcalc.arith.shape import format_shape
from convcalc.arith.units import count_of, group_digits
from convcalc.arith.wording import listed
from convcalc.render.cells import counted
from convcalc.render.printout import Record
from convcalc.render.sheet import Head, Sheet
from convcalc.text.writing import flow_text

if TYPE_CHECKING:
    from convcalc.solving.layer import LayerAnswers
    from convcalc.solving.layer_question import LayerAnswer

SHOWN = 20  # answers in a table
UNREAD = "unread: rows or columns behind the last window, padding included, that it does not read"
PAIR = "[1, 2]: 1 cell of padding before the map and 2 behind it; a list has one item for each axis"


@dataclass(frozen=True, slots=True)
class LayerAnswersPrintout:
    """The answers, the plainest first; a table shows some of them unless `everything` is wanted."""

    found: LayerAnswers
    everything: bool = False

    @property
    def title(self) -> str:
        question = self.found.question
        given = [f"{name} {flow_text(value)}" for name, value in question.given.items()]
        inputs = " and ".join(format_shape(shape) for shape in question.inputs)
        wanted = [format_shape(question.output)] if question.output else []
        wanted += [condition.text for condition in question.wants]
        return " · ".join([question.kind.name, f"input {inputs}", *given, f"wanted {', '.join(wanted)}"])

    def sheets(self, width: int | None) -> list[Sheet]:
        found = self.found
        rows = found.answers or found.nearest
        shown = rows if self.everything else rows[:SHOWN]
        return [Sheet(self.title, _heads(found, shown), _rows(shown), facts=_facts(found), notes=self._notes(shown))]

    def data(self) -> dict[str, Any]:
        return self.found.to_dict()

    def records(self) -> Iterator[Record]:
        """One record for each answer."""
        yield (*self.found.question.unknowns, "output_shape", "params", "macs", "unread")
        for answer in self.found.answers:
            facts = answer.facts
            values = [flow_text(value) for value in answer.values.values()]
            yield (*values, format_shape(facts.output_shape), facts.params, facts.macs, answer.unread)

    def _notes(self, shown: Sequence[LayerAnswer]) -> list[str]:
        found = self.found
        ranges = listed([f"{name} {text}" for name, text in found.searched.items()])
        notes = [f"searched {ranges}: {count_of(found.tried, 'layer')}"]
        if len(shown) < len(found.answers):
            notes.append(f"the {len(shown)} plainest of {len(found.answers)} answers; --all shows all")
        values = [value for answer in shown for value in answer.values.values()]
        if any(isinstance(value, list) and isinstance(value[0], list) for value in values):
            notes.append(PAIR)
        if any(answer.unread for answer in shown):
            notes.append(UNREAD)
        return notes


def _heads(found: LayerAnswers, shown: Sequence[LayerAnswer]) -> list[Head]:
    unknowns = [Head(name, right=_are_numbers(name, shown), importance=100) for name in found.question.unknowns]
    figures = [Head("params", right=True, importance=80), Head("macs", right=True, importance=70)]
    return [*unknowns, Head("output", importance=95), *figures, Head("unread", right=True, importance=90)]


def _are_numbers(name: str, shown: Sequence[LayerAnswer]) -> bool:
    return all(isinstance(answer.values[name], int) for answer in shown)


def _rows(shown: Sequence[LayerAnswer]) -> list[list[str]]:
    return [
        [
            *[flow_text(value) for value in answer.values.values()],
            format_shape(answer.facts.output_shape),
            counted(answer.facts.params),
            counted(answer.facts.macs),
            group_digits(answer.unread),
        ]
        for answer in shown
    ]


def _facts(found: LayerAnswers) -> list[tuple[str, str]]:
    """Why nothing fits, and what the rows then are."""
    if found.answers:
        return []
    facts = [("nothing fits", "the rows are the nearest" if found.nearest else "no value makes a layer")]
    facts += [("fails", f"{condition}: {group_digits(count)}") for condition, count in found.rejected.items()]
    if found.broken:
        reason, _ = next(iter(found.broken.items()))
        facts.append((f"{group_digits(sum(found.broken.values()))} make no layer", f"such as: {reason}"))
    return facts
