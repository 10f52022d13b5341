"""The file of accepted findings: those that a project had when it began to use `check`, so that only new ones fail.

It is YAML, with the name of each layer on its own line: two branches conflict only where both changed the same one. A
finding is known by its file, its rule and its layer, so that edits elsewhere in the file do not matter.
"""

from __future__ import annotations

from convcalc.files import NamesBeside
from convcalc.problems import Problem
from convcalc.render.diagnostics import value_width
from convcalc.text.recorded import RecordedFile
from convcalc.text.source import Expression, Mark, Source, Value, YamlList, YamlMapping
from convcalc.text.writing import scalar_text

FILE = RecordedFile("accepted-file", "convcalc check --accept")
VERSION = 1
HEAD = """\
# Findings that `convcalc check` accepts: by file and rule, the names of their layers.
# `convcalc check --accept` writes this file; after a merge conflict, take either side and run it.
accepted: {version}
files:
"""

Findings = dict[str, list[str]]  # by rule, the names of places


def place_name(problem: Problem) -> str:
    """The name of the place of a lint finding: of its layer, or else the word at the place, such as a param."""
    layer = problem.subject.rpartition(" (")[0]
    start = problem.where.column - 1
    return layer or problem.excerpt[start : start + value_width(problem.excerpt, problem.where.column)]


class AcceptedFile:
    """A file of accepted findings: `files` has them by the name of the file, as `names` gives it.

    Raises SpecError where it is malformed.
    """

    def __init__(self, path: str, source: Source | None = None) -> None:
        self.path = path
        self.source = source
        self.names = NamesBeside(path)
        self.files: dict[str, Findings] = {}
        self.file_marks: dict[str, Mark] = {}
        self.marks: dict[tuple[str, str, str], Mark] = {}  # by file, rule and name of the place
        if source is not None:
            self._read(source)

    def text(self) -> str:
        """The text of the file, sorted by name."""
        lines = [HEAD.format(version=VERSION) if self.files else HEAD.format(version=VERSION).rstrip() + " {}\n"]
        for file, findings in sorted(self.files.items()):
            lines.append(f"  {scalar_text(file, in_flow=False, is_key=True)}:\n")
            for rule, names in sorted(findings.items()):
                lines.append(f"    {rule}:\n")
                lines += [f"      - {scalar_text(name, in_flow=False)}\n" for name in sorted(names)]
        return "".join(lines)

    # -- reading -----------------------------------------------------------------------------------------------------

    def _read(self, source: Source) -> None:
        root = FILE.read(source)
        if root.pairs.get("accepted") != VERSION:
            message = f"this is not a file of accepted findings: it has no `accepted: {VERSION}`"
            raise FILE.error(source, message, root.mark)
        for key in root.pairs:
            if key not in ("accepted", "files"):
                message = f"there is no key `{key}` in a file of accepted findings"
                raise FILE.error(source, message, root.key_mark(key))
        files = _mapping(source, root.pairs.get("files"), "`files`", root.mark)
        for file, value in files.pairs.items():
            self.file_marks[file] = files.key_mark(file)
            rules = _mapping(source, value, f"`{file}`", files.value_mark(file))
            self.files[file] = {rule: self._names(source, file, rule, rules) for rule in rules.pairs}

    def _names(self, source: Source, file: str, rule: str, rules: YamlMapping) -> list[str]:
        """The names of the places of a rule in a file. A text that starts with `=` is read as an expression."""
        names = rules.pairs[rule]
        if not isinstance(names, YamlList) or not all(isinstance(name, (str, Expression)) for name in names.items):
            message = f"`{rule}` of `{file}` must be a list of names"
            raise FILE.error(source, message, rules.value_mark(rule))
        found = list(map(str, names.items))
        self.marks.update(((file, rule, name), mark) for name, mark in zip(found, names.marks))
        return found


def _mapping(source: Source, value: Value, what: str, mark: Mark) -> YamlMapping:
    if not isinstance(value, YamlMapping):
        raise FILE.error(source, f"{what} must be a mapping", mark)
    return value
