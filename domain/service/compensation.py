"""Amends: what the shop gives the customer of a case, decided together with its resolution."""

from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.errors import Refusal
from domain.kernel.event import Event


class CaseCompensated(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The customer gets amends with this resolution (those of a case are counted from 1).

    All is of one currency: what was paid back for goods by the return `return_id`, credit, what `points` pay
    by today's programme, and the most that the coupon can take off. The documents themselves stand in
    streams of their own. `again`: it was said that there had been amends in the case before.
    """

    TYPE: ClassVar = "case.compensated.v1"
    case_id: str
    resolution: int
    currency: str
    refund_minor: int = 0
    return_id: str | None = None
    credit_minor: int = 0
    points: int = 0
    points_minor: int = 0
    coupon_id: str | None = None
    coupon_minor: int = 0
    again: bool = False
    allowance: Allowance | None = None

    @property
    def worth_minor(self) -> int:
        """What all of it is worth to the customer at most."""
        return self.refund_minor + self.credit_minor + self.points_minor + self.coupon_minor


class Amends(msgspec.Struct, frozen=True, kw_only=True):
    """What a case was given so far, by currency."""

    worth_minor: dict[str, int] = {}

    def with_more(self, event: CaseCompensated) -> "Amends":
        """The same with these."""
        before = self.worth_minor.get(event.currency, 0)
        return Amends(worth_minor={**self.worth_minor, event.currency: before + event.worth_minor})


class AlreadyCompensated(Refusal):
    """There were amends in this case before: whoever gives more has to say so."""

    code = "case_compensated"
