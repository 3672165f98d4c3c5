"""What a verdict needs: the standard library alone, and nothing of asv or git."""
