"""Care: what customers are written to by themselves, by rules that are data."""
