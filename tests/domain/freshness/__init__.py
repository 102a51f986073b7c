"""Tests of domain/freshness."""
