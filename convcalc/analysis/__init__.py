"""From a graph to its figures: parameters in three regimes, cost, memory, receptive fields."""
