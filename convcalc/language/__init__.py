"""The language of specs: entries, blocks, params, expressions and includes."""
