"""Settling an exception of a sale: once, with a reason, by whoever is named in the event's envelope."""

from typing import ClassVar

import msgspec

from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import NotFound, Refusal
from domain.kernel.stream import States
from domain.sales.exceptions import ExceptionSettled
from domain.sales.sale import SALE


class ExceptionAlreadySettled(Refusal):
    """Somebody else has looked at it."""

    code = "exception_settled"


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """The answer: what was settled, and how many exceptions of the sale are still open."""

    sale_id: str
    number: int
    code: str
    still_open: int


class SettleException(Command, frozen=True, kw_only=True):
    """Settles exception `number` of a sale in the store, counted from 1."""

    RESULT: ClassVar = Settled

    store_id: str
    sale_id: str
    number: int
    reason: str

    def streams(self) -> tuple[str, ...]:
        return (SALE.stream(self.sale_id),)

    def decide(self, states: States, at: Moment) -> Decision:
        sale = states.require(SALE, self.sale_id)
        completed = sale.completed
        if completed is None or completed.store_id != self.store_id:
            raise NotFound("The store has no such sale.", kind="sale", id=self.sale_id)
        if not 0 < self.number <= len(completed.exceptions):
            raise NotFound(f"The sale has no exception {self.number}.", kind="exception", id=str(self.number))
        if self.number in sale.settled:
            raise ExceptionAlreadySettled(
                "The exception is settled. Its reason stands in the list.", number=self.number
            )
        code = completed.exceptions[self.number - 1].code
        settled = ExceptionSettled(
            sale_id=self.sale_id,
            store_id=self.store_id,
            number=self.number,
            code=code,
            reason=self.reason,
        )
        answer = Settled(
            sale_id=self.sale_id,
            number=self.number,
            code=code,
            still_open=len(completed.exceptions) - len(sale.settled) - 1,
        )
        return Decision(events=((SALE.stream(self.sale_id), settled),), result=answer)
