"""Business rules: pure decisions over recorded facts; no clock, no random numbers, no I/O."""
