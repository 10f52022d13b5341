"""What is held against specs: their expectations, budgets, a baseline, a lock file, and lint rules."""
