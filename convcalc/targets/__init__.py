"""What a target means: a file, a variant, a revision, a shipped network."""
