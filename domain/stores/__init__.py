"""Stores: where sales happen, in which currency, on which clock."""
