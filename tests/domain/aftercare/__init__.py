"""Tests of domain/aftercare."""
