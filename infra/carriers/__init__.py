"""Carriers: whoever brings shipments, asked where these are."""
