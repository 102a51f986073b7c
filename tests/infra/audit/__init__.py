"""Tests of infra/audit."""
