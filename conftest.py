"""What holds no tests: a script for a fuzzer that may not be there, and the screen where Textual is missing."""

from importlib.util import find_spec

collect_ignore = ["tests/fuzz/guided.py", *([] if find_spec("textual") else ["convcalc/tui"])]
