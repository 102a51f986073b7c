"""Leads and follow-ups, on paper."""
