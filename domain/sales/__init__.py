"""Sales and returns of their lines: the facts and the arithmetic."""
