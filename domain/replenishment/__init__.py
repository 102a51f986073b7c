"""Replenishment: how much of what to order, and why; the demand that it follows from."""
