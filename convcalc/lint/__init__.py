"""The lint rules, and what they ask of a network."""
