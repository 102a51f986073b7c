"""Stored value as lots, and which of them paid for a sale."""

from datetime import datetime

import msgspec


class ValueLot(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Money on an account that expires together at `expires_at`; None: never. Numbers count up within it."""

    number: int
    amount_minor: int
    expires_at: datetime | None = None

    def has_expired(self, at: datetime) -> bool:
        """Whether it can no longer be spent."""
        return self.expires_at is not None and self.expires_at <= at


class StoredPayment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What `tender`, counted from 1, took from an account (`giftcard-…` or `credit-…`), in this order."""

    tender: int
    account: str
    lots: tuple[ValueLot, ...]
