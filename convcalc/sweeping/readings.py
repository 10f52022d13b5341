"""A network of another format whose input varies is read once with each input: reading it fixes its sizes."""

from __future__ import annotations

from convcalc import api
from convcalc.errors import ConvcalcError, UsageError
from convcalc.language.overrides import Overrides
from convcalc.sweeping.axes import parse_axes
from convcalc.sweeping.building import Builder
from convcalc.sweeping.inputs import is_of_input, shapes_text
from convcalc.sweeping.plan import Plan
from convcalc.sweeping.reasons import message_of
from convcalc.sweeping.space import Space
from convcalc.sweeping.texts import Reading, texts_of
from convcalc.targets.find import find

MAX_READINGS = 100


def read_with_each_input(plan: Plan, python: str | None) -> tuple[Reading, ...]:
    """The network of a plan, read with every input that its axes give. Raises UsageError where they are too many."""
    space = Space([axis for axis in parse_axes(plan.axes) if any(map(is_of_input, axis.keys))])
    if space.size > MAX_READINGS:
        message = f"{plan.label} would be read {space.size:,} times, once with each input"
        raise UsageError(message, f"vary at most {MAX_READINGS} inputs, or a spec that `convcalc import` makes")
    builder = Builder.of(plan)
    found: dict[str, Reading] = {}
    for index in range(space.size):
        values = dict(zip(space.keys, space.values(index)))
        input = shapes_text(builder.shapes_with({key: value for key, value in values.items() if is_of_input(key)}))
        if input not in found:
            found[input] = _reading(plan, input, python)
    return tuple(found.values())


def _reading(plan: Plan, input: str, python: str | None) -> Reading:
    try:
        target = find(plan.label, input, python)
        api.load_target(target, Overrides())
    except ConvcalcError as error:
        return Reading(input, (), message_of(error))
    return Reading(input, texts_of(target.source))
