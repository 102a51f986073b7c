"""A sale: what was sold, what was taken off and why, who paid how; and how much of it came back.

Everything that a later return, report or "why this price?" needs is frozen in the sale's own event.
"""

import enum
from collections.abc import Sequence
from datetime import date
from typing import ClassVar

import msgspec

from domain.kernel.allowance import Allowance
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.money import allocate
from domain.kernel.points import SalePoints
from domain.kernel.quantity import Unit
from domain.kernel.stored_value import StoredPayment
from domain.kernel.stream import StreamKind
from domain.sales.exceptions import ExceptionSettled

WHOLE_SHARE_BP = 10_000
CASH = "cash"
"""The only tender that change is given from."""
POINTS = "points"
"""Paid with points of the customer's account."""
GIFT_CARD_TENDER = "gift_card"
"""Paid from the gift card that `reference` names."""
STORE_CREDIT = "store_credit"
"""Paid from what the shop owes the customer."""
OWN_TENDERS = frozenset({POINTS, GIFT_CARD_TENDER, STORE_CREDIT})
"""What the shop keeps the books of."""
UNCOVERED = "uncovered"
"""What an offline till took from an account that does not hold it. No money came in, so none goes back."""


class SaleLine(msgspec.Struct, frozen=True, kw_only=True, gc=False, omit_defaults=True):
    """One line as sold. `amount_minor` is before discounts, `net_minor` what the line was paid for.

    `net_minor` includes tax where prices do; `tax_minor` is then part of it, otherwise on top.
    `cost_minor` is what the goods were issued at. `price_reason` says why the price isn't the list's.
    `price_list` in its version gave the unit price; without it that was the product's own. `weight_g` is what
    a piece weighs, of goods that are kept by the gram and were sold by the piece. `lots` is what was issued
    from which lot, in the unit that the product is kept in, of goods that have lots. `markdown` is the label
    that it was sold by, which is on goods of the `lot`.
    """

    line: int
    sku: str
    name: str
    category: str
    unit: Unit
    quantity: int
    unit_price_minor: int
    amount_minor: int
    net_minor: int
    tax_rate_bp: int = 0
    tax_minor: int = 0
    cost_minor: int = 0
    stocked: bool = True
    price_reason: str | None = None
    price_list: str | None = None
    price_list_version: int = 0
    weight_g: int = 0
    barcode: str | None = None
    lots: tuple[LotShare, ...] = ()
    markdown: str | None = None
    lot: str | None = None

    @property
    def stock_quantity(self) -> int:
        """The quantity in the unit that the product is kept in."""
        return self.quantity * self.weight_g if self.weight_g else self.quantity


class DiscountSource(enum.StrEnum):
    """What kind of rule took something off."""

    COUPON = "coupon"
    OFFER = "offer"
    TILL = "till"
    """A till that was offline, by what it knew then."""
    POINTS = "points"


class LineShare(msgspec.Struct, frozen=True, kw_only=True):
    """One cell of the line × promotion matrix."""

    line: int
    amount_minor: int


class Discount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One row of the line × promotion matrix: a rule, in which version, and its share of each line.

    `name` is what the rule was called then; older sales do not say.
    """

    source: DiscountSource
    rule_id: str
    rule_version: int
    name: str | None = None
    coupon_id: str | None = None
    base_minor: int
    amount_minor: int
    shares: tuple[LineShare, ...]


class Tender(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Part of a payment as it was handed over; change is given from cash only.

    `reference` is the gift card that paid.
    What is `carried` came from the return that the sale is the other half of: no money moved.
    """

    method: str
    amount_minor: int
    reference: str | None = None
    carried: bool = False


class Attribution(msgspec.Struct, frozen=True, kw_only=True):
    """Whose sale it is, in basis points of the whole."""

    employee_id: str
    share_bp: int = WHOLE_SHARE_BP


def split_among(attributions: Sequence[Attribution], total: int) -> list[int]:
    """Each one's share of an amount, and last what nobody has. The shares add up to the amount."""
    weights = [attribution.share_bp for attribution in attributions]
    return allocate(total, [*weights, WHOLE_SHARE_BP - sum(weights)])


class TaxPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """How tax was worked out: in the price or on top, rounded for each `line` or once for the `document`."""

    inclusive: bool = True
    rounding: str = "line"


class CashRounding(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What was due in cash was rounded to `unit_minor`: so much more (or, below zero, less) was paid."""

    unit_minor: int
    amount_minor: int = 0


class SaleException(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What a sale that was made offline has against the rules: it happened, and somebody should look at it.

    `line` is 0 where it concerns the whole sale. What `expected` and `found` are depends on the code.
    """

    code: str
    line: int = 0
    expected: int = 0
    found: int = 0
    reference: str | None = None


class MadeOffline(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A till made the sale while it was offline. `request` is a keyed hash of what it sent.

    The same again is the same sale, however late. `shift` is what it was answered, 0 for none.
    """

    request: str
    shift: int = 0


class SaleCompleted(Event, frozen=True, kw_only=True, omit_defaults=True):
    """Goods and money changed hands. Local time is occurred_at plus `utc_offset_min`.

    `allowance` stands where prices of the till's own were below the list's and whoever did it has a limit.
    Tenders less change make the total and, where cash was rounded, `cash_rounding`.
    `exchange_of` is the return that was taken in the same decision.
    """

    TYPE: ClassVar = "sale.completed.v1"
    sale_id: str
    store_id: str
    register_id: str
    receipt_number: int
    currency: str
    business_day: date
    utc_offset_min: int
    customer_id: str | None = None
    customer_facts: CustomerFacts | None = None
    lines: tuple[SaleLine, ...]
    discounts: tuple[Discount, ...] = ()
    tax_policy: TaxPolicy
    tenders: tuple[Tender, ...]
    change_minor: int = 0
    total_minor: int
    attributions: tuple[Attribution, ...] = ()
    allowance: Allowance | None = None
    points: SalePoints | None = None
    cash_rounding: CashRounding | None = None
    exceptions: tuple[SaleException, ...] = ()
    stored: tuple[StoredPayment, ...] = ()
    exchange_of: str | None = None
    offline: MadeOffline | None = None


class Refund(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Money paid back, to the sale's `tender` counted from 1; 0 where no sale is known.

    What was handed over is the amount and, where cash was rounded, `rounding_minor`.
    """

    tender: int
    method: str
    amount_minor: int
    rounding_minor: int = 0


class CameBack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How much of which line came back, in the line's unit.

    Where an offer prices returns anew, also what was paid back for the line, which the quantity alone then
    does not say: below zero where a line that is kept costs more.
    """

    line: int
    quantity: int
    net_minor: int = 0
    tax_minor: int = 0


class LinesReturned(Event, frozen=True, kw_only=True, omit_defaults=True):
    """The sale's side of a return: what can't come back, or be refunded, a second time.

    The return itself, with its amounts and its reason, stands in the stream `return-<return_id>`.
    `points_taken` is said of sales whose lines earned at different rates.
    """

    TYPE: ClassVar = "sale.lines_returned.v1"
    sale_id: str
    return_id: str
    lines: tuple[CameBack, ...]
    refunds: tuple[Refund, ...]
    points_taken: int = 0


class Sale(msgspec.Struct, frozen=True, kw_only=True):
    """A sale as decisions see it: the frozen sale, and what has come back of each line and tender.

    `refunded_net` and `refunded_tax` are by line, of sales whose offers price returns anew. `settled` are the
    numbers of exceptions that somebody has looked at.
    """

    completed: SaleCompleted | None = None
    returned: dict[int, int] = {}
    refunded_net: dict[int, int] = {}
    refunded_tax: dict[int, int] = {}
    refunded: tuple[int, ...] = ()
    points_taken: int = 0
    settled: tuple[int, ...] = ()


def evolve(state: Sale, event: Event) -> Sale:
    """The sale after `event`."""
    match event:
        case SaleCompleted():
            return Sale(completed=event, refunded=(0,) * len(event.tenders))
        case LinesReturned():
            returned, net, tax = dict(state.returned), dict(state.refunded_net), dict(state.refunded_tax)
            for line in event.lines:
                returned[line.line] = returned.get(line.line, 0) + line.quantity
                if line.net_minor or line.tax_minor:
                    net[line.line] = net.get(line.line, 0) + line.net_minor
                    tax[line.line] = tax.get(line.line, 0) + line.tax_minor
            by_tender = {refund.tender: refund.amount_minor for refund in event.refunds}
            return Sale(
                completed=state.completed,
                returned=returned,
                refunded_net=net,
                refunded_tax=tax,
                refunded=tuple(
                    back + by_tender.get(number, 0) for number, back in enumerate(state.refunded, start=1)
                ),
                points_taken=state.points_taken + event.points_taken,
                settled=state.settled,
            )
        case ExceptionSettled():
            return msgspec.structs.replace(state, settled=(*state.settled, event.number))
        case _:
            return state


SALE = StreamKind("sale", Sale(), evolve)
