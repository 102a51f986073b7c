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
    UserErased,
)
from domain.catalog.barcodes import BarcodeAssigned, ScalesSet
from domain.catalog.markdown import LabelsCameBack, LabelsSold, MarkdownEnded, MarkdownMade
from domain.catalog.price_list import PriceListEnded, PriceListPublished, PriceListRepriced
from domain.catalog.product import BarcodesSet, PriceSet, ProductAdded, ProductChanged
from domain.catalog.tax_rates import TaxRateSet
from domain.customers.customer import (
    ConsentGiven,
    ConsentWithdrawn,
    CustomerChanged,
    CustomerErased,
    CustomerHeld,
    CustomerRegistered,
    CustomerReleased,
    DetailsExpired,
    SegmentsSet,
)
from domain.inventory.cost import CostAdjusted
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import LotReceived
from domain.inventory.policy import StockPolicySet
from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.inventory.stock_item import StockMoved
from domain.kernel.event import Event
from domain.kernel.money import decimal
from domain.kernel.points import Lot
from domain.kernel.quantity import Unit
from domain.kernel.stored_value import ValueLot
from domain.loyalty.points import PointsEarned, PointsLapsed, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.programme import ProgrammeSet
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
from domain.orders.attention import Attended, AttentionNeeded
from domain.orders.comeback import OrderReturned
from domain.orders.delivery import DeliverySet
from domain.orders.order import (
    AllocationShort,
    OrderAllocated,
    OrderAssigned,
    OrderCancelled,
    OrderDamaged,
    OrderDelayed,
    OrderFailed,
    OrderPaid,
    OrderPicked,
    OrderPlaced,
    OrderReceived,
    OrderShipped,
)
from domain.orders.shipment import CarrierReported
from domain.privacy.retention import RetentionSet
from domain.promotions.batch import CouponBatchIssued, CouponBatchRevoked
from domain.promotions.book import (
    OfferDrawn,
    OfferEnded,
    OfferPublished,
    OfferReleased,
    OfferUsedByCustomer,
    OfferUseReturned,
)
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
from domain.purchasing.order import (
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseConfirmed,
    PurchaseDrafted,
    PurchaseReceived,
    PurchaseSent,
)
from domain.purchasing.supplier import ContactAdded, ContactErased, SupplierAdded, SupplierChanged
from domain.purchasing.supplier_return import GoodsCredited, GoodsReturned
from domain.purchasing.terms import TermsSet
from domain.replenishment.item import (
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionMade,
    SuggestionOrdered,
)
from domain.replenishment.observed import DemandObserved
from domain.sales.exceptions import ExceptionSettled
from domain.sales.parked import BasketDiscarded, BasketParked, BasketRecalled
from domain.sales.policy import ReturnPolicySet, Terms
from domain.sales.returns import ReturnRecorded
from domain.sales.sale import LinesReturned, SaleCompleted
from domain.service.case import CaseAssigned, CaseCommented, CaseOpened, CaseReopened, CaseResolved
from domain.staff.crew import CrewMemberSet, WorkAssigned, WorkEnded, WorkQueued
from domain.staff.employee import (
    EmployeeChanged,
    EmployeeErased,
    EmployeeHeld,
    EmployeeHired,
    EmployeeReleased,
)
from domain.stored_value.value import (
    CreditGranted,
    GiftCardBlocked,
    GiftCardLoaded,
    GiftCardMade,
    GiftCardUnblocked,
    ValueExpired,
    ValueRefunded,
    ValueSpent,
)
from domain.stores.store import StoreChanged, StoreOpened
from domain.tills.shift import CashMoved, DrawerCounted, OverShortFound, ShiftClosed, ShiftOpened
from domain.tills.till import PeriodClosed, ReceiptIssued
from domain.tills.void import BasketVoided
from domain.transfers.transfer import TransferReceived, TransferSent

E = TypeVar("E", bound=Event)

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
    return f"{currency} {decimal(minor, currency)}"


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
    changed = _fields(event, but=("store_id", "cash_unit_minor"))
    coin = "" if event.cash_unit_minor is None else f"cash in steps of {_money(event.cash_unit_minor)}, "
    return f"changed: {coin}{changed}".rstrip(", ")


@words(ProductAdded)
def _(event: ProductAdded) -> str:
    per = "piece" if event.unit is Unit.PIECE else "kilogram"
    price = _money(event.price_minor, event.currency)
    tax = "by category" if event.tax_by_category else _percent(event.tax_rate_bp)
    return f"added as {event.name!r} ({event.category}) at {price} a {per}, tax {tax}"


@words(ProductChanged)
def _(event: ProductChanged) -> str:
    price = "" if event.price_minor is None else f"price {_money(event.price_minor)}, "
    floor = "" if event.floor_minor is None else f"floor price {_money(event.floor_minor)}, "
    piece = "" if event.piece is None else f"{_money(event.piece.price_minor)} a piece, "
    others = _fields(event, but=("sku", "price_minor", "floor_minor", "piece"))
    return f"changed: {price}{floor}{piece}{others}"


@words(PriceSet)
def _(event: PriceSet) -> str:
    in_list = f"list {event.list_id} in version {event.version}"
    if event.price_minor is None:
        return f"left price {in_list}"
    piece = event.piece_price_minor
    by_piece = "" if piece is None else f", {_money(piece)} a piece"
    return f"costs {_money(event.price_minor)}{by_piece} by price {in_list}"


@words(BarcodesSet)
def _(event: BarcodesSet) -> str:
    codes = ", ".join([*event.barcodes, *(f"scale number {number}" for number in event.scale_numbers)])
    return f"is found by {codes or 'no barcode'}"


@words(PriceListPublished)
def _(event: PriceListPublished) -> str:
    one = event.price_list
    stores = ", ".join(one.stores) or "every store"
    customers = ", ".join(one.segments) or "every customer"
    return (
        f"price list {one.list_id} {one.name!r} counts in version {one.version}: {stores}, {customers}, "
        f"from {one.valid_from or 'ever'} until {one.valid_until or 'ever'}"
    )


@words(PriceListRepriced)
def _(event: PriceListRepriced) -> str:
    return (
        f"price list {event.list_id} has new prices of {event.products} products in version {event.version}"
    )


@words(PriceListEnded)
def _(event: PriceListEnded) -> str:
    return f"price list {event.list_id} ended with version {event.version}"


@words(TaxRateSet)
def _(event: TaxRateSet) -> str:
    rate = "has no tax rate" if event.rate_bp is None else f"is taxed at {_percent(event.rate_bp)}"
    return f"category {event.category!r} {rate} from {event.valid_from} on"


@words(MarkdownMade)
def _(event: MarkdownMade) -> str:
    fixed = event.price_minor
    price = f"{_percent(event.off_bp)} off" if fixed is None else f"at {_money(fixed)}"
    labels = f"{event.labels} labels for product {event.sku} of lot {event.lot} {price}"
    return f"{labels} until {event.until}: {event.reason}"


@words(LabelsSold)
def _(event: LabelsSold) -> str:
    return f"{event.labels} sold in sale {event.sale_id}"


@words(LabelsCameBack)
def _(event: LabelsCameBack) -> str:
    return f"{event.labels} came back to the shelf in return {event.return_id}"


@words(MarkdownEnded)
def _(event: MarkdownEnded) -> str:
    return "is worth nothing any more"


@words(BarcodeAssigned)
def _(event: BarcodeAssigned) -> str:
    if event.label:
        return f"is the label of a markdown of product {event.sku}"
    return "means no product any more" if event.sku is None else f"means product {event.sku}"


@words(ScalesSet)
def _(event: ScalesSet) -> str:
    layouts = ", ".join(f"{layout.prefix} with a {layout.measure}" for layout in event.layouts)
    return f"scales print codes that begin with {layouts or 'nothing of their own'}"


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


@words(ExceptionSettled)
def _(event: ExceptionSettled) -> str:
    return f"exception {event.number} ({event.code}) was settled: {event.reason}"


@words(ReturnRecorded)
def _(event: ReturnRecorded) -> str:
    of = f"of sale {event.sale_id}" if event.sale_id else "without a sale"
    total = _money(event.total_minor, event.currency)
    till = f"{event.store_id}/{event.register_id}"
    what = "corrected" if event.correction else "took back"
    why = f", {event.reason_code}" if event.reason_code else ""
    beyond = f", an exception: {event.policy.exception}" if event.policy and event.policy.exception else ""
    instead = f", in exchange for sale {event.exchanged_for}" if event.exchanged_for else ""
    lines = _count(len(event.lines), "line")
    return f"{what} {lines} {of} for {total} at till {till}{why}{beyond}{instead}"


@words(ReturnPolicySet)
def _(event: ReturnPolicySet) -> str:
    policy = event.policy
    special = len(policy.categories) + len(policy.skus)
    more = f", {special:,} with terms of their own" if special else ""
    return f"returns: {_terms(policy.default)}{more}"


def _terms(terms: Terms) -> str:
    if terms.final_sale:
        return "never"
    within, without = (
        "at any time" if most is None else f"within {_count(most, 'day')}"
        for most in (terms.days, terms.without_receipt_days)
    )
    return f"{within}, without receipt {without}"


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


@words(ShiftOpened)
def _(event: ShiftOpened) -> str:
    return f"shift {event.shift} opened with {_money(event.float_minor, event.currency)}"


@words(CashMoved)
def _(event: CashMoved) -> str:
    kind = event.kind.value.replace("_", " ")
    return f"{kind} of {_money(event.amount_minor)} in shift {event.shift}, {event.reason}"


@words(DrawerCounted)
def _(event: DrawerCounted) -> str:
    sums = ", ".join(f"{part.method} {_money(part.amount_minor)}" for part in event.counted)
    return f"counted in shift {event.shift}: {sums or 'nothing'}"


@words(OverShortFound)
def _(event: OverShortFound) -> str:
    sums = ", ".join(f"{part.method} {_money(part.over_minor)}" for part in event.differences)
    return f"shift {event.shift} is off by: {sums or 'nothing'}"


@words(ShiftClosed)
def _(event: ShiftClosed) -> str:
    receipts = _count(event.totals.receipts, "receipt")
    return f"shift {event.shift} closed: {receipts}, {_money(event.totals.total_minor, event.currency)}"


@words(BasketVoided)
def _(event: BasketVoided) -> str:
    what = "a whole basket" if event.whole else f"{len(event.lines)} of a basket's lines"
    amount = _money(event.amount_minor, event.currency)
    return f"{what} voided before payment, {amount}: {event.reason}"


@words(BasketParked)
def _(event: BasketParked) -> str:
    return f"{_count(len(event.lines), 'line')} put aside at till {event.store_id}/{event.register_id}"


@words(BasketRecalled)
def _(event: BasketRecalled) -> str:
    return f"called up again at till {event.store_id}/{event.register_id}"


@words(BasketDiscarded)
def _(event: BasketDiscarded) -> str:
    return f"discarded at till {event.store_id}/{event.register_id}"


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


@words(PointsLapsed)
def _(event: PointsLapsed) -> str:
    return f"{_points(event.lots)} lapsed"


@words(TierChanged)
def _(event: TierChanged) -> str:
    because = event.reason if event.document is None else f"{event.reason} by {event.document}"
    return f"now in tier {event.tier or 'none'}, before in {event.before or 'none'}: {because}"


@words(TierGraceGiven)
def _(event: TierGraceGiven) -> str:
    return f"stays in tier {event.tier} until {event.until:%Y-%m-%d} although too little qualifies"


@words(TierKept)
def _(event: TierKept) -> str:
    return f"stays in tier {event.tier}: enough qualifies again"


def _points(lots: tuple[Lot, ...]) -> str:
    return _count(sum(lot.points for lot in lots), "point")


@words(GiftCardMade)
def _(event: GiftCardMade) -> str:
    lasts = "for ever" if event.valid_days is None else _count(event.valid_days, "day")
    owner = "" if event.customer_id is None else f" for customer {event.customer_id}"
    return f"gift card made{owner}; what is put on it lasts {lasts}"


@words(GiftCardLoaded)
def _(event: GiftCardLoaded) -> str:
    paid = _money(event.lot.amount_minor, event.currency)
    return f"loaded with {paid} in {event.store_id}, {event.register_id}, receipt {event.receipt_number}"


@words(GiftCardBlocked)
def _(event: GiftCardBlocked) -> str:
    return f"blocked: {event.reason}"


@words(GiftCardUnblocked)
def _(event: GiftCardUnblocked) -> str:
    return f"unblocked: {event.reason}"


@words(CreditGranted)
def _(event: CreditGranted) -> str:
    about = "" if event.document is None else f", about {event.document}"
    return f"given credit of {_money(event.lot.amount_minor, event.currency)} for {event.reason}{about}"


@words(ValueSpent)
def _(event: ValueSpent) -> str:
    return f"paid {event.document} with {_value(event.lots)}"


@words(ValueRefunded)
def _(event: ValueRefunded) -> str:
    return f"got back {_value(event.lots)} with {event.document}"


@words(ValueExpired)
def _(event: ValueExpired) -> str:
    return f"{_value(event.lots)} expired"


def _value(lots: tuple[ValueLot, ...]) -> str:
    return _money(sum(lot.amount_minor for lot in lots))


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


@words(SegmentsSet)
def _(event: SegmentsSet) -> str:
    return f"belongs to {', '.join(event.segments) or 'no segment'}"


@words(DetailsExpired)
def _(event: DetailsExpired) -> str:
    return f"forgotten after their time: {', '.join(event.parts)}"


@words(CustomerErased)
def _(event: CustomerErased) -> str:
    return f"forgotten: {event.reason}"


@words(EmployeeHeld)
def _(event: EmployeeHeld) -> str:
    return f"may not be forgotten: {event.reason}"


@words(EmployeeReleased)
def _(event: EmployeeReleased) -> str:
    return f"may be forgotten again, as far as this held: {event.reason}"


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
    who = "" if event.employee_id is None else f", is employee {event.employee_id}"
    return f"may sign in as {_roles(event.roles)}{_limits(event.limits)}{who}"


@words(UserChanged)
def _(event: UserChanged) -> str:
    changes = [
        "" if event.roles is None else f"now {_roles(event.roles)}",
        _limits(event.limits).removeprefix(", "),
        {None: "", True: "disabled", False: "enabled"}[event.disabled],
        "given a new first password" if event.password_reset else "",
        "" if event.employee_id is None else f"is employee {event.employee_id}",
    ]
    return "; ".join(change for change in changes if change) or "changed in nothing"


@words(UserErased)
def _(event: UserErased) -> str:
    return f"forgotten ({event.reason})"


@words(PasswordChanged)
def _(event: PasswordChanged) -> str:
    return "chose another password"


@words(RoleDefined)
def _(event: RoleDefined) -> str:
    may = "keeps its permissions" if event.permissions is None else f"may {', '.join(event.permissions)}"
    return f"role {event.role!r} {may}{_limits(event.limits)}"


@words(StockReserved)
def _(event: StockReserved) -> str:
    return (
        f"{event.quantity:,} of {event.sku!r} promised to {event.reference} until {event.until.isoformat()}"
    )


@words(ReservationReleased)
def _(event: ReservationReleased) -> str:
    return f"{event.quantity:,} of {event.sku!r} not promised to {event.reference} any more: {event.reason}"


@words(OfferReleased)
def _(event: OfferReleased) -> str:
    return f"order {event.sale_id} was given up: {_money(event.amount_minor)} can be given again"


@words(OfferUseReturned)
def _(event: OfferUseReturned) -> str:
    return f"customer {event.customer_id} gave order {event.sale_id} up: may use it once more"


@words(OrderPlaced)
def _(event: OrderPlaced) -> str:
    guest = f"guest {event.guest_id}" if event.guest_id else "nobody in particular"
    who = f"customer {event.customer_id}" if event.customer_id else guest
    total = _money(event.total_minor, event.currency)
    return f"{who} ordered {_count(len(event.lines), 'line')} through {event.channel} for {total}"


@words(OrderPaid)
def _(event: OrderPaid) -> str:
    paid = ", ".join(f"{_money(one.amount_minor)} by {one.method}" for one in event.payments)
    return f"paid ({paid or 'nothing was due'}), as sale {event.sale_id}"


@words(OrderAllocated)
def _(_event: OrderAllocated) -> str:
    return "its goods are there"


@words(AllocationShort)
def _(event: AllocationShort) -> str:
    return "missing: " + ", ".join(f"{line.missing:,} of {line.sku!r}" for line in event.lines)


@words(OrderPicked)
def _(_event: OrderPicked) -> str:
    return "picked"


@words(OrderShipped)
def _(event: OrderShipped) -> str:
    number = f", number {event.tracking_number}" if event.tracking_number else ""
    return f"shipment {event.shipment_id} left with {event.carrier}{number}; {event.rest:,} still to leave"


@words(CarrierReported)
def _(event: CarrierReported) -> str:
    return f"shipment {event.shipment_id}: {event.status.value.replace('_', ' ')}, says the carrier"


@words(OrderReceived)
def _(_event: OrderReceived) -> str:
    return "received"


@words(OrderDelayed)
def _(event: OrderDelayed) -> str:
    return f"late, shipped by {event.ship_by.isoformat()}: {event.cause}"


@words(OrderDamaged)
def _(event: OrderDamaged) -> str:
    lines = ", ".join(f"{line.quantity:,} of line {line.line}" for line in event.lines)
    return f"damaged: {lines} ({event.cause})"


@words(OrderCancelled)
def _(event: OrderCancelled) -> str:
    back = f", what was paid went back with return {event.return_id}" if event.return_id else ""
    return f"cancelled: {event.cause}{back}"


@words(OrderFailed)
def _(event: OrderFailed) -> str:
    return f"will not arrive: {event.cause}"


@words(DeliverySet)
def _(event: DeliverySet) -> str:
    return f"order {event.order_id} is {'picked up in the store' if event.pick_up else 'sent to an address'}"


@words(OrderReturned)
def _(event: OrderReturned) -> str:
    left = f"{event.kept} are kept" if event.kept else "nothing is kept, the order is over"
    return f"goods came back with return {event.return_id}: {left}"


@words(AttentionNeeded)
def _(event: AttentionNeeded) -> str:
    return f"somebody has to look: {event.matter} about {event.about}, {event.cause}"


@words(Attended)
def _(event: Attended) -> str:
    return f"dealt with: {event.matter} about {event.about}"


@words(OrderAssigned)
def _(event: OrderAssigned) -> str:
    return f"employee {event.employee_id} takes care of it"


@words(CrewMemberSet)
def _(event: CrewMemberSet) -> str:
    kinds = f", of the kinds {', '.join(event.skills)}" if event.skills else ""
    return f"employee {event.employee_id} takes {_count(event.capacity, 'piece')} of work at once{kinds}"


@words(WorkAssigned)
def _(event: WorkAssigned) -> str:
    found = _count(len(event.candidates), "candidate")
    return f"{event.work} goes to employee {event.employee_id}, found by {event.formula} among {found}"


@words(WorkQueued)
def _(event: WorkQueued) -> str:
    return (
        f"{event.work} waits: {event.formula} found nobody among {_count(len(event.candidates), 'candidate')}"
    )


@words(WorkEnded)
def _(event: WorkEnded) -> str:
    return f"{event.work} is over" + (f", employee {event.employee_id} has room" if event.employee_id else "")


@words(LotReceived)
def _(event: LotReceived) -> str:
    supplier = "" if event.supplier_id is None else f" of supplier {event.supplier_id}"
    keeps = "" if event.sell_by is None else f", to be sold by {event.sell_by}"
    cost = "" if event.unit_cost_minor is None else f", at {_money(event.unit_cost_minor)}"
    return f"lot {event.lot}{supplier} received on {event.received_on}{keeps}{cost}"


@words(StockRelocated)
def _(event: StockRelocated) -> str:
    lot = f" of lot {event.lot}" if event.lot else ""
    places = (event.from_location or "the sales floor", event.to_location or "the sales floor")
    return f"{event.quantity:,}{lot} went from {places[0]} to {places[1]}"


@words(CostAdjusted)
def _(event: CostAdjusted) -> str:
    cause = event.cause.replace("_", " ")
    sums = f"{_money(event.stock_minor)} to the stock's value, {_money(event.variance_minor)} variance"
    return f"cost adjusted, {cause}: {sums}" + (f", {event.reference}" if event.reference else "")


@words(StockPolicySet)
def _(event: StockPolicySet) -> str:
    return f"stock is valued by {event.cost_method}"


@words(ReplenishmentPolicySet)
def _(event: ReplenishmentPolicySet) -> str:
    if event.policy is None:
        return "is replenished by no policy any more"
    kind = event.policy.rule.__struct_config__.tag
    supplier = "" if event.policy.supplier_id is None else f", from supplier {event.policy.supplier_id}"
    return f"is replenished by the policy {str(kind).replace('_', ' ')}{supplier}"


@words(SuggestionMade)
def _(event: SuggestionMade) -> str:
    levels = (
        f"position {event.position:,}, reorder at {event.levels.reorder_at:,}, up to {event.levels.up_to:,}"
    )
    return f"suggestion {event.number}: order {event.quantity:,} ({levels})"


@words(SuggestionAccepted)
def _(event: SuggestionAccepted) -> str:
    why = "" if event.reason is None else f" instead of {event.suggested:,}: {event.reason}"
    return f"suggestion {event.number} accepted: {event.quantity:,}{why}"


@words(SuggestionDismissed)
def _(event: SuggestionDismissed) -> str:
    return f"suggestion {event.number} dismissed: {event.reason}"


@words(SuggestionOrdered)
def _(event: SuggestionOrdered) -> str:
    return f"suggestion {event.number} ordered by {event.reference}"


@words(DemandObserved)
def _(event: DemandObserved) -> str:
    span = f"{event.days[0].day} to {event.days[-1].day}"
    return f"{event.source} observed {_count(len(event.days), 'day')} of demand, {span}"


@words(SupplierAdded)
def _(event: SupplierAdded) -> str:
    return f"supplier {event.name!r} added, paid in {event.currency}"


@words(SupplierChanged)
def _(event: SupplierChanged) -> str:
    return f"supplier changed: {_fields(event, but=('supplier_id',))}"


@words(ContactAdded)
def _(event: ContactAdded) -> str:
    return (
        f"contact at supplier {event.supplier_id} added: {_fields(event, but=('contact_id', 'supplier_id'))}"
    )


@words(ContactErased)
def _(event: ContactErased) -> str:
    return f"contact forgotten: {event.reason}"


@words(TermsSet)
def _(event: TermsSet) -> str:
    terms = event.terms
    cost = _money(terms.unit_cost_minor, terms.currency)
    until = "" if terms.valid_until is None else f" until {terms.valid_until}"
    return f"{event.sku!r} costs {cost} in packs of {terms.pack_size:,} from {terms.valid_from}{until}"


@words(PurchaseDrafted)
def _(event: PurchaseDrafted) -> str:
    lines = _count(len(event.lines), "line")
    return f"order of {lines} to supplier {event.supplier_id} drafted for store {event.store_id}"


@words(PurchaseSent)
def _(event: PurchaseSent) -> str:
    to = "" if event.contact_id is None else f" to contact {event.contact_id}"
    return f"sent{to} on {event.sent_on}, expected on {event.expected_on}"


@words(PurchaseConfirmed)
def _(event: PurchaseConfirmed) -> str:
    lines = f", {_count(len(event.lines), 'line')} confirmed otherwise" if event.lines else ""
    return f"the supplier delivers on {event.expected_on}{lines}"


@words(PurchaseReceived)
def _(event: PurchaseReceived) -> str:
    parts = [
        f"{figure:,} {word}"
        for word, figure in (
            ("accepted", sum(line.accepted for line in event.lines)),
            ("quarantined", sum(line.quarantined for line in event.lines)),
            ("rejected", sum(line.rejected for line in event.lines)),
        )
        if figure
    ]
    return (
        f"delivery {event.receipt_id} after {_count(event.lead_days, 'day')}: {', '.join(parts) or 'nothing'}"
    )


@words(PurchaseClosed)
def _(event: PurchaseClosed) -> str:
    ordered, received = (sum(getattr(line, name) for line in event.lines) for name in ("ordered", "received"))
    return f"closed, {event.cause}: {received:,} of {ordered:,} came"


@words(PurchaseCancelled)
def _(event: PurchaseCancelled) -> str:
    return f"order to the supplier cancelled: {event.cause}"


@words(GoodsReturned)
def _(event: GoodsReturned) -> str:
    claimed = _money(sum(line.claimed_minor for line in event.lines), event.currency)
    lines = _count(len(event.lines), "line")
    return f"{lines} back to supplier {event.supplier_id}, {event.cause}: {claimed} claimed"


@words(GoodsCredited)
def _(event: GoodsCredited) -> str:
    return f"supplier {event.supplier_id} credits {_money(event.amount_minor)}, {event.reference}"


@words(TransferSent)
def _(event: TransferSent) -> str:
    lines = _count(len(event.lines), "line")
    return f"{lines} on the way from store {event.from_store_id} to store {event.to_store_id}"


@words(TransferReceived)
def _(event: TransferReceived) -> str:
    parts = [
        f"{figure:,} {name}"
        for name in ("good", "damaged", "missing", "over")
        if (figure := sum(getattr(line, name) for line in event.lines))
    ]
    return f"arrived in store {event.to_store_id}: {', '.join(parts) or 'nothing'}"


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
        told.append(f"refunds up to {_amounts(limits.refund_minor)}")
    if limits is not None and limits.discount_bp is not UNSET:
        told.append(f"discounts up to {_limit(Operation.DISCOUNT, limits.discount_bp, None)}")
    if limits is not None and limits.over_short_minor is not UNSET:
        told.append(f"differences in the drawer up to {_amounts(limits.over_short_minor)}")
    if limits is not None:
        others = {
            "pay-outs": limits.pay_out_minor,
            "drops": limits.drop_minor,
            "gift cards": limits.card_load_minor,
            "credit": limits.credit_minor,
            "voids": limits.void_minor,
        }
        told += [f"{what} up to {_amounts(most)}" for what, most in others.items() if most is not UNSET]
    return "".join(f", {limit}" for limit in told)


def _amounts(limits: dict[str, int] | None) -> str:
    if limits is None:
        return "any height"
    return ", ".join(_money(most, name) for name, most in limits.items()) or "nothing"
