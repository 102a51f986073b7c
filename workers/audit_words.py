"""What an event says, in words that a person reads. Of personal fields only that they are there."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import msgspec
from msgspec import UNSET

from domain.access.approval import ApprovalGranted, ApprovalUsed
from domain.access.limits import GivenLimits, Operation
from domain.access.record import (
    KeyEnded,
    KeyIssued,
    PasswordChanged,
    RoleDefined,
    RoleInStore,
    UserAdded,
    UserChanged,
)
from domain.catalog.product import ProductAdded, ProductChanged
from domain.customers.customer import (
    ConsentGiven,
    ConsentWithdrawn,
    CustomerChanged,
    CustomerErased,
    CustomerHeld,
    CustomerRegistered,
    CustomerReleased,
    DetailsExpired,
)
from domain.inventory.stock_item import StockMoved
from domain.kernel.event import Event
from domain.kernel.points import Lot
from domain.kernel.quantity import Unit
from domain.loyalty.points import PointsEarned, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.programme import ProgrammeSet
from domain.privacy.retention import RetentionSet
from domain.promotions.batch import CouponBatchIssued, CouponBatchRevoked
from domain.promotions.book import OfferDrawn, OfferEnded, OfferPublished, OfferUsedByCustomer
from domain.promotions.campaign import (
    CampaignDrawn,
    CampaignOpened,
    CustomerDrew,
    CustomerTargeted,
    DiscountKind,
)
from domain.promotions.coupon import (
    CouponIssued,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    CouponRevoked,
)
from domain.promotions.holds import CampaignHeld, CampaignReleased, CampaignRestored, CustomerRestored
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import LinesReturned, SaleCompleted
from domain.service.case import CaseAssigned, CaseCommented, CaseOpened, CaseReopened, CaseResolved
from domain.staff.employee import EmployeeChanged, EmployeeErased, EmployeeHired
from domain.stores.store import StoreChanged, StoreOpened
from domain.tills.till import PeriodClosed, ReceiptIssued

E = TypeVar("E", bound=Event)

_DIGITS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND"), 0),
    **dict.fromkeys(("VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}
"""How many digits of an amount are behind the point, where it is not two. (ISO 4217.)"""

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
    """An amount; where the event names no currency, in minor units, since nobody knows where the point is."""
    if not currency:
        return _count(minor, "minor unit")
    sign, size, digits = "-" * (minor < 0), abs(minor), _DIGITS.get(currency, 2)
    whole, rest = divmod(size, 10**digits)
    return f"{currency} {sign}{whole:,}" + (f".{rest:0{digits}}" if digits else "")


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


@words(CustomerTargeted)
def _(event: CustomerTargeted) -> str:
    return f"for customer {event.customer_id}"


@words(CampaignHeld)
def _(event: CampaignHeld) -> str:
    return f"a place held for {event.reference} until {event.hold.until:%Y-%m-%d %H:%M}"


@words(CampaignReleased)
def _(event: CampaignReleased) -> str:
    return f"the place of {event.reference} is free again"


@words(CampaignRestored)
def _(event: CampaignRestored) -> str:
    return f"{_money(event.amount_minor)} given back: sale {event.sale_id} was returned"


@words(CustomerRestored)
def _(event: CustomerRestored) -> str:
    return f"a use given back to customer {event.customer_id}: sale {event.sale_id} was returned"


@words(CouponIssued)
def _(event: CouponIssued) -> str:
    whose = f" for customer {event.customer_id}" if event.customer_id else ""
    return f"issued of campaign {event.campaign_id}{whose}"


@words(CouponRedeemed)
def _(event: CouponRedeemed) -> str:
    return f"redeemed in sale {event.sale_id} for {_money(event.amount_minor)}"


@words(CouponReserved)
def _(event: CouponReserved) -> str:
    what = "reservation prolonged" if event.prolonged else "reserved"
    return f"{what} for {event.reference} until {event.hold.until:%Y-%m-%d %H:%M}"


@words(CouponReleased)
def _(event: CouponReleased) -> str:
    return f"reservation for {event.reference} {'lapsed' if event.lapsed else 'released'}"


@words(CouponReturned)
def _(event: CouponReturned) -> str:
    return f"issued again: sale {event.sale_id} came back in return {event.return_id}"


@words(CouponRevoked)
def _(event: CouponRevoked) -> str:
    return f"revoked: {event.reason}"


@words(CouponBatchIssued)
def _(event: CouponBatchIssued) -> str:
    return f"{event.count:,} codes issued of campaign {event.campaign_id}"


@words(CouponBatchRevoked)
def _(event: CouponBatchRevoked) -> str:
    return f"all codes revoked: {event.reason}"


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


@words(PeriodClosed)
def _(event: PeriodClosed) -> str:
    receipts = _count(event.totals.receipts, "receipt")
    total = _money(event.totals.total_minor, event.currency)
    perpetual = _money(event.perpetual_after.total_minor, event.currency)
    kind = f"{event.period} closing {event.number}"
    return f"{kind} of {event.business_day}: {receipts}, {total}, perpetual total {perpetual}"


@words(OfferPublished)
def _(event: OfferPublished) -> str:
    offer = event.offer
    kind = type(offer.benefit).__name__
    version = f"applies in version {offer.version}"
    return f"offer {offer.offer_id} {offer.name!r} {version}: {kind} in phase {offer.phase}"


@words(OfferEnded)
def _(event: OfferEnded) -> str:
    return f"offer {event.offer_id} ended with version {event.version}"


@words(OfferDrawn)
def _(event: OfferDrawn) -> str:
    return f"took {_money(event.amount_minor)} off sale {event.sale_id}"


@words(OfferUsedByCustomer)
def _(event: OfferUsedByCustomer) -> str:
    return f"used by customer {event.customer_id} in sale {event.sale_id}"


@words(ProgrammeSet)
def _(event: ProgrammeSet) -> str:
    rule = event.programme
    earned = f"{_count(rule.earn_points, 'point')} for {_money(rule.earn_minor, rule.currency)}"
    paid = f"{_count(rule.redeem_points, 'point')} pay {_money(rule.redeem_minor, rule.currency)}"
    return f"purchases earn {earned}, {paid}"


@words(PointsEarned)
def _(event: PointsEarned) -> str:
    points = event.lot.points + event.repaid
    owed = f", {event.repaid:,} of them for points that were owed" if event.repaid else ""
    return f"earned {_count(points, 'point')} with {event.document}{owed}"


@words(PointsSpent)
def _(event: PointsSpent) -> str:
    return f"paid {event.document} with {_points(event.lots)}"


@words(PointsRestored)
def _(event: PointsRestored) -> str:
    lapsed = f", {event.lapsed:,} more had lapsed" if event.lapsed else ""
    return f"got back {_points(event.lots)} with {event.document}{lapsed}"


@words(PointsTakenBack)
def _(event: PointsTakenBack) -> str:
    owed = f", {event.owed:,} more are owed" if event.owed else ""
    return f"lost {_points(event.lots)} with {event.document}{owed}"


def _points(lots: tuple[Lot, ...]) -> str:
    return _count(sum(lot.points for lot in lots), "point")


# --- people: what is known of them, and who may do what


@words(ConsentGiven)
def _(event: ConsentGiven) -> str:
    return f"agreed to {event.purpose} by {event.channel}, wording {event.text_version}"


@words(ConsentWithdrawn)
def _(event: ConsentWithdrawn) -> str:
    return f"took back the consent to {event.purpose} by {event.channel}"


@words(CustomerHeld)
def _(event: CustomerHeld) -> str:
    return f"may not be forgotten: {event.reason}"


@words(CustomerReleased)
def _(event: CustomerReleased) -> str:
    return f"may be forgotten again, as far as this held: {event.reason}"


@words(DetailsExpired)
def _(event: DetailsExpired) -> str:
    return f"forgotten after their time: {', '.join(event.parts)}"


@words(CustomerErased)
def _(event: CustomerErased) -> str:
    return f"forgotten: {event.reason}"


@words(EmployeeErased)
def _(event: EmployeeErased) -> str:
    return f"forgotten: {event.reason}"


@words(RetentionSet)
def _(event: RetentionSet) -> str:
    periods = ", ".join(f"{part} {_count(days, 'day')}" for part, days in event.periods_days.items())
    return f"details are kept for: {periods or 'ever'}"


@words(ApprovalGranted)
def _(event: ApprovalGranted) -> str:
    what = f"{event.operation} on {event.target} at store {event.store_id}"
    return (
        f"{event.approved_by} approved a {what}, up to {_limit(event.operation, event.up_to, event.currency)}"
    )


@words(ApprovalUsed)
def _(event: ApprovalUsed) -> str:
    return f"used by {event.used_by} for {event.document}"


@words(KeyIssued)
def _(event: KeyIssued) -> str:
    where = "every store" if event.stores is None else f"stores {', '.join(event.stores)}"
    until = "" if event.expires_at is None else f", until {event.expires_at:%Y-%m-%d %H:%M} UTC"
    after = "" if event.successor_of is None else f", in place of key {event.successor_of}"
    return f"key issued for {where}{until}{after}: {', '.join(event.scopes)}"


@words(KeyEnded)
def _(event: KeyEnded) -> str:
    when = "" if event.ends_at is None else f" at {event.ends_at:%Y-%m-%d %H:%M} UTC"
    return f"key ends{when}{'' if event.successor is None else f', key {event.successor} takes over'}"


@words(UserAdded)
def _(event: UserAdded) -> str:
    return f"may sign in as {_roles(event.roles)}{_limits(event.limits)}"


@words(UserChanged)
def _(event: UserChanged) -> str:
    changes = [
        "" if event.roles is None else f"now {_roles(event.roles)}",
        _limits(event.limits).removeprefix(", "),
        {None: "", True: "disabled", False: "enabled"}[event.disabled],
        "given a new first password" if event.password_reset else "",
    ]
    return "; ".join(change for change in changes if change) or "changed in nothing"


@words(PasswordChanged)
def _(event: PasswordChanged) -> str:
    return "chose another password"


@words(RoleDefined)
def _(event: RoleDefined) -> str:
    may = "keeps its permissions" if event.permissions is None else f"may {', '.join(event.permissions)}"
    return f"role {event.role!r} {may}{_limits(event.limits)}"


def _roles(roles: tuple[RoleInStore, ...]) -> str:
    named = [
        f"{held.role} in {'every store' if held.store_id == '*' else f'store {held.store_id}'}"
        for held in roles
    ]
    return ", ".join(named) or "nobody in particular"


def _limit(operation: Operation, limit: int | None, currency: str | None) -> str:
    if limit is None:
        return "any height"
    return _percent(limit) if operation is Operation.DISCOUNT else _money(limit, currency or "")


def _limits(limits: GivenLimits | None) -> str:
    told: list[str] = []
    if limits is not None and limits.refund_minor is not UNSET:
        refunds = limits.refund_minor
        amounts = (
            ["any height"] if refunds is None else [_money(most, name) for name, most in refunds.items()]
        )
        told.append(f"refunds up to {', '.join(amounts) or 'nothing'}")
    if limits is not None and limits.discount_bp is not UNSET:
        told.append(f"discounts up to {_limit(Operation.DISCOUNT, limits.discount_bp, None)}")
    return "".join(f", {limit}" for limit in told)
