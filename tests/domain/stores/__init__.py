"""Tests of domain/stores."""
