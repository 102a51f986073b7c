"""Purchasing: suppliers, what they ask for what, orders to them, and what goes back."""
