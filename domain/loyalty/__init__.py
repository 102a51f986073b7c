"""Membership: points as lots that expire, and what they are worth."""
