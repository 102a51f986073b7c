"""Tests of domain/loyalty."""
