"""Tests of domain/customers."""
