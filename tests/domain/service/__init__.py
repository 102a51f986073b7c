"""Tests of domain/service."""
