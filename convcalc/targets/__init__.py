"""Finds what a target means: a file, a variant, a revision or a shipped network."""
