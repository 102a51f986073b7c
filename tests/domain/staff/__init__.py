"""Tests of domain/staff."""
