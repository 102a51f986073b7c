"""The projection protocol, and how folded rows are read and written in batches."""
