"""Reports as text, pages and documents."""
