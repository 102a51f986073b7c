"""A return to a supplier: goods that go back, what is claimed for them, and what was credited."""

import enum
from collections.abc import Iterable
from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Done, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.money import Money, require_bookable
from domain.kernel.stream import States, StreamKind

MAX_CREDITS = 200
"""Credit notes of one return: its state names them all."""


class LeavesFrom(enum.StrEnum):
    """Where what goes back was."""

    SHELF = "shelf"
    QUARANTINE = "quarantine"


class ReturnedGoods(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """So much of a SKU went back; `cost_minor` left our books and `claimed_minor` is asked for it."""

    sku: str
    quantity: int
    from_: LeavesFrom = msgspec.field(default=LeavesFrom.SHELF, name="from")
    lot: str | None = None
    cost_minor: int
    claimed_minor: int


class GoodsReturned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods went back to the supplier, of that order where one is named."""

    TYPE: ClassVar = "supplier_return.sent.v1"
    return_id: str
    supplier_id: str
    store_id: str
    currency: str
    cause: str
    lines: tuple[ReturnedGoods, ...]
    purchase_id: str | None = None


class GoodsCredited(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The supplier's credit note for what went back. Several add up."""

    TYPE: ClassVar = "supplier_return.credited.v1"
    return_id: str
    supplier_id: str
    amount_minor: int
    reference: str


class SupplierReturn(msgspec.Struct, frozen=True, kw_only=True):
    """A return as decisions see it; `credited` is by the credit note's number."""

    sent: GoodsReturned | None = None
    credited: dict[str, int] = {}


def evolve(state: SupplierReturn, event: Event) -> SupplierReturn:
    """The return after `event`."""
    match event:
        case GoodsReturned():
            return SupplierReturn(sent=event)
        case GoodsCredited():
            notes = state.credited | {event.reference: event.amount_minor}
            return msgspec.structs.replace(state, credited=notes)
        case _:
            return state


SUPPLIER_RETURN = StreamKind("supplierreturn", SupplierReturn(), evolve)


class NoteCredit(Command, frozen=True, kw_only=True):
    """Notes a credit note. The same one again changes nothing; another amount under its number is refused."""

    return_id: str
    amount: Money
    reference: str

    def streams(self) -> Iterable[str]:
        return (SUPPLIER_RETURN.stream(self.return_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        stream = SUPPLIER_RETURN.stream(self.return_id)
        returned = states.require(SUPPLIER_RETURN, self.return_id)
        sent = returned.sent
        assert sent is not None
        if self.amount.currency != sent.currency:
            raise CurrencyMismatch(f"The return is in {sent.currency}.", currency=self.amount.currency)
        if require_bookable(self.amount.amount) <= 0:
            raise InvalidCommand("A credit note is about more than zero.", amount=self.amount.amount)
        before = returned.credited.get(self.reference)
        if before is not None and before != self.amount.amount:
            raise InvalidCommand(
                "This credit note was noted with another amount. Check its number.",
                reference=self.reference,
                noted=before,
            )
        if before is None and len(returned.credited) >= MAX_CREDITS:
            raise InvalidCommand(f"A return has at most {MAX_CREDITS} credit notes.")
        noted = GoodsCredited(
            return_id=self.return_id,
            supplier_id=sent.supplier_id,
            amount_minor=self.amount.amount,
            reference=self.reference,
        )
        events = () if before is not None else ((stream, noted),)
        return Decision(events=events, result=Done(id=self.return_id))
