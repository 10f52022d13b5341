"""The lint rules, and the queries of a network that they need."""
