"""What an event says, in words that a person reads. Of personal fields only that they are there."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec

from domain.catalog.product import ProductAdded, ProductChanged
from domain.customers.customer import CustomerChanged, CustomerRegistered
from domain.inventory.stock_item import StockMoved
from domain.kernel.event import Event
from domain.kernel.quantity import Unit
from domain.promotions.campaign import CampaignDrawn, CampaignOpened, CustomerDrew, DiscountKind
from domain.promotions.coupon import CouponIssued, CouponRedeemed
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import LinesReturned, SaleCompleted
from domain.service.case import CaseAssigned, CaseCommented, CaseOpened, CaseReopened, CaseResolved
from domain.staff.employee import EmployeeChanged, EmployeeHired
from domain.stores.store import StoreChanged, StoreOpened
from domain.tills.till import ReceiptIssued

E = TypeVar("E", bound=Event)

_WHOLE = frozenset({"JPY", "KRW", "VND", "CLP", "ISK"})
"""Currencies without minor units. Those with three digits are told in hundredths, as are amounts that name
none: the event's own figures are in the journal."""

_WORDS: dict[type[Event], Callable[[Any], str]] = {}


def words(kind: type[E]) -> Callable[[Callable[[E], str]], Callable[[E], str]]:
    """Says how an event of this type is told."""

    def enter(tell: Callable[[E], str]) -> Callable[[E], str]:
        _WORDS[kind] = tell
        return tell

    return enter


def told(event: Event) -> str:
    """The event in words; one that has none yet by its type and fields."""
    tell = _WORDS.get(type(event))
    return tell(event) if tell is not None else f"{event.TYPE}: {_fields(event)}"


def has_words(kind: type[Event]) -> bool:
    """Whether somebody wrote words for it."""
    return kind in _WORDS


def _money(minor: int, currency: str = "") -> str:
    sign, size = "-" * (minor < 0), abs(minor)
    text = f"{sign}{size:,}" if currency in _WHOLE else f"{sign}{size // 100:,}.{size % 100:02}"
    return f"{currency} {text}".strip()


def _count(number: int, thing: str) -> str:
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _percent(basis_points: int) -> str:
    return f"{basis_points / 100:g} %"


def _shown(name: str, value: object) -> str:
    # A sealed value is a struct or, decoded without its type, a mapping.
    if isinstance(value, msgspec.Struct) and hasattr(value, "box"):
        return f"{name} (sealed)"
    if value is None:
        return f"{name} removed"
    return f"{name} {value}"


def _fields(event: Event, *, but: tuple[str, ...] = ()) -> str:
    """The fields that the event names, except its own ids."""
    named = cast("dict[str, object]", msgspec.to_builtins(event, builtin_types=(bytes,)))
    shown = [
        _shown(field.name, getattr(event, field.name))
        for field in msgspec.structs.fields(event)
        if field.encode_name in named and field.name not in but
    ]
    return ", ".join(shown) or "nothing"


@words(StoreOpened)
def _(event: StoreOpened) -> str:
    return f"opened as {event.name!r}, in {event.currency} and the time zone {event.time_zone}"


@words(StoreChanged)
def _(event: StoreChanged) -> str:
    return f"changed: {_fields(event, but=('store_id',))}"


@words(ProductAdded)
def _(event: ProductAdded) -> str:
    per = "piece" if event.unit is Unit.PIECE else "kilogram"
    price = _money(event.price_minor, event.currency)
    return f"added as {event.name!r} ({event.category}) at {price} a {per}, tax {_percent(event.tax_rate_bp)}"


@words(ProductChanged)
def _(event: ProductChanged) -> str:
    price = "" if event.price_minor is None else f"price {_money(event.price_minor)}, "
    return f"changed: {price}{_fields(event, but=('sku', 'price_minor'))}"


@words(EmployeeHired)
def _(event: EmployeeHired) -> str:
    return f"hired at store {event.store_id}"


@words(EmployeeChanged)
def _(event: EmployeeChanged) -> str:
    return f"changed: {_fields(event, but=('employee_id',))}"


@words(CustomerRegistered)
def _(event: CustomerRegistered) -> str:
    return f"registered with {_fields(event, but=('customer_id',))}"


@words(CustomerChanged)
def _(event: CustomerChanged) -> str:
    return f"changed: {_fields(event, but=('customer_id',))}"


@words(StockMoved)
def _(event: StockMoved) -> str:
    why = "".join(f", {part}" for part in (event.reason, event.reference) if part)
    places = f"from {event.from_} to {event.to}".replace("_", " ")
    return f"moved {event.quantity:,} {places}, worth {_money(event.cost_minor)}{why}"


@words(CampaignOpened)
def _(event: CampaignOpened) -> str:
    share = event.kind is DiscountKind.PERCENT
    off = _percent(event.value) if share else _money(event.value, event.currency)
    days = f"{event.valid_from:%Y-%m-%d} to {event.valid_until:%Y-%m-%d}"
    return f"opened as {event.name!r}: {off} off, {days}"


@words(CampaignDrawn)
def _(event: CampaignDrawn) -> str:
    return f"drawn on for {_money(event.amount_minor)} by sale {event.sale_id}"


@words(CustomerDrew)
def _(event: CustomerDrew) -> str:
    return f"drawn on by customer {event.customer_id} in sale {event.sale_id}"


@words(CouponIssued)
def _(event: CouponIssued) -> str:
    whose = f" for customer {event.customer_id}" if event.customer_id else ""
    return f"issued of campaign {event.campaign_id}{whose}"


@words(CouponRedeemed)
def _(event: CouponRedeemed) -> str:
    return f"redeemed in sale {event.sale_id} for {_money(event.amount_minor)}"


@words(SaleCompleted)
def _(event: SaleCompleted) -> str:
    total = _money(event.total_minor, event.currency)
    till = f"{event.store_id}/{event.register_id}"
    whose = f" to customer {event.customer_id}" if event.customer_id else ""
    lines = _count(len(event.lines), "line")
    return f"sold {lines} for {total} at till {till}{whose}, receipt {event.receipt_number}"


@words(LinesReturned)
def _(event: LinesReturned) -> str:
    refunded = _money(sum(refund.amount_minor for refund in event.refunds))
    return f"{_count(len(event.lines), 'line')} came back, {refunded} refunded, return {event.return_id}"


@words(ReturnRecorded)
def _(event: ReturnRecorded) -> str:
    of = f"of sale {event.sale_id}" if event.sale_id else "without a sale"
    total = _money(event.total_minor, event.currency)
    till = f"{event.store_id}/{event.register_id}"
    return f"took back {_count(len(event.lines), 'line')} {of} for {total} at till {till}"


@words(ReceiptIssued)
def _(event: ReceiptIssued) -> str:
    return f"receipt {event.number} for {event.document}, {_money(event.total_minor)}"


@words(CaseOpened)
def _(event: CaseOpened) -> str:
    about = [
        f"{thing} {id_}"
        for thing, id_ in (
            ("customer", event.customer_id),
            ("store", event.store_id),
            ("sale", event.sale_id),
        )
        if id_
    ]
    return f"opened, {event.category}" + (f", about {', '.join(about)}" if about else "")


@words(CaseAssigned)
def _(event: CaseAssigned) -> str:
    return f"given to employee {event.employee_id}"


@words(CaseCommented)
def _(event: CaseCommented) -> str:
    return f"commented{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CaseResolved)
def _(event: CaseResolved) -> str:
    return f"resolved{f' by employee {event.employee_id}' if event.employee_id else ''}"


@words(CaseReopened)
def _(event: CaseReopened) -> str:
    return f"taken up again{f', employee {event.employee_id}' if event.employee_id else ''}"
