"""Which values of unknown parameters make a layer as it is wanted.

All combinations of a range for each unknown are tried: first one number for all axes; where none fits, words such as
`same`, paddings with one cell more behind the map, and values for each axis by itself. Where every number leaves cells
of the input unread, the words and paddings that leave none are answers as well.
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
    """The answers to a question, the plainest first; where there are none, the nearest misses.

    `searched` has the range of each unknown. `broken` counts values that make no layer, by reason, and `rejected` those
    whose output is as wanted, by the first condition that they fail.
    """

    question: LayerQuestion
    searched: dict[str, str]
    answers: list[LayerAnswer] = field(default_factory=list)
    nearest: list[LayerAnswer] = field(default_factory=list)
    broken: dict[str, int] = field(default_factory=dict)
    rejected: dict[str, int] = field(default_factory=dict)
    tried: int = 0

    def to_dict(self) -> dict[str, Any]:
        """The answers as JSON has them."""
        question = self.question
        wanted = {"output_shape": None if question.output is None else list(question.output)}
        return {
            "type": question.kind.name,
            "input_shapes": [list(shape) for shape in question.inputs],
            "given": question.given,
            "wanted": {**wanted, "conditions": [condition.text for condition in question.wants]},
            "searched": self.searched,
            "tried": self.tried,
            "answers": [answer.to_dict() for answer in self.answers],
            "nearest": [answer.to_dict() for answer in self.nearest],
            "rejected": self.rejected,
            "broken": self.broken,
        }


def solve_layer(question: LayerQuestion) -> LayerAnswers:
    """The answers to a question. Raises UsageError where an unknown has no list of values, or there are too many."""
    place = Place(question.kind, question.inputs, question.output, len(question.unknowns))
    tried = {name: question.choices.get(name) or _choices(name, place) for name in question.unknowns}
    count = prod(len(each.values) for each in tried.values())
    if count > MAX_TRIED:
        raise UsageError(f"{count:,} combinations are too many", f"give ranges with at most {MAX_TRIED:,} of them")
    search = _Search(question, tried)
    answers = search.plain()
    if not answers:
        answers = search.further()
        answers += [each for each in search.per_axis() if all(each.values != other.values for other in answers)]
    elif all(answer.unread for answer in answers):
        answers += [each for each in search.further() if not each.unread]
    answers.sort(key=lambda answer: answer.order)
    return LayerAnswers(
        question,
        {name: each.text for name, each in tried.items()},
        answers,
        [] if answers else search.nearest(),
        dict(search.broken.most_common()),
        dict(search.rejected.most_common()),
        search.tried,
    )


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
        self.rejected: Counter[str] = Counter()
        self.misses: dict[Shape, list[Values]] = {}  # by their output, which is not as wanted
        self.near: list[tuple[float, LayerAnswer]] = []  # outputs as wanted, with their distance from a condition
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
        """The misses nearest to the conditions; where no output is as wanted, the plainest of each nearest output."""
        if self.near:
            return [answer for _, answer in sorted(self.near, key=lambda each: (each[0], each[1].order))[:NEAREST]]
        shapes = sorted(self.misses, key=lambda shape: (self.question.distance(shape), shape))[:NEAREST]
        found = [map(self.question.answer, self.misses[shape]) for shape in shapes]
        return [min(answers, key=lambda answer: answer.order) for answers in found]

    def _answers(self, combinations: Iterable[tuple[Any, ...]]) -> list[LayerAnswer]:
        question, found = self.question, []
        for combination in combinations:
            self.tried += 1
            values = dict(zip(self.choices, combination))
            try:
                output = question.layer(values).output_shape(question.inputs)
            except LayerError as error:
                self.broken[str(error.reading(f"{format_shape(question.inputs[0])} input"))] += 1
                continue
            if not question.fits(output):
                kept = self.misses.setdefault(output, [])
                if len(kept) < MAX_KEPT:
                    kept.append(values)
                continue
            answer = question.answer(values)
            if not question.wants or self._meets(answer):
                found.append(answer)
        return found

    def _meets(self, answer: LayerAnswer) -> bool:
        """Whether an answer meets the conditions; one that does not is noted."""
        candidate = self.question.candidate(answer)
        for condition in self.question.wants:
            failure = condition.failure(candidate)
            if failure:
                self.rejected[failure] += 1
                miss = condition.miss(candidate)
                if miss is not None:
                    self.near.append((miss[0], answer))
                return False
        return True
