"""Sales, returns, and what happened at tills."""

from domain.sales.exceptions import ExceptionSettled
from domain.sales.parked import BasketDiscarded, BasketParked, BasketRecalled
from domain.sales.policy import ReturnPolicySet, Terms
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import LinesReturned, SaleCompleted
from domain.tills.shift import CashMoved, DrawerCounted, OverShortFound, ShiftClosed, ShiftOpened
from domain.tills.till import PeriodClosed, ReceiptIssued
from domain.tills.void import BasketVoided, VoidIdTaken
from workers.audit_words.telling import count, money, words


@words(SaleCompleted)
def _(event: SaleCompleted) -> str:
    total = money(event.total_minor, event.currency)
    till = f"{event.store_id}/{event.register_id}"
    whose = f" to customer {event.customer_id}" if event.customer_id else ""
    lines = count(len(event.lines), "line")
    return f"sold {lines} for {total} at till {till}{whose}, receipt {event.receipt_number}"


@words(LinesReturned)
def _(event: LinesReturned) -> str:
    refunded = money(sum(refund.amount_minor for refund in event.refunds))
    return f"{count(len(event.lines), 'line')} came back, {refunded} refunded, return {event.return_id}"


@words(ExceptionSettled)
def _(event: ExceptionSettled) -> str:
    return f"exception {event.number} ({event.code}) was settled: {event.reason}"


@words(ReturnRecorded)
def _(event: ReturnRecorded) -> str:
    of = f"of sale {event.sale_id}" if event.sale_id else "without a sale"
    total = money(event.total_minor, event.currency)
    till = f"{event.store_id}/{event.register_id}"
    what = "corrected" if event.correction else "took back"
    why = f", {event.reason_code}" if event.reason_code else ""
    beyond = f", an exception: {event.policy.exception}" if event.policy and event.policy.exception else ""
    instead = f", in exchange for sale {event.exchanged_for}" if event.exchanged_for else ""
    lines = count(len(event.lines), "line")
    return f"{what} {lines} {of} for {total} at till {till}{why}{beyond}{instead}"


@words(ReturnPolicySet)
def _(event: ReturnPolicySet) -> str:
    policy = event.policy
    special = len(policy.categories) + len(policy.skus)
    more = f", {special:,} with terms of their own" if special else ""
    return f"returns: {_terms(policy.default)}{more}"


@words(ReceiptIssued)
def _(event: ReceiptIssued) -> str:
    return f"receipt {event.number} for {event.document}, {money(event.total_minor)}"


@words(PeriodClosed)
def _(event: PeriodClosed) -> str:
    receipts = count(event.totals.receipts, "receipt")
    total = money(event.totals.total_minor, event.currency)
    perpetual = money(event.perpetual_after.total_minor, event.currency)
    kind = f"{event.period} closing {event.number}"
    return f"{kind} of {event.business_day}: {receipts}, {total}, perpetual total {perpetual}"


@words(ShiftOpened)
def _(event: ShiftOpened) -> str:
    return f"shift {event.shift} opened with {money(event.float_minor, event.currency)}"


@words(CashMoved)
def _(event: CashMoved) -> str:
    kind = event.kind.value.replace("_", " ")
    return f"{kind} of {money(event.amount_minor)} in shift {event.shift}, {event.reason}"


@words(DrawerCounted)
def _(event: DrawerCounted) -> str:
    sums = ", ".join(f"{part.method} {money(part.amount_minor)}" for part in event.counted)
    return f"counted in shift {event.shift}: {sums or 'nothing'}"


@words(OverShortFound)
def _(event: OverShortFound) -> str:
    sums = ", ".join(f"{part.method} {money(part.over_minor)}" for part in event.differences)
    return f"shift {event.shift} is off by: {sums or 'nothing'}"


@words(ShiftClosed)
def _(event: ShiftClosed) -> str:
    receipts = count(event.totals.receipts, "receipt")
    return f"shift {event.shift} closed: {receipts}, {money(event.totals.total_minor, event.currency)}"


@words(BasketVoided)
def _(event: BasketVoided) -> str:
    what = "a whole basket" if event.whole else f"{len(event.lines)} of a basket's lines"
    amount = money(event.amount_minor, event.currency)
    return f"{what} voided before payment, {amount}: {event.reason}"


@words(VoidIdTaken)
def _(event: VoidIdTaken) -> str:
    return f"the id is that of a void at till {event.store_id}/{event.register_id}"


@words(BasketParked)
def _(event: BasketParked) -> str:
    return f"{count(len(event.lines), 'line')} put aside at till {event.store_id}/{event.register_id}"


@words(BasketRecalled)
def _(event: BasketRecalled) -> str:
    return f"called up again at till {event.store_id}/{event.register_id}"


@words(BasketDiscarded)
def _(event: BasketDiscarded) -> str:
    return f"discarded at till {event.store_id}/{event.register_id}"


def _terms(terms: Terms) -> str:
    if terms.final_sale:
        return "never"
    within, without = (
        "at any time" if most is None else f"within {count(most, 'day')}"
        for most in (terms.days, terms.without_receipt_days)
    )
    return f"{within}, without receipt {without}"
