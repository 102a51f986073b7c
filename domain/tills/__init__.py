"""Tills: gapless receipt numbers."""
