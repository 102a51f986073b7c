"""Tests of domain/stockroom."""
