"""Privacy: how long the shops keep what they know of people."""
