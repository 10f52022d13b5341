"""Hypothesis strategies: random inputs for the property tests."""
