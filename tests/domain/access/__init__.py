"""Tests of domain/access."""
