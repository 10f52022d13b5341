"""Limits on the figures of a network: expectations, budgets, growth, locked figures."""
