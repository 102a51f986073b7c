"""Tests of domain/orders."""
