"""The shell: it runs the lines of a prompt until the user ends it, and the lines of a script until an error."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple, Protocol

from convcalc import bugs
from convcalc.editor import Outcome, Session
from convcalc.errors import SpecError, UsageError
from convcalc.problems import nearest
from convcalc.repl.arguments import Arguments, split
from convcalc.repl.output import Output
from convcalc.repl.totals import totals_line, wrapped
from convcalc.report.report import Report

WRONG = 2  # the exit code where a line or the spec is wrong
STALE = "These are the last good figures: the present spec does not build."
SHORT_NAMES = {"?": "help", "exit": "quit", "q": "quit"}


class Command(NamedTuple):
    """A command of the shell.

    `usage` starts with its name; `help` is one sentence; `examples` are whole lines; `details` explain more.
    `function` returns the exit code of a script: 0, 1 for a finding, 2 for a wrong spec.
    """

    usage: str
    help: str
    function: Callable[[Shell, Arguments], int]
    examples: tuple[str, ...]
    details: str = ""

    @property
    def name(self) -> str:
        return self.usage.partition(" ")[0]


class Prompt(Protocol):
    """Both methods raise KeyboardInterrupt on Ctrl-C and EOFError on Ctrl-D."""

    def read(self, mark: str) -> str:
        """A line of commands, typed after `mark`."""

    def ask(self, question: str) -> str:
        """The answer to a question, in lower case without spaces around."""


class Shell:
    """A session, its commands, and the output for results. `is_over` is true once the user wants to end."""

    def __init__(self, session: Session, output: Output, commands: Mapping[str, Command]) -> None:
        self.session = session
        self.output = output
        self.commands = commands
        self.is_over = False
        self.place = ""  # the place of the present line in a script
        self._has_warned = False  # whether the user was warned that no recovery copy can be written

    # -- for the commands --------------------------------------------------------------------------------------------

    @property
    def width(self) -> int | None:
        """The columns of the terminal; None without a terminal."""
        size = self.output.size
        return None if size is None else size[0]

    def figures(self) -> Report:
        """The last good figures. Raises UsageError where the spec never built."""
        if self.session.report is None:
            raise UsageError("there are no figures yet: the spec does not build", "`check` shows why")
        return self.session.report

    def note_stale_figures(self) -> int:
        """Print a note if the figures just shown are older than the text; return the exit code."""
        if self.session.is_current:
            return 0
        self.output.write(self.output.style(STALE, "note") + "\n")
        return WRONG

    def perform(self, step: Callable[[], Outcome], *, is_edit: bool = True, is_earlier_text: bool = False) -> int:
        """Make an edit, show how the totals changed or why the spec does not build, and return the exit code.

        `is_earlier_text` is true for undo and redo: the new text existed before, so it is no error
        if it does not build.
        """
        before = self.session.report
        outcome = step()
        if outcome.refused:
            self.output.error(self.place, outcome.message, outcome.help)
            return WRONG
        after = self.session.report
        self.output.write(f"{outcome.message}\n")
        if not is_edit or not outcome.changed:
            return 0
        if self.session.is_current and after is not None:
            self.output.write(wrapped(totals_line(before, after), self.width, "  ") + "\n")
            return 0
        figures = f"; the figures stay {totals_line(None, after)}" if after is not None else ""
        self.output.error(self.place, "the spec does not build now", f"`undo` takes the edit back{figures}")
        self.output.problems(self.session.problems)
        return 0 if is_earlier_text else WRONG

    def command(self, name: str) -> Command:
        """The command of that name. Raises UsageError."""
        found = self.commands.get(SHORT_NAMES.get(name, name))
        if found is None:
            raise UsageError(f"there is no command `{name}`", nearest(name, self.commands) or "`help` lists them")
        return found

    # -- lines -------------------------------------------------------------------------------------------------------

    def run(self, line: str) -> int:
        """Run a line, and return the exit code: 0, 1 for a finding, 2 where the line or the spec is wrong."""
        try:
            words = split(line)
            if not words:
                return 0
            command = self.command(words[0])
            return command.function(self, Arguments(words[1:], command.usage))
        except UsageError as error:
            self.output.error(self.place, error.message, error.help)
        except SpecError as error:
            self.output.error(self.place, "the spec cannot be read")
            self.output.problems(error.problems)
        return WRONG

    def script(self, lines: Iterable[tuple[str, str]], *, keep_going: bool = False) -> int:
        """Run lines, each with its place, up to the first that fails, and return the highest exit code."""
        worst = 0
        for self.place, line in lines:
            code = self.run(line)
            if code == 1:
                self.output.error(self.place, f"`{line.strip()}` has findings")
            worst = max(worst, code)
            if self.is_over or (code and not keep_going):
                break
        return worst

    def prompt(self, prompt: Prompt) -> None:
        """Read and run lines until the user ends the prompt, and ask about unsaved changes.

        Without an answer the changes stay in the recovery copy, which the next prompt or screen on this target offers.
        """
        try:
            self._offer_recovery(prompt)
            self.output.problems(self.session.problems)
            self.welcome()
            while not (self.is_over and self._may_leave(prompt)):
                self.is_over = False
                self._read_and_run(prompt)
        except EOFError:  # no answer
            if self._write_copy(force=True):
                self.output.write("The changes are stored: the next shell on this target offers them.\n")
            return
        except BaseException:  # a closed terminal, a signal, a bug: the edits must not be lost
            self.session.checkpoint(force=True)
            raise
        self.session.close()

    def welcome(self) -> None:
        """Show the totals, and how to find the commands."""
        if self.session.report is not None:
            self.output.write(f"{totals_line(None, self.session.report)}\n")
        self.output.write("`help` lists the commands, Tab completes, `quit` leaves.\n")

    def _write_copy(self, *, force: bool = False) -> bool:
        """Write a recovery copy of unsaved changes, and return whether that works. Warn once where it does not."""
        self.session.checkpoint(force=force)
        failure = self.session.storage.copy_failure
        if failure and not self._has_warned:
            self._has_warned = True
            self.output.warning(failure, "`save` often: unsaved changes are lost if the shell ends")
        return not failure

    def _read_and_run(self, prompt: Prompt) -> None:
        """Read and run one line. Ctrl-C cancels the reading and the running."""
        try:
            line = prompt.read(self.mark())
        except KeyboardInterrupt:
            return
        except EOFError:
            self.is_over = True
            return
        try:
            self.run(line)
        except KeyboardInterrupt:
            self.output.error("", "cancelled")
        except BrokenPipeError:
            raise
        except OSError as error:
            self.output.error("", f"{error.filename or 'the terminal'}: {error.strerror}")
        except Exception as error:
            if os.environ.get(bugs.TRACEBACK):
                raise
            self.output.error("", bugs.bug_message(error), f"the shell goes on; {bugs.HELP}")
        self._write_copy()

    def mark(self) -> str:
        """The text of the prompt: the target, `*` if it has unsaved changes, `!` if it does not build."""
        session = self.session
        name = os.path.basename(session.label)
        variant = f"@{session.variant}" if session.variant is not None else ""
        return f"{name}{variant}{'*' if session.is_modified else ''}{'' if session.is_current else '!'}> "

    def _may_leave(self, prompt: Prompt) -> bool:
        """Whether the prompt may end: nothing is unsaved, or the user saves or discards the changes."""
        session = self.session
        if not session.is_modified:
            return True
        while True:
            try:
                answer = prompt.ask("There are unsaved changes. Save them? [y]es, [n]o, [c]ancel: ")
            except KeyboardInterrupt:
                return False
            if answer[:1] == "n":
                return True
            if answer[:1] == "c":
                return False
            if answer[:1] == "y":
                return self._save()

    def _save(self) -> bool:
        if self.session.path is None:
            self.output.error("", f"{self.session.label} has no file of its own", "`save FILE` writes one")
            return False
        return self.run("save") == 0

    def _offer_recovery(self, prompt: Prompt) -> None:
        """Offer unsaved changes of a shell or a screen that ended unexpectedly."""
        recovery = self.session.recoverable()
        if recovery is None:
            return
        when = time.strftime("%Y-%m-%d %H:%M", time.localtime(recovery.time))
        try:
            answer = prompt.ask(
                f"Changes of {when} were not saved. Recover them? [y]es, [n]o and delete them, [l]ater: "
            )
        except (KeyboardInterrupt, EOFError):
            return
        if answer[:1] == "y":
            self.perform(self.session.recover)
        elif answer[:1] == "n":
            self.session.storage.delete_other_copies()
