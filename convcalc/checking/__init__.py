"""The check of many files. The modules, in the order of a run:

`configuration` and `settings` define how each file is checked. `discovery` finds the files. `runner` checks them one
after another, or `workers` side by side. `check_file` reads one file, `check_source` checks its text. `merging` makes
one problem of equal findings in many layers and variants; `ignores` removes findings that a comment ignores. `results`
has all findings, `formats` writes them, `fixing` makes the fixes, and `comments` accepts findings. `locking` compares
figures with a lock file, and `accepting` leaves out accepted findings: in both a file has `recorded` others.
"""
