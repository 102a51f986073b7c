"""Tests of domain/tills."""
