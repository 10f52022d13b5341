"""The shipped networks and their figures: what the zoo lists."""
