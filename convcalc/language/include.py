"""The key `include`: a spec takes params, blocks and custom types from other files."""

from __future__ import annotations

import os
from array import array
from collections.abc import Collection

from convcalc import bounds, shipped
from convcalc.errors import SpecError
from convcalc.language.expressions import names_in
from convcalc.language.structure import Structure
from convcalc.problems import nearest
from convcalc.text.compose import compose
from convcalc.text.files import STDIN, SUFFIXES, read_file
from convcalc.text.source import (
    Expression,
    IncludeReader,
    Mark,
    Source,
    Value,
    YamlList,
    YamlMapping,
    mark_in_included_file,
)


class Folders:
    """Reads included files from disk, if they are in one of these folders after links are followed."""

    def __init__(self, allowed: str, *folders: str) -> None:
        self.allowed = allowed
        self.folders = tuple(map(os.path.realpath, folders))

    def find(self, path: str, beside: str) -> str | None:
        try:
            place = os.path.realpath(os.path.join(os.path.dirname(beside), path))
        except ValueError:  # a NUL in a name
            return None
        is_inside = any(f"{place}{os.sep}".startswith(folder.rstrip(os.sep) + os.sep) for folder in self.folders)
        return place if is_inside else None

    def read(self, place: str) -> Source:
        return read_file(place, shipped.files)


def _shipped_folder() -> Folders:
    return Folders("a shipped spec can include only shipped specs", shipped.directory())


def folders_of(source: Source) -> Folders | None:
    """The reader for the folder of a target and the working directory; None for a text that is not a file."""
    if source.path != STDIN and not os.path.isfile(source.path):
        return None
    allowed = "only files in the folder of the target and in the working directory can be included"
    folders = Folders(allowed, os.path.dirname(source.path), os.curdir)
    specs = _shipped_folder()
    return specs if folders.folders[0] in specs.folders else folders


def read_included(structure: Structure, root: YamlMapping, known: Collection[str]) -> list[YamlMapping]:
    """The values of the included files, each once; a file comes after the files that it includes.

    Their marks are places in `included` of the source. `known` are the keys that a file may have. Problems are
    reported. Raises SpecError where there are too many files, or they are too large.
    """
    source = structure.source
    source.included, source.incomplete = [], False
    if source.reader is None:
        source.reader = folders_of(source)
    place = source.reader.find(os.path.basename(source.path), source.path) if source.reader is not None else None
    includer = _Includer(structure, known)
    includer.follow(root, source, {place or source.path: source.name})
    return includer.roots


class _Includer:
    """Reads the included files one by one. `roots` has their values, in the order of `read_included`."""

    def __init__(self, structure: Structure, known: Collection[str]) -> None:
        self.structure = structure
        self.known = known
        self.source = structure.source
        self.problems = structure.problems
        self.roots: list[YamlMapping] = []
        self.places: set[str] = set()
        self.length = len(self.source.text)
        self.values = self.source.values

    def follow(self, root: YamlMapping, source: Source, chain: dict[str, str]) -> None:
        """Read the files that a file includes. `chain` has the place and name of this file and of those around it."""
        if "include" not in root.pairs:
            return
        given, mark = root.pairs["include"], root.value_mark("include")
        names, marks = (given.items, given.marks) if isinstance(given, YamlList) else ([given], [mark])
        if len(names) > bounds.MAX_INCLUDED_FILES:
            raise self.too_many_files(marks[bounds.MAX_INCLUDED_FILES])
        for name, mark in zip(names, marks):
            if isinstance(name, str):
                self.include(name, mark, source, chain)
            else:
                help = "as in `include: [resnet, ../blocks.yaml]`"
                self.structure.wrong_type(
                    name, mark, "`include`", "the name of a shipped spec or the path of a file", help
                )
                self.source.incomplete = True

    def include(self, name: str, mark: Mark, source: Source, chain: dict[str, str]) -> None:
        """Read one file, and before it the files that it includes."""
        file_place = self.find(name, mark, source)
        if file_place is None:
            self.source.incomplete = True
            return
        reader, place = file_place
        if place in chain:
            names = list(chain.values())[list(chain).index(place) :]
            message = f"the file includes itself: {' -> '.join([*names, names[0]])}"
            self.problems.add("include-cycle", message, mark, help="move the common definitions to another file")
            return
        if place in self.places:
            return
        if len(self.places) >= bounds.MAX_INCLUDED_FILES:
            raise self.too_many_files(mark)
        self.places.add(place)
        try:
            file = reader.read(place)
        except SpecError as error:
            self.refuse_file(name, mark, error)
            return
        file.path, file.reader = place, reader
        self.source.included.append(file)
        self.length += len(file.text)
        if self.length > bounds.MAX_FILE_BYTES:
            message = f"with what it includes the spec has over {bounds.MAX_FILE_BYTES:,} bytes"
            raise self.source.error("too-large", message, mark, bounds.how_to_raise("MAX_FILE_BYTES"))
        try:
            root = compose(file, self.values)
        except SpecError as error:
            self.refuse_file(name, mark, error)
            return
        self.values = file.values
        _move_marks(root, len(self.source.included))
        self.follow(root, file, {**chain, place: file.name})
        self.structure.check_keys(root, self.known, "a spec")
        self.roots.append(root)

    def find(self, name: str, mark: Mark, source: Source) -> tuple[IncludeReader, str] | None:
        """The reader and the place of a file by its name; None where it is refused."""
        if not name.endswith(SUFFIXES) and "/" not in name and os.sep not in name:
            files = shipped.files()
            if name in files:
                return _shipped_folder(), os.path.realpath(files[name])
            help = nearest(name, files) or "`convcalc zoo` lists the shipped specs; a path ends in .yaml or has a /"
            self.problems.add("unknown-spec", f"there is no shipped spec `{name}`", mark, help=help)
            return None
        if source.reader is None:
            message, help = f"`{name}` is a path, but this text is not a file", "it can include shipped specs by name"
        elif not name.endswith(SUFFIXES):
            message, help = f"`{name}` is not a YAML file", "the path must end in .yaml or .yml"
        elif os.path.isabs(name):
            message, help = f"`{name}` is an absolute path", "write it relative to the folder of this file"
        else:
            place = source.reader.find(name, source.path)
            if place is not None:
                return source.reader, place
            message, help = f"`{name}` is outside the folders that this spec may read", source.reader.allowed
        self.problems.add("include-outside", message, mark, help=help)
        return None

    def refuse_file(self, name: str, mark: Mark, error: SpecError) -> None:
        """Report why a file cannot be read: at the place of the mistake in it, otherwise where it is included."""
        self.source.incomplete = True
        for problem in error.problems:
            if problem.where.line:
                self.problems.add_existing(problem)
            else:
                message = f"`{name}` cannot be included: {problem.message}"
                self.problems.add("unreadable-file", message, mark, help=problem.help)

    def too_many_files(self, mark: Mark) -> SpecError:
        message = f"more than {bounds.MAX_INCLUDED_FILES} files are included"
        return self.source.error("too-large", message, mark, bounds.how_to_raise("MAX_INCLUDED_FILES"))


def _move_marks(root: YamlMapping, number: int) -> None:
    """Make the marks of a file marks of the included file of this number. A value with aliases is changed once."""
    waiting: list[YamlMapping | YamlList] = [root]
    # By id, because these values have no hash. `root` refers to all of them, so that no id is used twice.
    moved = {id(root)}
    while waiting:
        value = waiting.pop()
        value.mark = mark_in_included_file(value.mark, number)
        value.marks = array("Q", [mark_in_included_file(mark, number) for mark in value.marks])
        for item in value.pairs.values() if isinstance(value, YamlMapping) else value.items:
            if isinstance(item, (YamlMapping, YamlList)) and id(item) not in moved:
                moved.add(id(item))
                waiting.append(item)


def merge_params(files: list[YamlMapping]) -> YamlMapping:
    """The params of several files as one mapping: a later file replaces the value of an earlier one.

    A param keeps the position that it has in the first file. A new value may read params of its own file: these come
    before it.
    """
    members: dict[str, tuple[Value, Mark, Mark]] = {}
    replaced: set[str] = set()
    for params in files:
        replaced.update(members.keys() & params.pairs.keys())
        for index, (name, value) in enumerate(params.pairs.items()):
            members[name] = value, params.marks[2 * index], params.marks[2 * index + 1]
    result = YamlMapping(files[-1].mark)
    for name in _read_order({name: value for name, (value, _, _) in members.items()}, replaced):
        value, key_mark, value_mark = members[name]
        result.pairs[name] = value
        result.marks.extend((key_mark, value_mark))
    return result


def _read_order(values: dict[str, Value], replaced: set[str]) -> list[str]:
    """The names of params in an order in which a replaced value comes after the params that it reads."""
    number = {name: index for index, name in enumerate(values)}
    order: dict[str, None] = {}
    opened: set[str] = set()
    for first in values:
        waiting = [first]
        while waiting:
            name = waiting[-1]
            needed: set[str] = set()
            if name not in opened and (name in replaced or len(waiting) > 1):
                needed = (_names_read(values[name]) & values.keys()) - order.keys() - opened
            opened.add(name)
            if needed:
                waiting += sorted(needed, key=number.__getitem__, reverse=True)
            else:
                order.setdefault(waiting.pop())
    return list(order)


def _names_read(value: Value) -> set[str]:
    """The names that the expressions of a value read."""
    if isinstance(value, Expression):
        return names_in(value)
    items = (
        value.pairs.values() if isinstance(value, YamlMapping) else value.items if isinstance(value, YamlList) else ()
    )
    return set[str]().union(*map(_names_read, items))
