"""Freshness: what goods cost near their end, and whether somebody looked today."""
