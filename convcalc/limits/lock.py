"""The lock file: the figures of every checked network, so that none of them changes unnoticed.

It is YAML, so that a message can name the line of a value. Each figure has a line of its own: a diff shows what
changed, and two branches conflict only where both changed the same figure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from convcalc.files import NamesBeside
from convcalc.language.spec import Spec
from convcalc.problems import Problem, nearest
from convcalc.report.changes import FigureChange
from convcalc.report.changes import changes as changed
from convcalc.report.figures import FIGURES, locked_figures
from convcalc.report.report import Report
from convcalc.report.rows import plain
from convcalc.report.sums import Partial
from convcalc.text.files import SUFFIXES
from convcalc.text.recorded import RecordedFile
from convcalc.text.scalars import resolve_plain
from convcalc.text.source import Mark, Source, Value, YamlList, YamlMapping

RULE = "locked"
FILE = RecordedFile("lock-file", "convcalc check --update-lock")
# A version adds figures. A file of an older version stays valid; it does not have the later figures.
VERSION = max(figure.locked for figure in FIGURES)
NAME = "convcalc.lock"
HEAD = """\
# The figures of networks. `convcalc check --locked` fails where one of them has changed.
# `convcalc check --update-lock` writes this file; after a merge conflict, take either side and run it.
lock: {version}
targets:
"""

OFTEN_PARAMS = ("trainable_params", "params_shared")

Figures = dict[str, Any]
_PLAIN = re.compile(r"[A-Za-z_./][\w./@+-]*", re.A)
_AT_LEAST = "at least "


@dataclass(slots=True, eq=False)
class Locked:
    """The locked figures of one file, by variant, as plain values that can be sent to another process.

    `is_checked` is false where the figures are only collected for an update. `version` is that of the lock file.
    """

    file: str  # the name of the lock file in messages
    entries: dict[str | None, Figures]
    version: int
    is_checked: bool

    def problems(self, spec: Spec, variant: str | None, figures: Figures) -> Iterator[Problem]:
        """The changes of a target since its figures were locked."""
        if not self.is_checked:
            return
        if variant not in self.entries:
            yield self._problem(spec, variant, f"{self.file} does not have this network")
            return
        found = changes(self.entries[variant], figures, self.version)
        if found:
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            yield self._problem(spec, variant, f"differs from {self.file}: {found[0]}{more}", tuple(found[1:]))

    def missing(self, spec: Spec, variants: Sequence[str | None]) -> Iterator[Problem]:
        """The locked targets that the file no longer has."""
        for variant in self.entries if self.is_checked else ():
            if variant not in variants:
                what = f"there is no variant `{variant}`" if variant else "without a variant the file is not a network"
                yield self._problem(spec, None, f"{what}, but {self.file} has it")

    def _problem(self, spec: Spec, variant: str | None, message: str, trail: tuple[str, ...] = ()) -> Problem:
        help = "if the change is intended, run `convcalc check --update-lock` on the file"
        mark = spec.mark_of_target(variant)
        return spec.source.problem(RULE, message, mark, subject=variant or "", help=help, trail=trail)


def figures(report: Report) -> Figures:
    """The figures of a network for a lock file of the newest version."""
    found = {figure.name: figure.of_network(report) for figure in locked_figures(VERSION)}
    return {name: f"{_AT_LEAST}{value:d}" if type(value) is Partial else plain(value) for name, value in found.items()}


def changes(old: Figures, new: Figures, version: int) -> list[str]:
    """The figures that differ, with old and new value, among those of a version of the lock file.

    Parameters that are all trained, or all shared, are named once.
    """
    from convcalc.render.changes import change_text  # needed only where something differs

    names = [figure.name for figure in locked_figures(version)]
    differing = changed({name: old.get(name) for name in names}, {name: new.get(name) for name in names})
    texts = {name: change_text(_as_counted(change)) for name, change in differing.items()}
    repeated = [name for name in OFTEN_PARAMS if name in texts and texts[name] == texts.get("params")]
    return [f"{name} {text}" for name, text in texts.items() if name not in repeated]


def _as_counted(change: FigureChange) -> FigureChange:
    """The change with partial sums marked as partial."""
    old, new = [
        Partial(value.removeprefix(_AT_LEAST)) if isinstance(value, str) else value
        for value in (change.old, change.new)
    ]
    return FigureChange(old, new)


class Lock:
    """A lock file: `targets` has the figures by the name of the file, as `names` gives it, and by variant."""

    def __init__(self, path: str, source: Source | None = None) -> None:
        self.path = path
        self.source = source
        self.names = NamesBeside(path)
        self.version = VERSION
        self.targets: dict[str, dict[str | None, Figures]] = {}
        self.marks: dict[str, Mark] = {}  # the mark of the first target of each file
        if source is not None:
            self._read(source)

    def text(self) -> str:
        """The text of the lock file, with its targets sorted by name."""
        head = HEAD.format(version=self.version)
        parts = [head if self.targets else head.rstrip("\n") + " {}\n"]
        names = [figure.name for figure in locked_figures(self.version)]
        for file in sorted(self.targets):
            for variant in sorted(self.targets[file], key=lambda name: name or ""):
                values = self.targets[file][variant]
                lines = [f"    {name}: {_written(values[name])}\n" for name in names if name in values]
                parts.append(f"  {_quoted(label(file, variant))}:\n{''.join(lines)}")
        return "\n".join(parts)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read(self, source: Source) -> None:
        root = FILE.read(source)
        for key in root.pairs:
            if key not in ("lock", "targets"):
                raise FILE.error(source, f"there is no key `{key}` in a lock file", root.key_mark(key))
        self.version = self._version(source, root)
        targets = root.pairs.get("targets")
        if not isinstance(targets, YamlMapping):
            mark = root.value_mark("targets") if "targets" in root.pairs else root.mark
            raise FILE.error(source, "`targets` must be a mapping of networks", mark)
        for name, values in targets.pairs.items():
            self._read_target(source, targets, name, values)

    @staticmethod
    def _version(source: Source, root: YamlMapping) -> int:
        if "lock" not in root.pairs:
            raise FILE.error(source, "this is not a lock file of convcalc: it has no key `lock`", root.mark)
        version, mark = root.pairs["lock"], root.value_mark("lock")
        if isinstance(version, int) and not isinstance(version, bool) and 1 <= version <= VERSION:
            return version
        known = f"{VERSION} is" if VERSION == 1 else f"1 to {VERSION} are"
        help = "a newer convcalc has written it: use the newer version" if isinstance(version, int) else ""
        raise FILE.error(source, f"version {version} of the lock file is not known, {known}", mark, help)

    def _read_target(self, source: Source, targets: YamlMapping, name: str, values: Value) -> None:
        if not isinstance(values, YamlMapping):
            raise FILE.error(source, f"`{name}` must be a mapping of figures", targets.value_mark(name))
        found: Figures = {}
        names = [figure.name for figure in locked_figures(self.version)]
        for figure, value in values.pairs.items():
            if figure not in names:
                help = nearest(figure, names)
                raise FILE.error(source, f"there is no figure `{figure}`", values.key_mark(figure), help)
            found[figure] = _plain_value(source, figure, value, values.value_mark(figure))
        file, variant = split(name)
        self.targets.setdefault(file, {})[variant] = found
        self.marks.setdefault(file, targets.key_mark(name))


def _plain_value(source: Source, figure: str, value: Value, mark: Mark) -> Any:
    """A figure: a number, sizes, or either by name."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, YamlList):
        return [_plain_value(source, figure, item, at) for item, at in zip(value.items, value.marks)]
    if isinstance(value, YamlMapping):
        return {name: _plain_value(source, figure, item, value.value_mark(name)) for name, item in value.pairs.items()}
    if isinstance(value, str) and value.startswith(_AT_LEAST) and value.removeprefix(_AT_LEAST).isdecimal():
        return value
    raise FILE.error(source, f"{figure} is not a number or a list of numbers", mark)


# -- names and values as text --------------------------------------------------------------------------------------


def label(file: str, variant: str | None) -> str:
    return file if variant is None else f"{file}@{variant}"


def split(name: str) -> tuple[str, str | None]:
    """
    >>> split("specs/resnet.yaml@resnet18"), split("a@b.yaml")
    (('specs/resnet.yaml', 'resnet18'), ('a@b.yaml', None))
    """
    file, at, variant = name.rpartition("@")
    return (file, variant) if at and not variant.endswith(SUFFIXES) else (name, None)


def _written(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_quoted(name)}: {_written(item)}" for name, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_written, value)) + "]"
    return "null" if value is None else str(value)


def _quoted(name: str) -> str:
    """A name as YAML, with quotes where YAML would read it as something else.

    >>> _quoted("specs/net.yaml@v2"), _quoted("my net.yaml"), _quoted("null")
    ('specs/net.yaml@v2', '"my net.yaml"', '"null"')
    """
    if _PLAIN.fullmatch(name) and resolve_plain(name) == name:
        return name
    escaped = [char if char.isprintable() and char not in '"\\' else f"\\U{ord(char):08x}" for char in name]
    return '"' + "".join(escaped) + '"'
