"""Voids: what stood on the till's screen and was taken off again before anybody paid."""

from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.event import Event


class VoidedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was taken off, and what the till had asked for it."""

    sku: str
    quantity: int
    amount_minor: int


class BasketVoided(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Lines of a basket, or the `whole` of it, were voided before payment: no money, no stock and no receipt.

    `amount_minor` is what the till had asked for them. `reason` is a cause, never about a person; `shift` is
    the one that was open then, 0 for none. `allowance` stands where whoever did it has a limit.
    """

    TYPE: ClassVar = "till.basket_voided.v1"
    store_id: str
    register_id: str
    void_id: str
    shift: int = 0
    currency: str
    whole: bool = False
    lines: tuple[VoidedLine, ...]
    amount_minor: int
    reason: str
    employee_id: str | None = None
    allowance: Allowance | None = None
