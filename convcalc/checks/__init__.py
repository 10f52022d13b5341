"""What is held against a report: the expectations of a spec."""
