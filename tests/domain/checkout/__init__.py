"""Tests of domain/checkout."""
