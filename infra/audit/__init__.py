"""Sealing: a Merkle tree over the journal, signed checkpoints outside the database, and their proofs."""
