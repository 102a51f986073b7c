"""Tests of domain/purchasing."""
