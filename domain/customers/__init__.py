"""Customers: the people the shops know."""
