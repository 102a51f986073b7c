"""Alerts: what of a store's stock somebody should look at, raised once and cleared by the facts."""
