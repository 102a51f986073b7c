"""Points as lots, and what a sale did with them."""

from datetime import datetime

import msgspec


class Lot(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """Points that lapse together at `expires_at`; None: never. Numbers count up within an account."""

    number: int
    points: int
    expires_at: datetime | None = None

    def has_lapsed(self, at: datetime) -> bool:
        """Whether they can no longer be spent."""
        return self.expires_at is not None and self.expires_at <= at


class SalePoints(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """What a sale earned and which points paid for it, under `version` of the programme.

    `lot` is the number of the lot that was earned, 0 where nothing was. `weights_bp` are by line, empty where
    all earned plainly. `qualifying_minor` counted towards a tier; `tier` is the one that earned.
    """

    version: int
    earned: int = 0
    lot: int = 0
    spent: tuple[Lot, ...] = ()
    weights_bp: tuple[int, ...] = ()
    qualifying_minor: int = 0
    tier: str | None = None
