"""What many tests share: markets, and a command line without a process."""
