"""The scale of a network: how many modules, and how many channels."""

from __future__ import annotations

import re
from math import ceil, inf
from typing import NamedTuple

from convcalc.importers.ultralytics.rows import ModelFile, is_number


class Scale(NamedTuple):
    """A scale: its name, empty where the file has no scales, and its factors."""

    name: str
    depth: float
    width: float
    max_channels: float

    def channels(self, channels: int) -> int:
        """The channels of a module at this scale: a multiple of 8."""
        return ceil(min(channels, self.max_channels) * self.width / 8) * 8

    def number(self, number: int) -> int:
        """How many modules a row has at this scale."""
        return max(round(number * self.depth), 1) if number > 1 else number

    @property
    def is_large(self) -> bool:
        """Whether modules take the form that they have at the scales m, l and x; without a scale they do too."""
        return self.name in ("", "m", "l", "x")

    @property
    def is_largest(self) -> bool:
        return self.name in ("", "l", "x")


def scale_of(file: ModelFile, wanted: str | None, stem: str) -> Scale:
    """The scale that is wanted, else that in the name of the file, else the first. Raises SpecError."""
    scales = file.keys.get("scales")
    if not scales:
        if wanted:
            file.fail_at("scales", f"there is no scale `{wanted}`: the file has no scales")
        return Scale("", file.factor("depth_multiple"), file.factor("width_multiple"), inf)
    if not isinstance(scales, dict):
        file.fail_at("scales", "`scales` must be a mapping of [depth, width, channels at most]")
    named = scale_in_name(stem)
    name = wanted or (named if named in scales else "") or next(iter(scales))
    if name not in scales:
        file.fail_at("scales", f"there is no scale `{name}`", f"the scales are {', '.join(scales)}")
    factors = scales[name]
    is_valid = isinstance(factors, list) and len(factors) == 3 and all(map(is_number, factors))
    if not is_valid or not all(0 < factor < 2**31 for factor in factors):
        file.fail_at("scales", f"the scale `{name}` must be [depth, width, channels at most]")
    return Scale(name, *factors)


def scale_in_name(stem: str) -> str:
    """The scale in the name of a file.

    >>> scale_in_name("yolo11n-seg"), scale_in_name("yolov8x"), scale_in_name("yolo11"), scale_in_name("rtdetr-l")
    ('n', 'x', '', '')
    """
    match = re.search(r"yolo(?:e-)?v?\d+([nslmx])", stem)
    return match[1] if match else ""


def without_scale(stem: str) -> str:
    """The name of the file for all scales.

    >>> without_scale("yolo11n-seg"), without_scale("yolov8x")
    ('yolo11-seg', 'yolov8')
    """
    return re.sub(r"(\d+)[nslmx]", r"\1", stem, count=1) if scale_in_name(stem) else stem


def with_scale(stem: str, scale: str) -> str:
    """The name of a network at a scale.

    >>> with_scale("yolo11-seg", "n"), with_scale("yolo11n", "n"), with_scale("net", "s"), with_scale("net", "")
    ('yolo11n-seg', 'yolo11n', 'net-s', 'net')
    """
    if not scale or scale_in_name(stem) == scale or stem.endswith((f"-{scale}", scale)):
        return stem
    named = re.sub(r"(yolo(?:e-)?v?\d+)", lambda match: match[1] + scale, stem, count=1)
    return named if named != stem else f"{stem}-{scale}"
