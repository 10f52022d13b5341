"""Many networks from one spec: axes of values, the candidates that they make, conditions, and the figures that pass."""
