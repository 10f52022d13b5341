"""The check of many files. Read the modules in this order, which is that of a run:

`configuration` and `settings` say how each file is checked. `discovery` finds the files. `runner` checks them one
after another, or `workers` side by side. `check_file` reads one file, `check_source` checks its text, and `merging`
makes one problem of what is found in many layers and variants; `ignores` leaves out what a comment ignores. `results`
holds what was found, `formats` print it, and `fixing` makes the fixes.
"""
