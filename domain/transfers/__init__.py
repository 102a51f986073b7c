"""Transfers: goods that go from one store to another."""
