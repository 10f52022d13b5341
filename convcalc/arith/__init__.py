"""Integer arithmetic of shapes and windows; it imports nothing else of convcalc."""
