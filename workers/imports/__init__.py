"""Foreign files, read and turned into what the journal would have been told."""
