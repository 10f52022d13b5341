"""From text to a spec: what was written, with the line and column of every value."""
