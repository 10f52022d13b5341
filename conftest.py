"""What pytest needs to know before it collects: which files hold no tests, and which helpers assert."""

import os
from importlib.util import find_spec

import pytest

# Keras cannot be imported without a backend; the extra `oracle` has this one.
os.environ.setdefault("KERAS_BACKEND", "torch")
# A script for a fuzzer that may be missing, a module that skips whatever imports it, and what needs a missing extra.
NEEDS = {"convcalc/tui": "textual", "convcalc/sweeping/cluster.py": "distributed"}
MISSING = [path for path, library in NEEDS.items() if not find_spec(library)]
collect_ignore = ["tests/fuzz/guided.py", "tests/playground/browsing.py", *MISSING]
# A failed assert of these modules shows the values that it compares.
pytest.register_assert_rewrite("tests.golden", "tests.helpers", "tests.workspace")
