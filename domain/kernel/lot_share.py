"""One lot's part of goods that moved: what sales, returns and stock items tell each other about lots."""

import msgspec


class LotShare(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """So much of a movement is of this lot, at so much of its cost. "" is what belongs to no lot."""

    lot: str = ""
    quantity: int
    cost_minor: int
