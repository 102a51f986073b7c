"""What is kept of people beside the journal: the blind index, traces, who read what; and forgetting them."""
