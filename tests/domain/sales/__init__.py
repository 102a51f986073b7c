"""Tests of domain/sales."""
