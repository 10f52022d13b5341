"""What is expected of a network and what it may cost: expectations, budgets, growth, locked figures."""
