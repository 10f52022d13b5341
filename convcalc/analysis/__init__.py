"""From a graph to its figures: parameters by wiring, cost, memory, receptive fields."""
