"""Brute-force answers that share no code with convcalc."""
