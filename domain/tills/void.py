"""Voids: what stood on the till's screen and was taken off again before anybody paid."""

from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind


class VoidedLine(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What was taken off, and what the till had asked for it."""

    sku: str
    quantity: int
    amount_minor: int


class BasketVoided(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Lines of a basket, or the `whole` of it, were voided before payment: no money, no stock and no receipt.

    `amount_minor` is what the till had asked for them. `reason` is a cause, never about a person; `shift` is
    the one that was open then, 0 for none; then `business_day` says what it counts towards. `allowance`
    stands where whoever did it has a limit.
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
    business_day: date | None = None


class VoidIdTaken(Event, frozen=True, kw_only=True, omit_defaults=True):
    """A void of this register has the id, and no other of the store gets it: approvals name voids."""

    TYPE: ClassVar = "void.id_taken.v1"
    store_id: str
    register_id: str
    void_id: str


class VoidId(msgspec.Struct, frozen=True, kw_only=True):
    """An id of voids, and the register whose void has it."""

    register_id: str | None = None


def evolve(state: VoidId, event: Event) -> VoidId:
    """The id after `event`."""
    return VoidId(register_id=event.register_id) if isinstance(event, VoidIdTaken) else state


VOID_ID = StreamKind("void", VoidId(), evolve)


class DayVoids(msgspec.Struct, frozen=True, kw_only=True):
    """What was voided in a business day of a till while no shift was open."""

    day: date
    amount_minor: int

    def with_void(self, event: BasketVoided) -> "DayVoids":
        """With one more. A day that is over is not known any more."""
        if event.business_day is None or event.business_day < self.day:
            return self
        before = self.amount_minor if event.business_day == self.day else 0
        return DayVoids(day=event.business_day, amount_minor=before + event.amount_minor)
