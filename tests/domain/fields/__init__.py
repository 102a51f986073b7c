"""Tests of domain/fields."""
