"""The journal: how events are encoded, appended, read back, and who writes them (the clerk)."""
