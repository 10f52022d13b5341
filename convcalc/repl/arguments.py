"""A line as words, and the words of a command taken one by one."""

from __future__ import annotations

import shlex

from convcalc.errors import UsageError


def split(line: str) -> list[str]:
    """The words of a line, quoted as in a POSIX shell; none of an empty line or a comment. Raises UsageError.

    >>> split("set conv1.padding '[1, 1]'"), split("  # a comment")
    (['set', 'conv1.padding', '[1, 1]'], [])
    """
    if line.lstrip().startswith("#"):
        return []
    try:
        return shlex.split(line)
    except ValueError as error:
        message = f"the line ends too early: {str(error).lower()}"
        raise UsageError(message, "close the quote, or write \\' for one") from None


class Arguments:
    """The words after the name of a command, taken one by one; `end` refuses remaining ones.

    All methods raise UsageError.
    """

    def __init__(self, words: list[str], usage: str) -> None:
        self.remaining = list(words)
        self.usage = usage

    @property
    def command(self) -> str:
        """The name of the command."""
        return self.usage.partition(" ")[0]

    def take(self, what: str) -> str:
        """The next word; `what` is its name in an error."""
        if not self.remaining:
            raise self.error(f"{what} is missing")
        return self.remaining.pop(0)

    def take_optional(self) -> str | None:
        """The next word, None where there is none."""
        return self.remaining.pop(0) if self.remaining else None

    def rest(self) -> list[str]:
        """All remaining words."""
        words, self.remaining = self.remaining, []
        return words

    def text(self, what: str) -> str:
        """All remaining words as one text: a value such as `[3, 3]` needs no quotes."""
        return " ".join([self.take(what), *self.rest()])

    def flag(self, name: str) -> bool:
        """Whether the option is given; it is removed from the words."""
        if name not in self.remaining:
            return False
        self.remaining.remove(name)
        return True

    def option(self, name: str, what: str) -> str | None:
        """The value of `--name VALUE` or `--name=VALUE`; None without it. Both words are removed."""
        for index, word in enumerate(self.remaining):
            if word == name:
                if index + 1 == len(self.remaining):
                    raise self.error(f"{name} needs {what}")
                del self.remaining[index]
                return self.remaining.pop(index)
            if word.startswith(f"{name}="):
                return self.remaining.pop(index).partition("=")[2]
        return None

    def number(self, name: str) -> int | None:
        """The value of an option that takes a number; None without it."""
        text = self.option(name, "a number")
        return None if text is None else self.positive(text, name)

    def positive(self, text: str, what: str) -> int:
        """A whole number of at least 1."""
        if not (text.isdecimal() and text.isascii() and len(text) < 10 and int(text) > 0):
            raise self.error(f"{what} cannot be `{text}`: it must be a whole number from 1")
        return int(text)

    def end(self) -> None:
        """Refuse remaining words."""
        if self.remaining:
            raise self.error(f"unexpected word `{self.remaining[0]}`")

    def error(self, message: str) -> UsageError:
        """The error for a wrong line, with the usage of the command."""
        return UsageError(message, f"usage: {self.usage}")
