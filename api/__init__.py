"""The HTTP API: thin controllers over the clerk and the read models."""
