"""The shipped networks and their figures, for the zoo."""
