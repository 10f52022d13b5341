"""What is collected where an optional package is missing: doctests of the screen need Textual to be imported."""

from importlib.util import find_spec

collect_ignore = [] if find_spec("textual") else ["convcalc/explore"]
