"""A register of complaints, as the US Consumer Financial Protection Bureau publishes its own."""
