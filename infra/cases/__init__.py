"""Cases beside the journal: what is due of them."""
