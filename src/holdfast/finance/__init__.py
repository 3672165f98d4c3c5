"""Orders, what they cost, and the money."""
