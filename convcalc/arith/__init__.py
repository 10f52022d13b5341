"""Integer arithmetic of shapes and windows; imports nothing else of convcalc."""
