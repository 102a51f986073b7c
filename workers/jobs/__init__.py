"""Jobs: what has to happen later, or every so often."""
