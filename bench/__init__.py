"""Benchmarks: measured beside floors of the same run, reported, never asserted."""
