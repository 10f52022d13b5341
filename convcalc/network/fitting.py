"""The input sizes on which the maps of a network fit together, where they do not fit on its own input.

Only a spec with such a problem loads this module.
"""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator

from convcalc.arith.shape import Shape, format_shape
from convcalc.network.construction import Construction

MULTIPLES = (2, 4, 8, 16, 32, 64, 128)
NEAREST = 32  # how far from the input a size is looked for
# What merges of maps of other sizes can do on any input; it goes where an input is found that fits.
CROP = "; `center_crop: {like: NAME}` cuts a map to the size of another"
MAX_ENTRIES = 2_000  # a larger network is not tried on other inputs: each takes as long as its own


def say_what_fits(construction: Construction, builds: Callable[[Shape], bool]) -> None:
    """Add to the problems of merges the sizes of the input that have no such problem.

    `builds` says whether the network can be built on an input.
    """
    found = construction.problems.of("shapes-do-not-agree")
    inputs = list(construction.graph.inputs.values())
    if len(inputs) != 1 or len(found) != len(construction.problems) or construction.entry_count > MAX_ENTRIES:
        return
    shape = inputs[0]
    fact, fits = _fitting_sizes(shape, builds) if len(shape) > 1 else ("", shape)
    if fact:
        call = f"convcalc sizes {_target(construction)} --input {format_shape(fits)}"
        for problem in found:
            problem.help = f"{problem.help.removesuffix(CROP)}; {fact}: `{call}` shows all that fit"


def _target(construction: Construction) -> str:
    """The target of the network as it is typed; FILE where the text is not from a file."""
    name, variant = construction.spec.source.name, construction.graph.variant
    return "FILE" if name[:1] == "<" else shlex.quote(name if variant is None else f"{name}@{variant}")


def _fitting_sizes(shape: Shape, builds: Callable[[Shape], bool]) -> tuple[str, Shape]:
    """The sizes that were found to fit, in words, and one of them; no words where none was found."""
    for multiple in MULTIPLES:
        sizes = list(_multiples(shape, multiple))
        if sizes and all(map(builds, sizes)):
            examples = " and ".join(map(format_shape, sizes))
            are = f"inputs of {examples} fit" if len(sizes) > 1 else f"an input of {examples} fits"
            return f"{are} (multiples of {multiple})", sizes[-1]
    for offset in range(1, NEAREST + 1):
        for each in (_moved(shape, -offset), _moved(shape, offset)):
            if all(2 * size >= old for size, old in zip(each, shape)) and builds(each):
                return f"an input of {format_shape(each)} fits", each
    return "", shape


def _multiples(shape: Shape, multiple: int) -> Iterator[Shape]:
    """The nearest shapes below and above whose sizes after the channels are multiples."""
    if all(size % multiple == 0 for size in shape[1:]):
        return
    below = (shape[0], *(size // multiple * multiple for size in shape[1:]))
    if min(below) > 0:
        yield below
    yield (shape[0], *(-(-size // multiple) * multiple for size in shape[1:]))


def _moved(shape: Shape, offset: int) -> Shape:
    return (shape[0], *(size + offset for size in shape[1:]))
