"""Stored value: gift cards and store credit, which the shop owes until they pay for something."""
