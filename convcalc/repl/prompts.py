"""Two ways to read a line from a user: with Python's readline, and without it."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence

from convcalc.repl.completion import Candidate, Completion
from convcalc.repl.history import LineHistory
from convcalc.repl.repl import Prompt

try:
    import readline
except ImportError:  # Python on Windows has none
    readline = None  # type: ignore[assignment]

Complete = Callable[[str], Completion]


def prompt_for(complete: Complete) -> Prompt:
    """A prompt with line editing, completion and history where the terminal and Python can do that."""
    is_terminal = sys.stdin.isatty() and sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
    return ReadlinePrompt(complete, LineHistory()) if is_terminal and readline is not None else PlainPrompt()


class PlainPrompt:
    """A prompt without line editing. Where results do not go to the terminal, the mark goes to standard error."""

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


class ReadlinePrompt:
    """Python's readline: it edits the line, completes it with the tab key, and remembers it."""

    def __init__(self, complete: Complete, history: LineHistory) -> None:
        self.complete = complete
        self.history = history
        self._mark = ""
        self._completion = Completion(0, [])
        self._lines: list[str] = []  # the word under the cursor with each candidate in place
        readline.set_auto_history(False)
        readline.clear_history()
        for line in history.lines:
            readline.add_history(line)
        readline.set_completer_delims(" \t")
        readline.set_completer(self._candidate)
        if hasattr(readline, "set_completion_display_matches_hook"):
            readline.set_completion_display_matches_hook(self._show)
        is_libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if is_libedit else "tab: complete")

    def read(self, mark: str) -> str:
        line = self._input(mark)
        if self.history.add(line):
            readline.add_history(line)
        return line

    def ask(self, question: str) -> str:
        readline.set_completer(None)
        try:
            return self._input(question).strip().lower()
        finally:
            readline.set_completer(self._candidate)

    def _input(self, mark: str) -> str:
        self._mark = mark
        try:
            return input(mark)
        except (KeyboardInterrupt, EOFError):
            print()  # noqa: T201 - the cursor is still on the line of the mark
            raise

    def _candidate(self, word: str, state: int) -> str | None:
        """The candidate of that number: readline calls this for 0, 1, … and ignores exceptions."""
        if state == 0:
            begin = readline.get_begidx()
            before = readline.get_line_buffer()[: readline.get_endidx()]
            self._completion = self.complete(before)
            start = before[begin : self._completion.start]
            self._lines = [start + each.text for each in self._completion.candidates]
        return self._lines[state] if state < len(self._lines) else None

    def _show(self, word: str, matches: Sequence[str], longest: int) -> None:
        """Show the candidates below the line, then the line again: readline calls this where there are several."""
        columns, rows = shutil.get_terminal_size()
        listed = list(candidate_lines(self._completion.candidates, columns))
        if len(listed) > rows - 2:
            listed = [*listed[: rows - 3], "…"]
        line = readline.get_line_buffer()
        back = "\b" * (len(line) - readline.get_endidx())  # back to the cursor
        sys.stdout.write("\n" + "".join(f"{each}\n" for each in listed) + self._mark + line + back)
        sys.stdout.flush()


def candidate_lines(candidates: Iterable[Candidate], columns: int) -> Iterator[str]:
    """Candidates as lines for a terminal: those with notes on a line each, the others side by side.

    >>> list(candidate_lines([Candidate("relu"), Candidate("tanh"), Candidate("undo", "Undo the last edit.")], 20))
    ['relu  tanh', 'undo  Undo the last']
    """
    candidates = list(candidates)
    yield from textwrap.wrap("  ".join(each.text for each in candidates if not each.note), columns - 1)
    noted = [each for each in candidates if each.note]
    width = max((len(each.text) for each in noted), default=0)
    for each in noted:
        yield f"{each.text:<{width}}  {each.note}"[: columns - 1].rstrip()
