"""Problems of a spec as plain values: the place, the rule, the message and a help."""

from collections.abc import Iterable, Mapping

from convcalc.plain_tuple import PlainTuple

ERROR = "error"
WARNING = "warning"


class Where(PlainTuple):
    """A place in a file: line and column count from 1, as in an editor; line 0 means the file as a whole."""

    file: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


class Fix(PlainTuple):
    """A change of the file that corrects a problem and has no other effect: it sets keys of one entry, or removes it.

    `entry` is the mark of the entry's type in the file; `keys` are the parameters to set, None to remove the entry.
    """

    title: str
    entry: int
    keys: Mapping[str, object] | None


class Problem:
    """Something that is wrong at a place.

    `rule` is a stable name. `subject` is the entry with the problem ("conv2 (conv2d)"), and `help` a way to correct it.
    `trail` has the entries of the blocks around it, outermost first, and other notes. `excerpt` is the line of the
    file. `fix` is a change that corrects it and has no other effect, where there is one.
    """

    __slots__ = (
        "excerpt",
        "fix",
        "help",
        "message",
        "rule",
        "severity",
        "subject",
        "trail",
        "where",
    )

    def __init__(
        self,
        rule: str,
        message: str,
        where: Where,
        *,
        subject: str = "",
        help: str = "",
        trail: tuple[str, ...] = (),
        excerpt: str = "",
        severity: str = ERROR,
        fix: Fix | None = None,
    ) -> None:
        self.rule = rule
        self.message = message
        self.where = where
        self.subject = subject
        self.help = help
        self.trail = trail
        self.excerpt = excerpt
        self.severity = severity
        self.fix = fix

    def __repr__(self) -> str:
        return f"<Problem {self}>"

    def __str__(self) -> str:
        subject = f"{self.subject}: " if self.subject else ""
        return f"{self.where}: {self.severity}[{self.rule}] {subject}{self.message}"


def nearest(word: str, known: Iterable[str]) -> str:
    """A sentence with the known words that are most similar to `word`; empty where there are none."""
    import difflib  # only a spec with a problem loads it

    known = list(known)
    matches = difflib.get_close_matches(word, known, n=2, cutoff=0.6)
    if not matches and len(word) > 3:
        matches = [name for name in known if word in name][:2]
    return f"did you mean {' or '.join(matches)}?" if matches else ""
