"""Settling a case with amends: resolution and what the customer gets are one decision, both or neither."""

from collections.abc import Iterable
from typing import ClassVar, cast

import msgspec

from domain.access.approval import Authority, Request, allow
from domain.access.limits import Operation
from domain.aftercare.parts import CaseSettled, CouponGiven, CreditGiven, most_minor
from domain.checkout.exchange import TOUCHED_BY_RETURN
from domain.checkout.grant_credit import GrantCredit
from domain.checkout.return_document import ReturnAnswer
from domain.checkout.take_back import TakeBack
from domain.kernel.command import Command, Decision, Moment
from domain.kernel.errors import CurrencyMismatch, InvalidCommand
from domain.kernel.event import Event
from domain.kernel.sealed import Sealed
from domain.kernel.stream import States
from domain.loyalty.points import LOYALTY, earn
from domain.loyalty.programme import MAIN, PROGRAMME
from domain.promotions.campaign import CAMPAIGN
from domain.promotions.coupon import IssueCoupons
from domain.sales.sale import SALE
from domain.service.case import COMPLAINT, Case, CaseOpened, CaseResolved, require_unresolved
from domain.service.compensation import AlreadyCompensated, CaseCompensated
from domain.service.terms import EVERY_STORE

REASON = "amends"


class _Given(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the amends: the facts of it, its currency and what it puts into the case's own event."""

    events: tuple[tuple[str, Event], ...]
    currency: str
    noted: dict[str, int | str | None]
    returned: ReturnAnswer | None = None


class SettleCase(Command, frozen=True, kw_only=True):
    """Resolves the case and makes amends: goods paid back, credit, points, a coupon, all of one currency.

    Money is paid back for what was bought: `back` is a return of lines of the case's sale, so never more than
    is left of it. What all amends in the case are worth is held against the limit of `authority`; the return
    has one of its own and the credit `credit_authority`. Where there were amends before, more are given only
    `again`.
    """

    RESULT: ClassVar = CaseSettled

    case_id: str
    text: Sealed
    back: TakeBack | None = None
    credit: CreditGiven | None = None
    points: int = 0
    coupon: CouponGiven | None = None
    again: bool = False
    authority: Authority | None = None
    credit_authority: Authority | None = None

    def streams(self) -> Iterable[str]:
        yield COMPLAINT.stream(self.case_id)
        if self.back is not None:
            yield from self.back.streams()
        if self.points:
            yield PROGRAMME.stream(MAIN)
        if self.authority is not None:
            yield from self.authority.streams()

    def linked(self, states: States) -> Iterable[str]:
        if self.back is not None:
            yield from self.back.linked(states)
        opened = states.of(COMPLAINT, self.case_id).opened
        if opened is None or opened.customer_id is None:
            return
        if self.credit is not None:
            yield from self._granting(self.credit, opened.customer_id).streams()
        if self.coupon is not None:
            yield from self._issuing(self.coupon, opened.customer_id).streams()
        if self.points:
            yield f"customer-{opened.customer_id}"
            yield LOYALTY.stream(opened.customer_id)

    def decide(self, states: States, at: Moment) -> Decision:
        case = require_unresolved(states, self.case_id)
        opened = case.opened
        assert opened is not None
        self._require_said(case)
        given: list[_Given] = []
        present, rest = states, self
        for part in (SettleCase._back, SettleCase._credit, SettleCase._points, SettleCase._coupon):
            if (one := part(rest, present, at, opened)) is not None:
                given.append(one)
                present, rest = present.after(one.events, TOUCHED_BY_RETURN), rest._without(one.events)
        if not given:
            raise InvalidCommand("Say what the customer gets, or resolve the complaint without amends.")
        compensated, used = _compensated(rest, states, at, case, given)
        resolved = CaseResolved(case_id=self.case_id, text=self.text, employee_id=case.employee_id)
        stream = COMPLAINT.stream(self.case_id)
        return Decision(
            events=(
                *(fact for one in given for fact in one.events),
                (stream, compensated),
                (stream, resolved),
                *used,
            ),
            result=CaseSettled(
                case_id=self.case_id,
                currency=compensated.currency,
                worth_minor=compensated.worth_minor,
                coupon_id=compensated.coupon_id,
                returned=given[0].returned,
            ),
        )

    def _without(self, events: tuple[tuple[str, Event], ...]) -> "SettleCase":
        """The same without the approvals that these facts have used."""
        return msgspec.structs.replace(
            self,
            authority=None if self.authority is None else self.authority.without(events),
            credit_authority=None if self.credit_authority is None else self.credit_authority.without(events),
        )

    def _require_said(self, case: Case) -> None:
        if case.amends.worth_minor and not self.again:
            raise AlreadyCompensated(
                "There were amends in this complaint before. Say `again` if there are to be more.",
                worth=case.amends.worth_minor,
            )

    def _back(self, states: States, at: Moment, opened: CaseOpened) -> _Given | None:
        if self.back is None:
            return None
        if opened.sale_id is not None and opened.sale_id != self.back.sale_id:
            raise InvalidCommand("The complaint is about another sale.", sale_id=opened.sale_id)
        decided = self.back.decide(states, at)
        returned = cast("ReturnAnswer", decided.result)
        completed = states.of(SALE, self.back.sale_id).completed
        assert completed is not None
        return _Given(
            events=decided.events,
            currency=completed.currency,
            noted={"refund_minor": returned.total_minor, "return_id": self.back.return_id},
            returned=returned,
        )

    def _credit(self, states: States, at: Moment, opened: CaseOpened) -> _Given | None:
        if self.credit is None:
            return None
        command = self._granting(self.credit, _require_customer(opened))
        return _Given(
            events=command.decide(states, at).events,
            currency=self.credit.currency,
            noted={"credit_minor": self.credit.amount_minor},
        )

    def _points(self, states: States, at: Moment, opened: CaseOpened) -> _Given | None:
        if not self.points:
            return None
        customer_id = _require_customer(opened)
        states.require_person(f"customer-{customer_id}")
        programme = states.of(PROGRAMME, MAIN).present
        if programme is None:
            raise InvalidCommand("There is no programme whose points could be given.", points=self.points)
        worth_minor = programme.worth_minor(self.points)
        earned = earn(
            states.of(LOYALTY, customer_id),
            customer_id,
            COMPLAINT.stream(self.case_id),
            self.points,
            programme.expires_at(at.recorded_at),
        )
        return _Given(
            events=((LOYALTY.stream(customer_id), earned),),
            currency=programme.currency,
            noted={"points": self.points, "points_minor": worth_minor},
        )

    def _coupon(self, states: States, at: Moment, opened: CaseOpened) -> _Given | None:
        if self.coupon is None:
            return None
        command = self._issuing(self.coupon, _require_customer(opened))
        decided = command.decide(states, at)
        rule = states.of(CAMPAIGN, self.coupon.campaign_id).rule
        assert rule is not None
        return _Given(
            events=decided.events,
            currency=rule.currency,
            noted={"coupon_id": self.coupon.coupon.coupon_id, "coupon_minor": most_minor(rule)},
        )

    def _granting(self, credit: CreditGiven, customer_id: str) -> GrantCredit:
        return GrantCredit(
            customer_id=customer_id,
            currency=credit.currency,
            amount_minor=credit.amount_minor,
            expires_at=credit.expires_at,
            reason=REASON,
            document=COMPLAINT.stream(self.case_id),
            authority=self.credit_authority,
        )

    def _issuing(self, coupon: CouponGiven, customer_id: str) -> IssueCoupons:
        return IssueCoupons(
            campaign_id=coupon.campaign_id,
            coupons=(coupon.coupon,),
            customer_id=customer_id,
            valid_until=coupon.valid_until,
        )


def _require_customer(opened: CaseOpened) -> str:
    if opened.customer_id is None:
        raise InvalidCommand("The complaint names no customer: goods alone can be paid back.")
    return opened.customer_id


def _compensated(
    command: SettleCase, states: States, at: Moment, case: Case, given: list[_Given]
) -> tuple[CaseCompensated, tuple[tuple[str, Event], ...]]:
    """The fact in the case, and the use of an approval, or what forbids it."""
    currency = given[0].currency
    if any(one.currency != currency for one in given):
        raise CurrencyMismatch("Amends are of one currency.", currency=currency)
    assert case.opened is not None
    noted = {name: value for one in given for name, value in one.noted.items()}
    compensated = msgspec.convert(
        {
            "case_id": command.case_id,
            "resolution": case.reopenings + 1,
            "currency": currency,
            "again": bool(case.amends.worth_minor),
            **noted,
        },
        CaseCompensated,
    )
    request = Request(
        operation=Operation.COMPENSATION,
        store_id=case.opened.store_id or EVERY_STORE,
        target=command.case_id,
        needed=case.amends.worth_minor.get(currency, 0) + compensated.worth_minor,
        currency=currency,
        document=COMPLAINT.stream(command.case_id),
    )
    allowance, used = allow(states, at, command.authority, request)
    return msgspec.structs.replace(compensated, allowance=allowance), used
