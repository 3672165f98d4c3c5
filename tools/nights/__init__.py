"""What a night has to say about the commits that it measured."""
