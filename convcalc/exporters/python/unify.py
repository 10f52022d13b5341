"""Several calls of one form as one call: where their values differ, it has a slot."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from convcalc.exporters.python.code import MISSING, Argument, Call, Name

# The value of an argument in an instance that does not have the call.
ABSENT: Any = object()


class Slot(NamedTuple):
    """The values of one argument, one an instance. `param` and `size` are those of the argument."""

    values: tuple[Any, ...]
    name: str = ""
    param: str = ""
    size: tuple[int, int] | None = None

    @property
    def is_constant(self) -> bool:
        """Whether all instances have the same value."""
        present = self.present
        return all(type(value) is type(present[0]) and value == present[0] for value in present)

    @property
    def present(self) -> list[Any]:
        """The values of the instances that have one."""
        return [value for value in self.values if value is not ABSENT]


class Joined(NamedTuple):
    """A call of all instances; each argument has its key and a form."""

    callee: str
    arguments: tuple[tuple[str, Any], ...]


class JoinedTuple(NamedTuple):
    """A tuple that has slots."""

    items: tuple[Any, ...]


class Copies(NamedTuple):
    """A Sequential of copies: the first, the form of the others (None: as the first), and their number.

    In a series a value of each copy depends on its number, `index`.
    """

    first: Any
    rest: Any | None
    number: Slot
    is_series: bool = False


class Members(NamedTuple):
    """The members of a container by name; `kind` is the class of torch.nn."""

    kind: str
    members: tuple[tuple[str, Any], ...]


class Row(NamedTuple):
    """A Sequential, ModuleList or ModuleDict of one instance: its members by name."""

    kind: str
    members: tuple[tuple[str, Any], ...]

    @property
    def are_numbered(self) -> bool:
        """Whether the members have the numbers that PyTorch gives."""
        return [name for name, _ in self.members] == [str(number) for number in range(len(self.members))]


def form(made: Any) -> object:
    """What two constructions must agree in to be joined: all but the values."""
    if isinstance(made, Call):
        return made.callee, tuple((argument.key, form(argument.value)) for argument in made.arguments)
    if isinstance(made, Row):
        forms = [form(member) for _, member in made.members]
        if is_copies(made):
            return made.kind, "copies", forms[0]
        return made.kind, tuple(name for name, _ in made.members), tuple(forms)
    if type(made) is tuple and any(isinstance(item, Argument) for item in made):
        return ("tuple", len(made))
    return None


def is_copies(row: Row) -> bool:
    """Whether the members are copies that differ at most from the first."""
    if row.kind != "Sequential" or not row.are_numbered or not row.members:
        return False
    members = [member for _, member in row.members]
    return len({str(form(member)) for member in members}) == 1 and all(other == members[1] for other in members[2:])


def _series(row: Row) -> Call | None:
    """The call of members that differ in one number alone, which grows evenly; None where they do not."""
    calls = [member for _, member in row.members]
    if row.kind != "Sequential" or not row.are_numbered or len(calls) < 3:
        return None
    if not all(isinstance(call, Call) for call in calls) or len({str(form(call)) for call in calls}) > 1:
        return None
    columns = list(zip(*(call.arguments for call in calls)))
    varying = [place for place, column in enumerate(columns) if any(each != column[0] for each in column)]
    if len(varying) != 1:
        return None
    values = [each.value for each in columns[varying[0]]]
    if not all(type(value) is int for value in values):
        return None
    steps = {after - before for before, after in pairwise(values)}
    if len(steps) != 1:
        return None
    arguments = list(calls[0].arguments)
    text = Name(f"{values[0]} + {steps.pop()} * index")
    arguments[varying[0]] = Argument(text, arguments[varying[0]].key)
    return Call(calls[0].callee, tuple(arguments))


def join(made: Sequence[Any], argument: Argument | None = None) -> Any:
    """The joined form of what each instance constructs; ABSENT where an instance does not have it."""
    sample = next((each for each in made if each is not ABSENT), ABSENT)
    if isinstance(sample, Call):
        return Joined(sample.callee, tuple(_join_arguments(made, sample)))
    if isinstance(sample, Row):
        return _join_rows(made, sample)
    if type(sample) is tuple and any(isinstance(item, Argument) for item in sample):
        columns = [[ABSENT if each is ABSENT else each[place] for each in made] for place in range(len(sample))]
        return JoinedTuple(tuple(_join_column(column) for column in columns))
    known = argument or Argument(sample)
    return Slot(tuple(made), known.key, known.param, known.size)


def _join_arguments(made: Sequence[Any], sample: Call) -> list[tuple[str, Any]]:
    joined = []
    for place, argument in enumerate(sample.arguments):
        column = [ABSENT if call is ABSENT else call.arguments[place] for call in made]
        present = [each for each in column if each is not ABSENT]
        if argument.default is not MISSING and all(_equal(each.value, each.default) for each in present):
            continue
        joined.append((argument.key, _join_column(column)))
    return joined


def _equal(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _join_column(column: list[Any]) -> Any:
    sample = next((each for each in column if each is not ABSENT), None)
    if sample is None or not isinstance(sample, Argument):
        sizes = [ABSENT if each is ABSENT else each for each in column]
        return Slot(tuple(sizes))
    return join([ABSENT if each is ABSENT else each.value for each in column], sample)


def _join_rows(made: Sequence[Any], sample: Row) -> Any:
    rows = [row for row in made if row is not ABSENT]
    series = _series(rows[0]) if len(rows) == 1 and not is_copies(rows[0]) else None
    if series is not None:
        numbers = tuple(ABSENT if row is ABSENT else len(row.members) for row in made)
        return Copies(join([ABSENT if row is ABSENT else series for row in made]), None, Slot(numbers), is_series=True)
    if not all(map(is_copies, rows)):
        names = [name for name, _ in sample.members]
        columns = [[ABSENT if row is ABSENT else row.members[place][1] for row in made] for place in range(len(names))]
        return Members(sample.kind, tuple((name, join(column)) for name, column in zip(names, columns)))
    first = join([ABSENT if row is ABSENT else row.members[0][1] for row in made])
    others = [ABSENT if row is ABSENT or len(row.members) < 2 else row.members[1][1] for row in made]
    are_equal = all(other is ABSENT or other == row.members[0][1] for row, other in zip(made, others))
    rest = None if are_equal else join(others)
    return Copies(first, rest, Slot(tuple(ABSENT if row is ABSENT else len(row.members) for row in made), "depth"))
