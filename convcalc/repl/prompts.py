"""Ways to read a line from a user: with prompt_toolkit, with Python's readline, or plainly."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from convcalc.repl.past import Past

if TYPE_CHECKING:
    from convcalc.repl.completing import Completion

Complete = Callable[[str], "Completion"]


class Prompt(Protocol):
    """Both methods raise KeyboardInterrupt on Ctrl-C and EOFError on Ctrl-D."""

    def read(self, mark: str) -> str:
        """A line of commands; `mark` stands before it."""

    def ask(self, question: str) -> str:
        """The answer to a question, small letters without blanks around."""


def prompt_for(complete: Complete) -> Prompt:
    """The best way that there is here."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or os.environ.get("TERM") == "dumb":
        return PlainPrompt()
    try:
        return ToolkitPrompt(complete, Past())
    except ImportError:
        pass  # an optional extra
    try:
        return ReadlinePrompt(complete, Past())
    except ImportError:  # Python on Windows has none
        return PlainPrompt()


class PlainPrompt:
    """Lines as they come. Where results go elsewhere, the mark goes to standard error."""

    def read(self, mark: str) -> str:
        stream = sys.stdout if sys.stdout.isatty() else sys.stderr
        stream.write(mark)
        stream.flush()
        try:
            line = sys.stdin.readline()
        except KeyboardInterrupt:
            stream.write("\n")
            raise
        if not line:
            stream.write("\n")
            raise EOFError
        return line.rstrip("\n")

    def ask(self, question: str) -> str:
        return self.read(question).strip().lower()


class ReadlinePrompt(PlainPrompt):
    """Python's readline: the line is edited, completed by the tab key, and remembered."""

    def __init__(self, complete: Complete, past: Past) -> None:
        import readline

        self.readline = readline
        self.complete = complete
        self.past = past
        self.found: list[str] = []
        readline.set_auto_history(False)
        readline.clear_history()
        for line in past.lines:
            readline.add_history(line)
        readline.set_completer_delims(" \t")
        readline.set_completer(self._candidate)
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")

    def read(self, mark: str) -> str:
        try:
            line = input(mark)
        except (KeyboardInterrupt, EOFError):
            print()  # noqa: T201 - the cursor stands behind the mark
            raise
        if self.past.add(line):
            self.readline.add_history(line)
        return line

    def ask(self, question: str) -> str:
        self.readline.set_completer(None)
        try:
            return input(question).strip().lower()
        except (KeyboardInterrupt, EOFError):
            print()  # noqa: T201
            raise
        finally:
            self.readline.set_completer(self._candidate)

    def _candidate(self, word: str, state: int) -> str | None:
        """What readline calls for each candidate in turn; an exception in here would be swallowed."""
        if state == 0:
            begin = self.readline.get_begidx()
            before = self.readline.get_line_buffer()[: self.readline.get_endidx()]
            completion = self.complete(before)
            self.found = [before[begin : completion.start] + each.text for each in completion.candidates]
        return self.found[state] if state < len(self.found) else None


class ToolkitPrompt:
    """prompt_toolkit: candidates with notes in a menu, and suggestions from what was typed before."""

    def __init__(self, complete: Complete, past: Past) -> None:
        from prompt_toolkit import PromptSession
        from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
        from prompt_toolkit.completion import Completer
        from prompt_toolkit.completion import Completion as Candidate
        from prompt_toolkit.history import InMemoryHistory

        class Candidates(Completer):
            def get_completions(self, document: Any, complete_event: Any) -> Iterator[Candidate]:
                before = document.text_before_cursor
                completion = complete(before)
                for each in completion.candidates:
                    yield Candidate(each.text, completion.start - len(before), display_meta=each.note)

        class Kept(InMemoryHistory):
            def append_string(self, string: str) -> None:
                if past.add(string):
                    super().append_string(string)

        self.session: PromptSession[str] = PromptSession(
            history=Kept(past.lines), completer=Candidates(), auto_suggest=AutoSuggestFromHistory(),
            complete_while_typing=True, reserve_space_for_menu=6,
        )  # fmt: skip

    def read(self, mark: str) -> str:
        return self.session.prompt(mark)

    def ask(self, question: str) -> str:
        from prompt_toolkit.shortcuts import prompt

        return prompt(question).strip().lower()
