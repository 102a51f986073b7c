"""Tests of domain/catalog."""
