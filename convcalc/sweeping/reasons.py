"""Why a candidate does not build, in words that many candidates have in common."""

from __future__ import annotations

import re

from convcalc.errors import ConvcalcError, SpecError, UsageError

# Shapes, lists and numbers that are no part of a name: conv2d keeps its 2.
_NUMBERS = re.compile(r"(?<![\w.])-?\d[\d,]*(?:\.\d+)?(?:[xe+]-?\d+)*(?![\w])|\[[-\d.,\s\[\]]*\]")
_COPIES = re.compile(r"(?<=\w)\.\d+(?!\w)")
_REPEATED = re.compile(r"…(?:(?:, | and | or | x | \* | \+ )…)+")


def reason_of(error: ConvcalcError) -> str:
    """The message of an error without the numbers that differ from candidate to candidate."""
    return without_numbers(message_of(error))


def message_of(error: ConvcalcError) -> str:
    """The message of an error: of several problems that of the first."""
    if isinstance(error, SpecError):
        return error.problems[0].message
    return error.message if isinstance(error, UsageError) else str(error)


def without_numbers(message: str) -> str:
    """
    >>> without_numbers("add cannot join 16x30x30 and 16x32x32")
    'add cannot join …'
    >>> without_numbers("groups 3 does not divide in_channels 7 of units.2.conv1")
    'groups … does not divide in_channels … of units.*.conv1'
    """
    return _COPIES.sub(".*", _REPEATED.sub("…", _NUMBERS.sub("…", message)))
