"""What pytest needs to know before it collects: which files hold no tests, and which helpers assert."""

from importlib.util import find_spec

import pytest

# A script for a fuzzer that may be missing, and the screen where Textual is missing.
collect_ignore = ["tests/fuzz/guided.py", *([] if find_spec("textual") else ["convcalc/tui"])]
# A failed assert of these modules shows the values that it compares.
pytest.register_assert_rewrite("tests.golden", "tests.helpers", "tests.workspace")
