"""What workflows and maintainers run; the package needs none of it."""
