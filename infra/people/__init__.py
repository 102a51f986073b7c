"""What is kept of people beside the journal: the blind index and their traces, and who read what of them."""
