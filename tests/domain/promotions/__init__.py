"""Tests of domain/promotions."""
