"""Counts: what employees find on the shelves, set against what the book said at that time."""
