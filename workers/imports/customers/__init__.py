"""Customers of another system, from a table with a mapping."""
