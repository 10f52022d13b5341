"""Keys of single layers that a call changes: the layers that they match, and what is changed."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from convcalc import layers
from convcalc.errors import UsageError
from convcalc.language.overrides import LayerSetting
from convcalc.language.spec import CONTAINERS, Spec
from convcalc.network.scope import Level
from convcalc.network.site import Site
from convcalc.problems import nearest
from convcalc.text.source import Value, as_plain
from convcalc.text.writing import flow_text

# The keys of an entry that a call can change; the other ones decide which layers there are, and how they are connected.
CHANGEABLE_ENTRY_KEYS = ("trainable",)
FIXED_KEYS = ("name", "from", "repeat", "rows", "when", "tied")
KEEP_SIZE = "keep_size"
_PATTERN = re.compile(r"[*?[]")


class ChangedValue(NamedTuple):
    """A value that a layer has in place of its own; `by` is the setting, or KEEP_SIZE."""

    layer: str
    key: str
    value: Value
    by: LayerSetting | str

    def to_dict(self) -> dict[str, Any]:
        return {"layer": self.layer, "key": self.key, "value": as_plain(self.value), "by": str(self.by)}


class LayerChanges:
    """The settings of a call for single layers, and every value that they changed in one network."""

    __slots__ = ("_effective", "_patterns", "_refused", "_types", "changed", "keep_size", "settings", "spec")

    def __init__(self, spec: Spec, settings: Sequence[LayerSetting], *, keep_size: bool) -> None:
        for setting in settings:
            _check_key(setting)
        self.spec = spec
        self.settings = settings
        self.keep_size = keep_size
        self.changed: list[ChangedValue] = []
        self._patterns = [setting.is_pattern for setting in settings]
        self._effective: set[int] = set()  # the settings that changed a layer, by number
        self._types: dict[str, str] = {}  # by the full name of every layer, block, container and group
        self._refused: list[UsageError] = []

    def of(self, site: Site, type_name: str) -> dict[str, Value]:
        """The values that the call gives to keys of an entry; the name of a group of copies means all of them."""
        names = _names(site)
        for name in names:
            self._types[name] = type_name
        values: dict[str, Value] = {}
        for number, (setting, is_pattern) in enumerate(zip(self.settings, self._patterns)):
            if not (_fits(setting.layers, names) if is_pattern else setting.layers in names):
                continue
            if self._has_key(setting, names[0], self._keys_of(type_name)):
                values[setting.key] = setting.value
                self.changed.append(ChangedValue(names[0], setting.key, setting.value, setting))
                self._effective.add(number)
        return values

    def may_be_inside(self, name: str) -> bool:
        """Whether a setting may be for an entry inside the block of that full name."""
        prefix = f"{name}."
        for setting, is_pattern in zip(self.settings, self._patterns):
            beginning = _PATTERN.split(setting.layers, 1)[0] if is_pattern else setting.layers
            if beginning.startswith(prefix) or (is_pattern and prefix.startswith(beginning)):
                return True
        return False

    @property
    def has_unmatched(self) -> bool:
        """Whether a setting changed no layer."""
        return len(self._effective) < len(self.settings)

    def _keys_of(self, type_name: str) -> list[str]:
        """The keys of an entry of a type that a call can change."""
        return [*self._parameters_of(type_name), *CHANGEABLE_ENTRY_KEYS]

    def _parameters_of(self, type_name: str) -> Iterable[str]:
        if type_name in CONTAINERS:
            return [key for key in CONTAINERS[type_name] if key in ("merge", "axis")]
        defined = self.spec.blocks.get(type_name) or self.spec.custom.get(type_name)
        if defined is not None:
            return defined.params.pairs
        layer_type = layers.find(type_name)
        return layer_type.parameters if layer_type is not None else ()

    def _has_key(self, setting: LayerSetting, name: str, keys: Collection[str]) -> bool:
        """Whether an entry has the key. A pattern passes over the entries that do not have it."""
        if setting.key in keys:
            return True
        if not setting.is_pattern:
            self._refused.append(_unknown_key(f"{name} has no", setting.key, keys))
        return False

    def check(self) -> None:
        """Raise UsageError where a setting matched no layer, or a layer without its key."""
        for error in self._refused:
            raise error
        for number, setting in enumerate(self.settings):
            if number not in self._effective:
                raise self._without_match(setting)

    def _without_match(self, setting: LayerSetting) -> UsageError:
        matched = [type_name for name, type_name in self._types.items() if _fits(setting.layers, [name])]
        if matched:
            known = list(dict.fromkeys(key for type_name in matched for key in self._keys_of(type_name)))
            return _unknown_key(f"no layer that matches `{setting.layers}` has", setting.key, known)
        names = list(self._types)
        help = nearest(setting.layers, names) or f"its layers are {', '.join(names[:6])}{', …' * (len(names) > 6)}"
        what = "no layer matches" if setting.is_pattern else "there is no layer"
        return UsageError(f"{what} `{setting.layers}`", help)

    def count(self, by: str) -> int:
        """How many layers a setting changed."""
        return len({change.layer for change in self.changed if str(change.by) == by})

    def add_padding(self, layer: str, key: str, value: Any) -> None:
        """Note a padding that keeps the size of a layer."""
        self.changed.append(ChangedValue(layer, key, value, KEEP_SIZE))

    def in_words(self, network: str) -> Iterator[str]:
        """One sentence for each setting, and one for the padding that keeps sizes."""
        for text in dict.fromkeys(map(str, self.settings)):
            yield f"--set {text} changes {_layers_in_words(self.count(text))} of {network}"
        if self.keep_size:
            padded: dict[str, int] = {}
            for change in self.changed:
                if change.by == KEEP_SIZE:
                    words = f"{change.key} {flow_text(as_plain(change.value))}"
                    padded[words] = padded.get(words, 0) + 1
            each = [f"{words} in {_layers_in_words(count)}" for words, count in padded.items()]
            yield f"--keep-size sets {', '.join(each)}" if each else "--keep-size changes no padding"

    def to_list(self) -> list[dict[str, Any]]:
        """Every changed value, for JSON."""
        return [change.to_dict() for change in self.changed]


def _check_key(setting: LayerSetting) -> None:
    if setting.key in FIXED_KEYS:
        raise UsageError(
            f"`{setting.key}` of {setting.layers} cannot be set by a call",
            "it decides which layers there are and what they read: change it in the file",
        )


def _unknown_key(beginning: str, key: str, keys: Collection[str]) -> UsageError:
    from convcalc.language.translations import key_name_help  # only a mistake loads it

    return UsageError(f"{beginning} `{key}`", key_name_help("", key, keys) or f"the keys are {', '.join(keys)}")


def _names(site: Site) -> list[str]:
    """The full name of an entry, then those of the groups that it is a copy of."""
    names = [site.full_name]
    level: Level | None = site.scope.level
    while level is not None and level.is_group:
        names.append(level.prefix[:-1])
        level = level.parent
    return names


def _fits(pattern: str, names: Sequence[str]) -> bool:
    return any(fnmatchcase(name, pattern) for name in names)


def _layers_in_words(count: int) -> str:
    return f"{count:,} layer{'s' if count != 1 else ''}"
