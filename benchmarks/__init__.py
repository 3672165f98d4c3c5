"""The suite that asv runs across the history of Holdfast."""
