"""What the sources of all frameworks share: definitions with their arguments and values, and the layout of lines."""
