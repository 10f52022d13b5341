"""The events of a YAML text as PyYAML's parser gives them, and the base class of their readers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def events(text: str) -> Iterator[Any]:
    """The events of a text, one at a time. The iterator raises yaml.YAMLError.

    They are those of `yaml.parse`, which needs two calls for each event.
    """
    loader = LOADER(text)
    return iter(loader.get_event, None)


class EventReader(ABC):
    """Reads a text event by event, with one method for each kind.

    A reader keeps the open collections on a stack of its own, so that a deep text needs no recursion.
    """

    @abstractmethod
    def scalar(self, event: Any) -> None:
        """A key, or a value that is not a collection."""

    @abstractmethod
    def open_collection(self, event: Any) -> None:
        """The start of a mapping or a list."""

    @abstractmethod
    def close_collection(self, event: Any) -> None:
        """The end of the innermost open mapping or list."""

    @abstractmethod
    def alias(self, event: Any) -> None:
        """An alias, `*name`."""

    def document(self, event: Any) -> None:  # noqa: B027 - most readers need nothing here
        """The start of a document."""

    def read(self, text: str) -> None:
        """Call the methods, in the order of the text. Raises yaml.YAMLError."""
        methods = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.open_collection,
            SequenceStartEvent: self.open_collection,
            MappingEndEvent: self.close_collection,
            SequenceEndEvent: self.close_collection,
            AliasEvent: self.alias,
            DocumentStartEvent: self.document,
        }
        for event in events(text):
            method = methods.get(type(event))
            if method is not None:
                method(event)
