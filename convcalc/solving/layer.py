"""Which values of unknown parameters make a layer as it is wanted.

All combinations of a range for each unknown are tried: first one number for all axes; then words such as `same`, and
paddings with one cell more behind the map; then values for each axis by itself. The second is tried where the first
gives nothing, or leaves cells of the input unread; the third where nothing else fits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from math import prod
from typing import Any

from convcalc.arith.shape import Shape, format_shape
from convcalc.errors import UsageError
from convcalc.layers.base import LayerError
from convcalc.solving import axes
from convcalc.solving.choices import Choices, Place, choices
from convcalc.solving.layer_question import LayerAnswer, LayerQuestion, Values

MAX_TRIED = 1_000_000
MAX_KEPT = 100  # of the values that miss with one output shape
NEAREST = 3


@dataclass(slots=True)
class LayerAnswers:
    """The answers to a question, the plainest first; where there are none, the nearest outputs.

    `searched` has the range of each unknown, `broken` the reasons why values make no layer, with their counts.
    """

    question: LayerQuestion
    searched: dict[str, str]
    answers: list[LayerAnswer] = field(default_factory=list)
    nearest: list[LayerAnswer] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)
    tried: int = 0


def solve_layer(question: LayerQuestion) -> LayerAnswers:
    """The answers to a question. Raises UsageError where an unknown has no list of values, or there are too many."""
    place = Place(question.kind, question.inputs, question.output, len(question.unknowns))
    tried = {name: question.choices.get(name) or _choices(name, place) for name in question.unknowns}
    count = prod(len(each.values) for each in tried.values())
    if count > MAX_TRIED:
        raise UsageError(f"{count:,} combinations are too many", f"give ranges with at most {MAX_TRIED:,} of them")
    search = _Search(question, tried)
    answers = search.plain()
    if all(answer.unread for answer in answers):  # or there are none
        answers += [each for each in search.further() if not (answers and each.unread)]
    if not answers:
        answers = search.per_axis()
    answers.sort(key=lambda answer: answer.order)
    searched = {name: each.text for name, each in tried.items()}
    nearest = [] if answers else search.nearest()
    return LayerAnswers(question, searched, answers, nearest, dict(search.broken.most_common()), search.tried)


def _choices(name: str, place: Place) -> Choices:
    found = choices(name, place)
    if found is None:
        raise UsageError(f"there are no usual values of {name}", f"list them, as in '{name}=?1,2,3'")
    return found


class _Search:
    """The layers of all combinations of values, and those that are as wanted."""

    def __init__(self, question: LayerQuestion, choices: Mapping[str, Choices]) -> None:
        self.question = question
        self.choices = choices
        self.broken: Counter[str] = Counter()
        self.misses: dict[Shape, list[Values]] = {}
        self.tried = 0

    def plain(self) -> list[LayerAnswer]:
        """The answers with one number for all axes."""
        return self._answers(product(*(each.values for each in self.choices.values())))

    def further(self) -> list[LayerAnswer]:
        """The answers with at least one word, or one padding that is larger behind the map."""
        every = [[*enumerate(each.values), *((-1, value) for value in each.further)] for each in self.choices.values()]
        found = (each for each in product(*every) if any(place < 0 for place, _ in each))
        return self._answers(tuple([value for _, value in each]) for each in found)

    def per_axis(self) -> list[LayerAnswer]:
        """The answers with values for each axis by itself."""
        return self._answers(axes.combinations(self.question, self.choices))

    def nearest(self) -> list[LayerAnswer]:
        """The plainest values for each of the nearest outputs."""
        shapes = sorted(self.misses, key=lambda shape: (self.question.distance(shape), shape))[:NEAREST]
        return [min(map(self.question.answer, self.misses[shape]), key=lambda each: each.order) for shape in shapes]

    def _answers(self, combinations: Iterable[tuple[Any, ...]]) -> list[LayerAnswer]:
        question, found = self.question, []
        for combination in combinations:
            self.tried += 1
            values = dict(zip(self.choices, combination))
            try:
                output = question.layer(values).output_shape(question.inputs)
            except LayerError as error:
                self.broken[_reason(error, question.inputs)] += 1
                continue
            if question.fits(output):
                answer = question.answer(values)
                if question.passes is None or question.passes(answer.facts, values):
                    found.append(answer)
                    continue
            kept = self.misses.setdefault(output, [])
            if len(kept) < MAX_KEPT:
                kept.append(values)
        return found


def _reason(error: LayerError, inputs: tuple[Shape, ...]) -> str:
    full = f"{format_shape(inputs[0])} input"
    return str(error).replace("{input}", full).replace("{source}", "input")
