"""Checkpoints: the names and shapes of the tensors in a file, without the weights and without their framework."""
