"""Examples of every event that may stand in the journal; tests/domain/golden/ holds their stored bytes.

`python -m tests.domain.examples` adds the lines that golden files lack. It never changes one.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import msgspec

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
from domain.catalog.barcode import Measure, ScaleCode
from domain.catalog.barcodes import BarcodeAssigned, ScalesSet
from domain.catalog.markdown import LabelsCameBack, LabelsSold, MarkdownEnded, MarkdownMade
from domain.catalog.price_list import PriceList, PriceListEnded, PriceListPublished, PriceListRepriced
from domain.catalog.product import (
    BarcodesSet,
    NegativeStock,
    Piece,
    PriceSet,
    ProductAdded,
    ProductChanged,
)
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
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.allowance import Allowance
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.event import Event
from domain.kernel.lot_share import LotShare
from domain.kernel.points import Lot, SalePoints
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.kernel.stored_value import StoredPayment, ValueLot
from domain.loyalty.earning import EarnRule, Tier, Window
from domain.loyalty.points import PointsEarned, PointsLapsed, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.programme import Pays, Programme, ProgrammeSet
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
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
from domain.promotions.holds import CampaignHeld, CampaignReleased, CampaignRestored, CustomerRestored, Hold
from domain.promotions.offer import (
    AmountOff,
    Base,
    Benefit,
    Bundle,
    BuyGet,
    Conditions,
    FixedPrice,
    Gift,
    Limits,
    Offer,
    OnReturn,
    Part,
    PercentOff,
    Phase,
    SpendAndSave,
    Step,
    Target,
)
from domain.sales.exceptions import ExceptionSettled
from domain.sales.parked import BasketDiscarded, BasketParked, BasketRecalled, ParkedLine
from domain.sales.policy import AppliedTerms, Policy, PolicyApplied, ReturnPolicySet, Terms
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import (
    Attribution,
    CameBack,
    CashRounding,
    Discount,
    DiscountSource,
    LineShare,
    LinesReturned,
    MadeOffline,
    Refund,
    SaleCompleted,
    SaleException,
    SaleLine,
    TaxPolicy,
    Tender,
)
from domain.staff.employee import (
    EmployeeChanged,
    EmployeeErased,
    EmployeeHeld,
    EmployeeHired,
    EmployeeReleased,
)
from domain.stored_value.value import (
    CardPayment,
    CreditGranted,
    GiftCardBlocked,
    GiftCardLoaded,
    GiftCardMade,
    GiftCardUnblocked,
    ValueExpired,
    ValueRefunded,
    ValueSpent,
)
from domain.stores.store import StoreChanged, StoreOpened, TaxRounding
from domain.tills.shift import (
    CashMove,
    CashMoved,
    Difference,
    DrawerCounted,
    MethodSum,
    OverShortFound,
    Pieces,
    ShiftClosed,
    ShiftOpened,
)
from domain.tills.till import Period, PeriodClosed, ReceiptIssued
from domain.tills.totals import TaxTotal, Totals
from domain.tills.void import BasketVoided, VoidedLine, VoidIdTaken
from tests.domain.examples_of_alerts import ALERT_EXAMPLES
from tests.domain.examples_of_care import CARE_EXAMPLES
from tests.domain.examples_of_counts import COUNT_EXAMPLES
from tests.domain.examples_of_customers import CUSTOMER_EXAMPLES
from tests.domain.examples_of_freshness import FRESHNESS_EXAMPLES
from tests.domain.examples_of_incentives import INCENTIVE_EXAMPLES
from tests.domain.examples_of_leads import LEAD_EXAMPLES
from tests.domain.examples_of_links import LINK_EXAMPLES
from tests.domain.examples_of_orders import ORDER_EXAMPLES
from tests.domain.examples_of_purchasing import PURCHASING_EXAMPLES
from tests.domain.examples_of_replenishment import REPLENISHMENT_EXAMPLES
from tests.domain.examples_of_segments import SEGMENT_EXAMPLES
from tests.domain.examples_of_service import SERVICE_EXAMPLES
from tests.domain.examples_of_staff import STAFF_EXAMPLES
from tests.domain.examples_of_stock import STOCK_EXAMPLES

GOLDEN = Path(__file__).parent / "golden"


_CLOSED_AT = datetime(2026, 3, 2, 14, tzinfo=UTC)
_TOTALS = Totals(
    receipts=18,
    sales_minor=12_000,
    refunds_minor=1495,
    taxes=(TaxTotal(rate_bp=900, gross_minor=1505, tax_minor=124),),
    unsplit_minor=9000,
    late_receipts=1,
    late_minor=-1495,
)


def _sealed(place: str) -> Sealed:
    return Sealed(key_id="key-1", subject="customer-c1", place=place, box="bm9uY2UrYm94")


ALLOWANCE = Allowance(limit=1000, needed=2500, approval_id="a1", approved_by="person:u2")
LIMITS = GivenLimits(refund_minor={"CNY": 20_000, "*": 0}, discount_bp=1000)
OTHER_LIMITS = GivenLimits(
    pay_out_minor={"CNY": 500}, drop_minor=None, card_load_minor={"*": 0}, credit_minor={}
)
CASHIER = RoleInStore(role="cashier", store_id="s1")


_LOT = Lot(number=3, points=100, expires_at=datetime(2027, 3, 2, 12, tzinfo=UTC))


_VALUE = ValueLot(number=2, amount_minor=5_000, expires_at=datetime(2029, 3, 2, 12, tzinfo=UTC))


def _offer(benefit: Benefit) -> Offer:
    """Every field set."""
    return Offer(
        offer_id="autumn",
        version=3,
        name="Autumn",
        currency="CNY",
        phase=Phase.LINE,
        priority=7,
        benefit=benefit,
        base=Base.ORIGINAL,
        target=Target(skus=("tea",), categories=("drinks",), without_skus=("mug",)),
        conditions=Conditions(
            stores=("s1",),
            valid_from=datetime(2026, 3, 1, tzinfo=UTC),
            valid_until=datetime(2026, 6, 1, tzinfo=UTC),
            weekdays=(6, 7),
            from_min=600,
            until_min=720,
            segments=("vip",),
            first_purchase=True,
            birthday=True,
            minimum_minor=1_000,
            minimum_quantity=2,
        ),
        limits=Limits(cap_minor=5_000, uses=2, total_uses=100, customer_uses=1, budget_minor=90_000),
        group="g",
        on_return=OnReturn.REPRICE,
    )


_HELD = Hold(
    until=datetime(2026, 10, 1, 12, tzinfo=UTC), amount_minor=1000, day="2026-10-01", customer_id="c1"
)


EXAMPLES: dict[type[Event], tuple[Event, ...]] = {
    ProgrammeSet: (
        ProgrammeSet(
            programme=Programme(
                currency="CNY",
                earn_points=1,
                earn_minor=100,
                redeem_points=1,
                redeem_minor=5,
                days=365,
                grace_days=14,
            )
        ),
        ProgrammeSet(
            programme=Programme(
                currency="CNY", earn_points=1, earn_minor=100, redeem_points=1, redeem_minor=5
            )
        ),
        ProgrammeSet(
            programme=Programme(
                currency="CNY",
                earn_points=1,
                earn_minor=100,
                redeem_points=1,
                redeem_minor=5,
                rules=(
                    EarnRule(
                        name="tea days",
                        multiplier_bp=20_000,
                        skus=("tea",),
                        categories=("drinks",),
                        tiers=("gold",),
                        valid_from=datetime(2026, 3, 1, tzinfo=UTC),
                        valid_until=datetime(2026, 6, 1, tzinfo=UTC),
                        birthday=True,
                    ),
                ),
                excluded_skus=("bag",),
                excluded_categories=("tobacco",),
                tiers=(Tier(name="gold", from_minor=100_000, multiplier_bp=15_000),),
                tier_window=Window.CALENDAR,
                tier_months=6,
                tier_grace_days=30,
                pays=Pays.DISCOUNT,
            )
        ),
    ),
    PointsEarned: (
        PointsEarned(customer_id="c1", document="sale-x1", lot=_LOT, repaid=5),
        PointsEarned(customer_id="c1", document="sale-x1", lot=Lot(number=7, points=20)),
        PointsEarned(
            customer_id="c1",
            document="sale-x1",
            lot=Lot(number=8, points=20),
            qualifying_minor=2_000,
            business_day=date(2026, 3, 2),
        ),
    ),
    PointsSpent: (
        PointsSpent(customer_id="c1", document="sale-x1", lots=(_LOT, Lot(number=7, points=20))),
        PointsSpent(customer_id="c1", document="sale-x1", lots=()),
    ),
    PointsRestored: (
        PointsRestored(customer_id="c1", document="return-r1", lots=(_LOT,), lapsed=20),
        PointsRestored(customer_id="c1", document="return-r1", lots=()),
    ),
    PointsTakenBack: (
        PointsTakenBack(customer_id="c1", document="return-r1", lots=(_LOT,), owed=20),
        PointsTakenBack(customer_id="c1", document="return-r1", lots=()),
        PointsTakenBack(
            customer_id="c1",
            document="return-r1",
            lots=(),
            lapsed=5,
            earned_as=3,
            qualifying_minor=2_000,
            business_day=date(2026, 3, 2),
        ),
    ),
    PointsLapsed: (PointsLapsed(customer_id="c1", lots=(_LOT,)),),
    TierChanged: (
        TierChanged(
            customer_id="c1",
            tier="gold",
            before="silver",
            reason="qualified",
            qualifying_minor=100_000,
            document="sale-x1",
        ),
        TierChanged(customer_id="c1", reason="reviewed", qualifying_minor=0),
    ),
    TierGraceGiven: (
        TierGraceGiven(
            customer_id="c1", tier="gold", until=datetime(2026, 4, 1, tzinfo=UTC), qualifying_minor=90_000
        ),
    ),
    TierKept: (TierKept(customer_id="c1", tier="gold", qualifying_minor=100_000),),
    GiftCardMade: (
        GiftCardMade(
            card_id="g1",
            currency="CNY",
            valid_days=1_095,
            customer_id="c1",
            code=_sealed("giftcard.made.v1/code/g1"),
        ),
        GiftCardMade(card_id="g1", currency="CNY", code=_sealed("giftcard.made.v1/code/g1")),
    ),
    GiftCardLoaded: (
        GiftCardLoaded(
            card_id="g1",
            customer_id="c1",
            store_id="s1",
            register_id="till-1",
            receipt_number=8,
            business_day=date(2026, 3, 2),
            currency="CNY",
            lot=_VALUE,
            payments=(CardPayment(method="cash", amount_minor=6_000),),
            change_minor=1_000,
        ),
        GiftCardLoaded(
            card_id="g1",
            store_id="s1",
            register_id="till-1",
            receipt_number=8,
            business_day=date(2026, 3, 2),
            currency="CNY",
            lot=ValueLot(number=1, amount_minor=5_000),
            payments=(CardPayment(method="card", amount_minor=5_000),),
        ),
        GiftCardLoaded(
            card_id="g1",
            store_id="s1",
            register_id="till-1",
            receipt_number=9,
            business_day=date(2026, 3, 2),
            currency="CNY",
            lot=ValueLot(number=1, amount_minor=2_500),
            payments=(CardPayment(method="card", amount_minor=2_500),),
            allowance=ALLOWANCE,
        ),
    ),
    GiftCardBlocked: (
        GiftCardBlocked(card_id="g1", customer_id="c1", reason="lost"),
        GiftCardBlocked(card_id="g1", reason="lost"),
    ),
    GiftCardUnblocked: (
        GiftCardUnblocked(card_id="g1", customer_id="c1", reason="found"),
        GiftCardUnblocked(card_id="g1", reason="found"),
    ),
    CreditGranted: (
        CreditGranted(
            customer_id="c1", currency="CNY", lot=_VALUE, reason="goodwill", document="complaint-k1"
        ),
        CreditGranted(
            customer_id="c1", currency="CNY", lot=ValueLot(number=1, amount_minor=500), reason="refund"
        ),
        CreditGranted(
            customer_id="c1",
            currency="CNY",
            lot=ValueLot(number=1, amount_minor=2_500),
            reason="goodwill",
            allowance=ALLOWANCE,
        ),
    ),
    ValueSpent: (
        ValueSpent(account="giftcard-g1", customer_id="c1", document="sale-x1", lots=(_VALUE,)),
        ValueSpent(account="giftcard-g1", document="sale-x1", lots=()),
    ),
    ValueRefunded: (
        ValueRefunded(account="credit-c1", customer_id="c1", document="return-r1", lots=(_VALUE,)),
        ValueRefunded(account="giftcard-g1", document="return-r1", lots=()),
    ),
    ValueExpired: (
        ValueExpired(account="credit-c1", customer_id="c1", lots=(_VALUE,)),
        ValueExpired(account="giftcard-g1", lots=()),
    ),
    OfferPublished: (
        *(
            OfferPublished(offer=_offer(benefit))
            for benefit in (
                SpendAndSave(steps=(Step(from_minor=10_000, off_minor=1_000),), repeat=True),
                PercentOff(rate_bp=1_000),
                AmountOff(amount_minor=500),
                FixedPrice(price_minor=990),
                BuyGet(buy=2, get=1, rate_bp=5_000),
                Bundle(parts=(Part(skus=("tea", "milk"), quantity=2),), price_minor=1_500),
                Gift(sku="mug", quantity=2),
            )
        ),
        OfferPublished(
            offer=Offer(
                offer_id="plain",
                version=1,
                name="Plain",
                currency="CNY",
                phase=Phase.ORDER,
                benefit=PercentOff(rate_bp=1_000),
            )
        ),
        OfferPublished(
            offer=Offer(
                offer_id="members",
                version=1,
                name="Members",
                currency="CNY",
                phase=Phase.LINE,
                benefit=PercentOff(rate_bp=1_000),
                conditions=Conditions(tiers=("gold",)),
            )
        ),
        OfferPublished(
            offer=Offer(
                offer_id="birthday",
                version=1,
                name="Birthday",
                currency="CNY",
                phase=Phase.ORDER,
                benefit=PercentOff(rate_bp=1_000),
                conditions=Conditions(birthday=True),
                limits=Limits(customer_uses_a_year=2),
            )
        ),
        OfferPublished(
            offer=Offer(
                offer_id="everything",
                version=1,
                name="Everything",
                currency="CNY",
                phase=Phase.ORDER,
                benefit=PercentOff(rate_bp=500),
                stacks_with_markdowns=True,
            )
        ),
    ),
    OfferEnded: (OfferEnded(offer_id="autumn", version=3),),
    OfferDrawn: (
        OfferDrawn(offer_id="autumn", version=3, sale_id="x1", customer_id="c1", amount_minor=1_000),
        OfferDrawn(offer_id="autumn", version=3, sale_id="x1", amount_minor=1_000),
    ),
    OfferUsedByCustomer: (
        OfferUsedByCustomer(offer_id="autumn", customer_id="c1", sale_id="x1"),
        OfferUsedByCustomer(offer_id="autumn", customer_id="c1", sale_id="x1"),
        OfferUsedByCustomer(offer_id="autumn", customer_id="c1", sale_id="x1", year=2026),
    ),
    StoreOpened: (
        StoreOpened(
            store_id="s1",
            name="主街店",
            currency="CNY",
            time_zone="Asia/Shanghai",
            day_starts_at_min=240,
            prices_include_tax=False,
        ),
        StoreOpened(store_id="s1", name="Main Street", currency="CNY", time_zone="Asia/Shanghai"),
        StoreOpened(
            store_id="s1",
            name="Main Street",
            currency="CNY",
            time_zone="Asia/Shanghai",
            tax_rounding=TaxRounding.DOCUMENT,
        ),
        StoreOpened(
            store_id="s1",
            name="Main Street",
            currency="CHF",
            time_zone="Europe/Zurich",
            cash_unit_minor=5,
            shifts_required=True,
        ),
        StoreOpened(
            store_id="s1",
            name="Main Street",
            currency="CNY",
            time_zone="Asia/Shanghai",
            address="1 Main Street, Shanghai",
        ),
        StoreOpened(
            store_id="s1",
            name="Main Street",
            currency="CNY",
            time_zone="Asia/Shanghai",
            locations=("back room", "cold room"),
        ),
    ),
    StoreChanged: (
        StoreChanged(store_id="s1", name="Side Street", time_zone="Europe/Berlin", day_starts_at_min=0),
        StoreChanged(store_id="s1"),
        StoreChanged(store_id="s1", cash_unit_minor=5, shifts_required=False),
        StoreChanged(store_id="s1", address="2 Main Street, Shanghai"),
        StoreChanged(store_id="s1", locations=("back room", "cold room")),
    ),
    ProductAdded: (
        ProductAdded(
            sku="cherry",
            name="樱桃",
            category="fruit",
            unit=Unit.GRAM,
            price_minor=3990,
            currency="CNY",
            tax_rate_bp=900,
            stocked=False,
            negative_stock=NegativeStock.BLOCK,
        ),
        ProductAdded(
            sku="apple", name="Apple", category="fruit", unit=Unit.PIECE, price_minor=1000, currency="CNY"
        ),
        ProductAdded(
            sku="melon",
            name="Melon",
            category="fruit",
            unit=Unit.GRAM,
            price_minor=990,
            currency="CNY",
            piece=Piece(price_minor=1200, weight_g=1300),
            floor_minor=500,
        ),
        ProductAdded(
            sku="kiwi",
            name="Kiwi",
            category="fruit",
            unit=Unit.PIECE,
            price_minor=300,
            currency="CNY",
            tax_by_category=True,
        ),
        ProductAdded(
            sku="plum",
            name="Plum",
            category="fruit",
            unit=Unit.PIECE,
            price_minor=100,
            currency="CNY",
            negative_stock_orders=NegativeStock.BLOCK,
        ),
    ),
    ProductChanged: (
        ProductChanged(
            sku="apple",
            name="Red apple",
            category="apples",
            price_minor=0,
            tax_rate_bp=0,
            negative_stock=NegativeStock.ALLOW,
        ),
        ProductChanged(sku="apple"),
        ProductChanged(sku="melon", piece=Piece(price_minor=1300, weight_g=1300), floor_minor=450),
        ProductChanged(sku="melon", tax_by_category=True),
        ProductChanged(sku="melon", negative_stock_orders=NegativeStock.WARN),
    ),
    PriceSet: (
        PriceSet(sku="melon", list_id="vip", version=3, price_minor=890, piece_price_minor=1100),
        PriceSet(sku="melon", list_id="vip", version=4),
    ),
    BarcodesSet: (
        BarcodesSet(sku="melon", barcodes=("4006381333931",), scale_numbers=("2100123",)),
        BarcodesSet(sku="melon"),
    ),
    PriceListPublished: (
        PriceListPublished(
            price_list=PriceList(
                list_id="vip",
                version=2,
                name="VIP",
                currency="CNY",
                stores=("s1",),
                segments=("vip",),
                valid_from=datetime(2026, 9, 1, 0, 0, 0, 1, tzinfo=UTC),
                valid_until=datetime(2026, 12, 1, tzinfo=UTC),
            )
        ),
        PriceListPublished(price_list=PriceList(list_id="vip", version=1, name="VIP", currency="CNY")),
    ),
    PriceListRepriced: (PriceListRepriced(list_id="vip", version=3, products=1000),),
    PriceListEnded: (PriceListEnded(list_id="vip", version=4),),
    TaxRateSet: (
        TaxRateSet(category="fruit", valid_from=date(2026, 10, 1), rate_bp=900),
        TaxRateSet(category="fruit", valid_from=date(2027, 1, 1)),
    ),
    MarkdownMade: (
        MarkdownMade(
            label="04006381333931",
            store_id="s1",
            sku="kiwi",
            lot="l-17",
            labels=12,
            price_minor=150,
            off_bp=5000,
            reason="near expiry",
            until=datetime(2026, 3, 5, 20, tzinfo=UTC),
            allowance=Allowance(limit=3000, needed=5000, approval_id="a1", approved_by="person:u2"),
        ),
        MarkdownMade(
            label="kiwi-half",
            store_id="s1",
            sku="kiwi",
            lot="l-17",
            labels=12,
            reason="near expiry",
            until=datetime(2026, 3, 5, 20, tzinfo=UTC),
        ),
    ),
    LabelsSold: (LabelsSold(label="kiwi-half", sale_id="x1", labels=2),),
    LabelsCameBack: (LabelsCameBack(label="kiwi-half", return_id="r1", labels=1),),
    MarkdownEnded: (MarkdownEnded(label="kiwi-half"),),
    BarcodeAssigned: (
        BarcodeAssigned(code="04006381333931", sku="melon"),
        BarcodeAssigned(code="scale.2100123"),
        BarcodeAssigned(code="scale.2100123", sku="melon"),
        BarcodeAssigned(code="04006381333931", sku="melon", label=True),
    ),
    ScalesSet: (
        ScalesSet(
            layouts=(
                ScaleCode(
                    prefix="21",
                    measure=Measure.PRICE,
                    item_digits=4,
                    value_digits=4,
                    value_unit=10,
                    has_value_check=True,
                ),
                ScaleCode(prefix="29", measure=Measure.WEIGHT),
            )
        ),
    ),
    EmployeeHired: (EmployeeHired(employee_id="e1", store_id="s1", name=_sealed("employee.hired.v1/name")),),
    EmployeeChanged: (
        EmployeeChanged(employee_id="e1", store_id="s2", name=_sealed("employee.changed.v1/name")),
        EmployeeChanged(employee_id="e1"),
    ),
    CustomerRegistered: (
        CustomerRegistered(
            customer_id="c1",
            name=_sealed("customer.registered.v1/name"),
            phone=_sealed("customer.registered.v1/phone"),
            email=_sealed("customer.registered.v1/email"),
            birthday=_sealed("customer.registered.v1/birthday"),
        ),
        CustomerRegistered(customer_id="c1"),
        CustomerRegistered(customer_id="c1", language="zh-CN"),
    ),
    CustomerChanged: (
        CustomerChanged(
            customer_id="c1",
            name=_sealed("customer.changed.v1/name"),
            phone=_sealed("customer.changed.v1/phone"),
            email=_sealed("customer.changed.v1/email"),
            birthday=_sealed("customer.changed.v1/birthday"),
        ),
        CustomerChanged(customer_id="c1"),
        CustomerChanged(customer_id="c1", name=None, phone=None, email=None, birthday=None),
        CustomerChanged(customer_id="c1", language="en"),
    ),
    EmployeeHeld: (EmployeeHeld(employee_id="e1", reason="lawsuit"),),
    EmployeeReleased: (EmployeeReleased(employee_id="e1", reason="lawsuit"),),
    EmployeeErased: (EmployeeErased(employee_id="e1", reason="left"),),
    ConsentGiven: (
        ConsentGiven(
            customer_id="c1",
            purpose="marketing",
            channel="sms",
            text_version="2026-11",
            proof=_sealed("customer.consent_given.v1/proof"),
        ),
        ConsentGiven(customer_id="c1", purpose="marketing", channel="sms", text_version="2026-11"),
        ConsentGiven(
            customer_id="c1", purpose="marketing", channel="sms", text_version="2026-11", over=("c2",)
        ),
    ),
    ConsentWithdrawn: (
        ConsentWithdrawn(
            customer_id="c1",
            purpose="marketing",
            channel="sms",
            proof=_sealed("customer.consent_withdrawn.v1/proof"),
        ),
        ConsentWithdrawn(customer_id="c1", purpose="marketing", channel="sms"),
    ),
    CustomerHeld: (CustomerHeld(customer_id="c1", reason="lawsuit"),),
    CustomerReleased: (CustomerReleased(customer_id="c1", reason="lawsuit"),),
    SegmentsSet: (
        SegmentsSet(customer_id="c1", segments=("staff", "vip")),
        SegmentsSet(customer_id="c1"),
    ),
    DetailsExpired: (DetailsExpired(customer_id="c1", parts=("phone", "text")),),
    CustomerErased: (CustomerErased(customer_id="c1", reason="request"),),
    RetentionSet: (RetentionSet(periods_days={"phone": 730}),),
    StockMoved: (
        StockMoved(
            store_id="s1",
            sku="apple",
            from_=Place.SHELF,
            to=Place.WASTE,
            quantity=2,
            cost_minor=667,
            lot="L7",
            reason="spoiled",
            reference="count-9",
        ),
        StockMoved(
            store_id="s1", sku="apple", from_=Place.SUPPLIER, to=Place.SHELF, quantity=3, cost_minor=1000
        ),
        StockMoved(
            store_id="s1", sku="apple", from_=Place.CUSTOMER, to=Place.SHELF, quantity=1, cost_minor=333
        ),
        StockMoved(
            store_id="s1",
            sku="apple",
            from_=Place.COUNT_DIFFERENCE,
            to=Place.SHELF,
            quantity=1,
            cost_minor=0,
        ),
        StockMoved(
            store_id="s1",
            sku="apple",
            from_=Place.SUPPLIER,
            to=Place.SHELF,
            quantity=3,
            cost_minor=1000,
            shares=(
                LotShare(quantity=1, cost_minor=333),
                LotShare(lot="L7", quantity=2, cost_minor=667),
            ),
            location="cold room",
            fifo=True,
        ),
        StockMoved(
            store_id="s1",
            sku="apple",
            from_=Place.COUNT_DIFFERENCE,
            to=Place.SHELF,
            quantity=1,
            cost_minor=333,
            reason="late",
            reference="count-c1",
            moved_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
        ),
    ),
    CampaignOpened: (
        CampaignOpened(
            campaign_id="autumn",
            name="Autumn",
            kind=DiscountKind.PERCENT,
            value=2000,
            currency="CNY",
            minimum_minor=10_000,
            valid_from=datetime(2026, 9, 1, 0, 0, 0, 1, tzinfo=UTC),
            valid_until=datetime(2026, 12, 1, tzinfo=UTC),
            limit_total=50,
            limit_per_customer=2,
            priority=7,
            version=2,
        ),
        CampaignOpened(
            campaign_id="autumn",
            name="Autumn",
            kind=DiscountKind.AMOUNT,
            value=1000,
            currency="CNY",
            valid_from=datetime(2026, 9, 1, tzinfo=UTC),
            valid_until=datetime(2026, 12, 1, tzinfo=UTC),
        ),
        CampaignOpened(
            campaign_id="autumn",
            name="Autumn",
            kind=DiscountKind.PERCENT,
            value=1000,
            currency="CNY",
            valid_from=datetime(2026, 9, 1, tzinfo=UTC),
            valid_until=datetime(2026, 12, 1, tzinfo=UTC),
            limit_per_code=None,
            limit_per_day=100,
            budget_minor=500_000,
            cap_minor=2000,
            time_zone="Asia/Shanghai",
            restored_on_return=True,
        ),
        CampaignOpened(
            campaign_id="autumn",
            name="Autumn",
            kind=DiscountKind.PERCENT,
            value=1000,
            currency="CNY",
            valid_from=datetime(2026, 9, 1, tzinfo=UTC),
            valid_until=datetime(2026, 12, 1, tzinfo=UTC),
            targeted=True,
            limit_per_customer_and_code=2,
        ),
        CampaignOpened(
            campaign_id="autumn",
            name="Autumn",
            kind=DiscountKind.PERCENT,
            value=1000,
            currency="CNY",
            valid_from=datetime(2026, 9, 1, tzinfo=UTC),
            valid_until=datetime(2026, 12, 1, tzinfo=UTC),
            covers=Target(skus=("apple",), categories=("fruit",), without_skus=("pear",)),
        ),
        CampaignOpened(
            campaign_id="autumn",
            name="Autumn",
            kind=DiscountKind.PERCENT,
            value=1000,
            currency="CNY",
            valid_from=datetime(2026, 9, 1, tzinfo=UTC),
            valid_until=datetime(2026, 12, 1, tzinfo=UTC),
            targeted=True,
            segments=("regular-guests",),
        ),
    ),
    CampaignDrawn: (
        CampaignDrawn(
            campaign_id="autumn", coupon_id="k1", sale_id="x1", customer_id="c1", amount_minor=1000
        ),
        CampaignDrawn(campaign_id="autumn", coupon_id="k1", sale_id="x1", amount_minor=1000),
        CampaignDrawn(
            campaign_id="autumn",
            coupon_id="k1",
            sale_id="x1",
            amount_minor=900,
            day="2026-10-01",
            reference="order-17",
        ),
    ),
    CustomerDrew: (
        CustomerDrew(campaign_id="autumn", customer_id="c1", coupon_id="k1", sale_id="x1"),
        CustomerDrew(campaign_id="autumn", customer_id="c1", coupon_id="k2", sale_id="x2"),
    ),
    CustomerTargeted: (CustomerTargeted(campaign_id="autumn", customer_id="c1"),),
    CampaignHeld: (
        CampaignHeld(campaign_id="autumn", coupon_id="k1", reference="order-17", hold=_HELD),
        CampaignHeld(
            campaign_id="autumn",
            coupon_id="k1",
            reference="cart",
            hold=Hold(until=datetime(2026, 10, 2, tzinfo=UTC)),
        ),
    ),
    CampaignReleased: (CampaignReleased(campaign_id="autumn", coupon_id="k1", reference="order-17"),),
    CampaignRestored: (
        CampaignRestored(
            campaign_id="autumn", coupon_id="k1", sale_id="x1", amount_minor=1000, day="2026-10-01"
        ),
        CampaignRestored(campaign_id="autumn", coupon_id="k1", sale_id="x1", amount_minor=1000),
    ),
    CustomerRestored: (
        CustomerRestored(campaign_id="autumn", customer_id="c1", coupon_id="k1", sale_id="x1"),
    ),
    CouponIssued: (
        CouponIssued(
            coupon_id="k1",
            campaign_id="autumn",
            customer_id="c1",
            code=_sealed("coupon.issued.v1/code"),
        ),
        CouponIssued(coupon_id="k1", campaign_id="autumn", code=_sealed("coupon.issued.v1/code")),
        CouponIssued(
            coupon_id="k1",
            campaign_id="autumn",
            code=_sealed("coupon.issued.v1/code"),
            valid_until=datetime(2026, 10, 15, tzinfo=UTC),
        ),
    ),
    CouponReserved: (
        CouponReserved(
            coupon_id="k1",
            campaign_id="autumn",
            reference="order-17",
            hold=_HELD,
            prolonged=True,
            valid_until=datetime(2026, 10, 15, tzinfo=UTC),
        ),
        CouponReserved(coupon_id="k1", campaign_id="autumn", reference="order-17", hold=_HELD),
    ),
    CouponReleased: (
        CouponReleased(
            coupon_id="k1",
            campaign_id="autumn",
            reference="order-17",
            lapsed=True,
            valid_until=datetime(2026, 10, 15, tzinfo=UTC),
        ),
        CouponReleased(coupon_id="k1", campaign_id="autumn", reference="order-17"),
    ),
    CouponRedeemed: (
        CouponRedeemed(
            coupon_id="k1", campaign_id="autumn", sale_id="x1", customer_id="c1", amount_minor=1000
        ),
        CouponRedeemed(coupon_id="k1", campaign_id="autumn", sale_id="x1", amount_minor=1000),
        CouponRedeemed(
            coupon_id="k7m2qx.41",
            campaign_id="autumn",
            sale_id="x1",
            amount_minor=900,
            day="2026-10-01",
            reference="order-17",
            valid_until=datetime(2026, 10, 15, tzinfo=UTC),
        ),
        CouponRedeemed(
            coupon_id="k1", campaign_id="autumn", sale_id="x1", amount_minor=900, counted_for="c1"
        ),
    ),
    CouponReturned: (
        CouponReturned(
            coupon_id="k1",
            campaign_id="autumn",
            sale_id="x1",
            return_id="r1",
            amount_minor=1000,
            valid_until=datetime(2026, 10, 15, tzinfo=UTC),
        ),
        CouponReturned(coupon_id="k1", campaign_id="autumn", sale_id="x1", return_id="r1", amount_minor=1000),
        CouponReturned(
            coupon_id="k1",
            campaign_id="autumn",
            sale_id="x1",
            return_id="r1",
            amount_minor=900,
            counted_for="c1",
        ),
        CouponReturned(
            coupon_id="k1",
            campaign_id="autumn",
            sale_id="x1",
            return_id="r1",
            amount_minor=900,
            customer_id="c1",
        ),
    ),
    CouponRevoked: (
        CouponRevoked(
            coupon_id="k1",
            campaign_id="autumn",
            reason="copied",
            unused=False,
            valid_until=datetime(2026, 10, 15, tzinfo=UTC),
        ),
        CouponRevoked(coupon_id="k1", campaign_id="autumn", reason="printed twice"),
        CouponRevoked(coupon_id="k1", campaign_id="autumn", reason="copied", customer_id="c1"),
    ),
    CouponBatchIssued: (
        CouponBatchIssued(
            batch_id="k7m2qx", campaign_id="autumn", count=100, valid_until=datetime(2026, 10, 15, tzinfo=UTC)
        ),
        CouponBatchIssued(batch_id="k7m2qx", campaign_id="autumn", count=1_000_000),
    ),
    CouponBatchRevoked: (
        CouponBatchRevoked(batch_id="k7m2qx", campaign_id="autumn", reason="the printer lost them"),
    ),
    SaleCompleted: (
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=17,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            customer_id="c1",
            lines=(
                SaleLine(
                    line=1,
                    sku="gift-wrap",
                    name="Gift wrap",
                    category="services",
                    unit=Unit.PIECE,
                    quantity=2,
                    unit_price_minor=1995,
                    amount_minor=3990,
                    net_minor=2990,
                    tax_rate_bp=900,
                    tax_minor=247,
                    cost_minor=100,
                    stocked=False,
                    price_reason="bruised",
                ),
            ),
            discounts=(
                Discount(
                    source=DiscountSource.COUPON,
                    rule_id="autumn",
                    rule_version=1,
                    coupon_id="k1",
                    base_minor=3990,
                    amount_minor=1000,
                    shares=(LineShare(line=1, amount_minor=1000),),
                ),
            ),
            tax_policy=TaxPolicy(inclusive=True, rounding="line"),
            tenders=(Tender(method="card", amount_minor=990), Tender(method="cash", amount_minor=3000)),
            change_minor=1000,
            total_minor=2990,
            attributions=(Attribution(employee_id="e1", share_bp=10_000),),
        ),
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=1,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=-210,
            lines=(
                SaleLine(
                    line=1,
                    sku="cherry",
                    name="Cherry",
                    category="fruit",
                    unit=Unit.GRAM,
                    quantity=125,
                    unit_price_minor=3990,
                    amount_minor=499,
                    net_minor=499,
                ),
            ),
            tax_policy=TaxPolicy(inclusive=False),
            tenders=(),
            total_minor=499,
        ),
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=1,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            tax_policy=TaxPolicy(),
            tenders=(),
            total_minor=0,
            allowance=ALLOWANCE,
        ),
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=1,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            customer_id="c1",
            customer_facts=CustomerFacts(segments=("vip",), first_purchase=True, birthday=True),
            points=SalePoints(version=1, earned=20, lot=7, spent=(_LOT,)),
            lines=(),
            tax_policy=TaxPolicy(),
            tenders=(),
            total_minor=0,
        ),
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=1,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(
                SaleLine(
                    line=1,
                    sku="melon",
                    name="Melon",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=2,
                    unit_price_minor=1100,
                    amount_minor=2200,
                    net_minor=2200,
                    price_list="vip",
                    price_list_version=3,
                    weight_g=1300,
                    barcode="4006381333931",
                ),
            ),
            tax_policy=TaxPolicy(),
            tenders=(),
            total_minor=2200,
        ),
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=1,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            discounts=(
                Discount(
                    source=DiscountSource.TILL,
                    rule_id="offline",
                    rule_version=0,
                    base_minor=1002,
                    amount_minor=0,
                    shares=(),
                ),
            ),
            tax_policy=TaxPolicy(),
            tenders=(Tender(method="cash", amount_minor=1000),),
            total_minor=1002,
            cash_rounding=CashRounding(unit_minor=5, amount_minor=-2),
            exceptions=(
                SaleException(code="price_differs", line=1, expected=1002, found=1000, reference="apple"),
            ),
        ),
        SaleCompleted(
            sale_id="x2",
            store_id="s1",
            register_id="till-1",
            receipt_number=2,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            tax_policy=TaxPolicy(),
            tenders=(Tender(method="gift_card", amount_minor=5_000, reference="g1"),),
            total_minor=5_000,
            stored=(StoredPayment(tender=1, account="giftcard-g1", lots=(_VALUE,)),),
        ),
        SaleCompleted(
            sale_id="x2",
            store_id="s1",
            register_id="till-1",
            receipt_number=19,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            discounts=(
                Discount(
                    source=DiscountSource.OFFER,
                    rule_id="autumn",
                    rule_version=3,
                    name="Autumn",
                    base_minor=0,
                    amount_minor=0,
                    shares=(),
                ),
            ),
            tax_policy=TaxPolicy(),
            tenders=(Tender(method="card", amount_minor=0, carried=True),),
            total_minor=0,
            exchange_of="r1",
        ),
        SaleCompleted(
            sale_id="x3",
            store_id="s1",
            register_id="till-1",
            receipt_number=3,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            customer_id="c1",
            customer_facts=CustomerFacts(tier="gold"),
            points=SalePoints(version=1, weights_bp=(15_000,), qualifying_minor=5_000, tier="gold"),
            lines=(),
            tax_policy=TaxPolicy(),
            tenders=(),
            total_minor=0,
        ),
        SaleCompleted(
            sale_id="x3",
            store_id="s1",
            register_id="till-1",
            receipt_number=20,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            tax_policy=TaxPolicy(),
            tenders=(Tender(method="uncovered", amount_minor=300),),
            total_minor=300,
            exceptions=(SaleException(code="card_unknown", found=300, reference="g1"),),
            offline=MadeOffline(request="5f3a", shift=2),
        ),
        SaleCompleted(
            sale_id="x4",
            store_id="s1",
            register_id="till-1",
            receipt_number=21,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            tax_policy=TaxPolicy(),
            tenders=(),
            total_minor=0,
            offline=MadeOffline(request="5f3a"),
        ),
        SaleCompleted(
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=4,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(
                SaleLine(
                    line=1,
                    sku="apple",
                    name="Apple",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=3,
                    unit_price_minor=500,
                    amount_minor=1500,
                    net_minor=1500,
                    cost_minor=1000,
                    lots=(
                        LotShare(lot="L7", quantity=2, cost_minor=667),
                        LotShare(quantity=1, cost_minor=333),
                    ),
                ),
            ),
            tax_policy=TaxPolicy(),
            tenders=(),
            total_minor=1500,
        ),
        SaleCompleted(
            sale_id="x4",
            store_id="s1",
            register_id="till-1",
            receipt_number=4,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(
                SaleLine(
                    line=1,
                    sku="kiwi",
                    name="Kiwi",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=1,
                    unit_price_minor=150,
                    amount_minor=150,
                    net_minor=150,
                    barcode="kiwi-half",
                    markdown="kiwi-half",
                    lot="l-17",
                ),
            ),
            tax_policy=TaxPolicy(),
            tenders=(Tender(method="cash", amount_minor=150),),
            total_minor=150,
        ),
    ),
    LinesReturned: (
        LinesReturned(
            sale_id="x1",
            return_id="r1",
            lines=(CameBack(line=1, quantity=1),),
            refunds=(Refund(tender=1, method="card", amount_minor=1495),),
        ),
        LinesReturned(sale_id="x1", return_id="r1", lines=(), refunds=()),
        LinesReturned(
            sale_id="x1",
            return_id="r1",
            lines=(CameBack(line=1, quantity=0, net_minor=-1091, tax_minor=-90),),
            refunds=(),
        ),
        LinesReturned(
            sale_id="x1",
            return_id="r1",
            lines=(),
            refunds=(Refund(tender=1, method="cash", amount_minor=334, rounding_minor=1),),
        ),
        LinesReturned(sale_id="x1", return_id="r1", lines=(), refunds=(), points_taken=20),
    ),
    ExceptionSettled: (
        ExceptionSettled(
            sale_id="x1", store_id="s1", number=2, code="price_differs", reason="old price label"
        ),
    ),
    ReturnRecorded: (
        ReturnRecorded(
            return_id="r1",
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=18,
            currency="CNY",
            business_day=date(2026, 3, 3),
            utc_offset_min=480,
            customer_id="c1",
            lines=(
                ReturnedLine(
                    line=1,
                    sku="gift-wrap",
                    category="services",
                    unit=Unit.PIECE,
                    quantity=1,
                    net_minor=1495,
                    refund_minor=1495,
                    tax_rate_bp=900,
                    tax_minor=124,
                    cost_minor=50,
                    stocked=False,
                ),
            ),
            refunds=(Refund(tender=1, method="card", amount_minor=1495),),
            total_minor=1495,
            attributions=(Attribution(employee_id="e1", share_bp=5_000),),
            reason=_sealed("return.recorded.v1/reason"),
            unlinked_because="no earlier sale",
        ),
        ReturnRecorded(
            return_id="r1",
            store_id="s1",
            register_id="till-1",
            receipt_number=18,
            currency="CNY",
            business_day=date(2026, 3, 3),
            utc_offset_min=480,
            lines=(
                ReturnedLine(
                    line=0,
                    sku="apple",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=1,
                    net_minor=0,
                    refund_minor=0,
                ),
            ),
            refunds=(),
            total_minor=0,
        ),
        ReturnRecorded(
            return_id="r1",
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=18,
            currency="CNY",
            business_day=date(2026, 3, 3),
            utc_offset_min=480,
            lines=(),
            refunds=(),
            total_minor=0,
            allowance=ALLOWANCE,
        ),
        ReturnRecorded(
            return_id="r1",
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=18,
            currency="CNY",
            business_day=date(2026, 3, 3),
            utc_offset_min=480,
            lines=(
                ReturnedLine(
                    line=1,
                    sku="melon",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=1,
                    net_minor=1100,
                    refund_minor=1100,
                    weight_g=1300,
                ),
            ),
            refunds=(),
            total_minor=1100,
        ),
        ReturnRecorded(
            return_id="r1",
            store_id="s1",
            register_id="till-1",
            receipt_number=1,
            currency="CNY",
            business_day=date(2026, 3, 2),
            utc_offset_min=480,
            lines=(),
            refunds=(Refund(tender=0, method="cash", amount_minor=334, rounding_minor=1),),
            total_minor=334,
        ),
        ReturnRecorded(
            return_id="r1",
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=18,
            currency="CNY",
            business_day=date(2026, 3, 3),
            utc_offset_min=480,
            lines=(
                ReturnedLine(
                    line=1,
                    sku="apple",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=3,
                    net_minor=0,
                    refund_minor=0,
                    wasted=1,
                    condition="spoiled",
                ),
            ),
            refunds=(),
            total_minor=0,
            reason_code="quality",
            policy=PolicyApplied(
                version=2,
                days_since=31,
                without_receipt=True,
                lines=(AppliedTerms(line=1, by="category", days=30, final_sale=True, met=False),),
                exception="goodwill",
            ),
            correction=True,
            exchanged_for="x2",
        ),
        ReturnRecorded(
            return_id="r1",
            sale_id="x1",
            store_id="s1",
            register_id="till-1",
            receipt_number=19,
            currency="CNY",
            business_day=date(2026, 3, 3),
            utc_offset_min=480,
            lines=(
                ReturnedLine(
                    line=1,
                    sku="apple",
                    category="fruit",
                    unit=Unit.PIECE,
                    quantity=1,
                    net_minor=500,
                    refund_minor=500,
                    cost_minor=333,
                    lots=(LotShare(lot="L7", quantity=1, cost_minor=333),),
                ),
            ),
            refunds=(),
            total_minor=500,
        ),
    ),
    ReturnPolicySet: (
        ReturnPolicySet(
            policy=Policy(
                default=Terms(days=30, without_receipt_days=7, final_sale=True),
                categories={"fruit": Terms(days=2)},
                skus={"gift-card": Terms(final_sale=True)},
                reasons=("quality", "changed mind"),
            )
        ),
        ReturnPolicySet(policy=Policy()),
    ),
    ReceiptIssued: (
        ReceiptIssued(
            store_id="s1", register_id="till-1", number=18, document="return-r1", total_minor=-1495
        ),
        ReceiptIssued(store_id="s1", register_id="till-1", number=19, document="sale-x1", total_minor=1495),
        ReceiptIssued(
            store_id="s1",
            register_id="till-1",
            number=20,
            document="return-r2",
            total_minor=-1495,
            taxes=(TaxTotal(rate_bp=900, gross_minor=-1495, tax_minor=-123),),
            late=True,
        ),
        ReceiptIssued(
            store_id="s1",
            register_id="till-1",
            number=21,
            document="sale-x2",
            total_minor=1002,
            shift=7,
            paid=(MethodSum(method="cash", amount_minor=1000),),
        ),
        ReceiptIssued(
            store_id="s1",
            register_id="till-1",
            number=22,
            document="giftcard-g1",
            total_minor=0,
            shift=7,
            paid=(MethodSum(method="cash", amount_minor=5000),),
            loaded_minor=5000,
        ),
    ),
    BasketVoided: (
        BasketVoided(
            store_id="s1",
            register_id="till-1",
            void_id="v1",
            shift=7,
            currency="CNY",
            whole=True,
            lines=(VoidedLine(sku="apple", quantity=2, amount_minor=2000),),
            amount_minor=2000,
            reason="customer left",
            employee_id="e1",
            allowance=ALLOWANCE,
        ),
        BasketVoided(
            store_id="s1",
            register_id="till-1",
            void_id="v2",
            currency="CNY",
            lines=(),
            amount_minor=0,
            reason="mistyped",
        ),
        BasketVoided(
            store_id="s1",
            register_id="till-1",
            void_id="v3",
            currency="CNY",
            lines=(),
            amount_minor=0,
            reason="mistyped",
            business_day=date(2026, 3, 1),
        ),
    ),
    VoidIdTaken: (VoidIdTaken(store_id="s1", register_id="till-1", void_id="v1"),),
    BasketParked: (
        BasketParked(
            parked_id="q1",
            store_id="s1",
            register_id="till-1",
            customer_id="c1",
            lines=(ParkedLine(sku="apple", quantity=2),),
        ),
        BasketParked(parked_id="q1", store_id="s1", register_id="till-1", lines=()),
        BasketParked(
            parked_id="q1",
            store_id="s1",
            register_id="till-1",
            lines=(ParkedLine(sku="apple", quantity=2, barcode="md-1"),),
        ),
    ),
    BasketRecalled: (BasketRecalled(parked_id="q1", store_id="s1", register_id="till-2"),),
    BasketDiscarded: (BasketDiscarded(parked_id="q1", store_id="s1", register_id="till-2"),),
    ShiftOpened: (
        ShiftOpened(
            store_id="s1",
            register_id="till-1",
            shift=7,
            currency="CNY",
            opened_at=_CLOSED_AT,
            float_minor=20_000,
        ),
    ),
    CashMoved: (
        CashMoved(
            store_id="s1",
            register_id="till-1",
            shift=7,
            kind=CashMove.DROP,
            amount_minor=10_000,
            reason="safe",
        ),
        CashMoved(
            store_id="s1",
            register_id="till-1",
            shift=7,
            kind=CashMove.PAY_IN,
            amount_minor=5_000,
            reason="small change",
        ),
        CashMoved(
            store_id="s1",
            register_id="till-1",
            shift=7,
            kind=CashMove.PAY_OUT,
            amount_minor=2_500,
            reason="window cleaner",
            allowance=ALLOWANCE,
        ),
    ),
    DrawerCounted: (
        DrawerCounted(
            store_id="s1",
            register_id="till-1",
            shift=7,
            counted=(MethodSum(method="cash", amount_minor=19_900),),
            pieces=(Pieces(value_minor=10_000, pieces=1), Pieces(value_minor=100, pieces=99)),
        ),
        DrawerCounted(store_id="s1", register_id="till-1", shift=7, counted=()),
    ),
    OverShortFound: (
        OverShortFound(
            store_id="s1",
            register_id="till-1",
            shift=7,
            currency="CNY",
            differences=(Difference(method="cash", expected_minor=20_000, counted_minor=19_900),),
            allowance=ALLOWANCE,
        ),
        OverShortFound(store_id="s1", register_id="till-1", shift=7, currency="CNY", differences=()),
    ),
    ShiftClosed: (
        ShiftClosed(
            store_id="s1",
            register_id="till-1",
            shift=7,
            currency="CNY",
            opened_at=datetime(2026, 3, 2, 1, tzinfo=UTC),
            closed_at=_CLOSED_AT,
            float_minor=20_000,
            totals=_TOTALS,
            takings=(MethodSum(method="cash", amount_minor=10_505),),
            rounding_minor=-2,
            paid_in_minor=300,
            paid_out_minor=50,
            dropped_minor=10_000,
            expected=(MethodSum(method="cash", amount_minor=20_755),),
            counted=(MethodSum(method="cash", amount_minor=19_900),),
        ),
        ShiftClosed(
            store_id="s1",
            register_id="till-1",
            shift=7,
            currency="CNY",
            opened_at=_CLOSED_AT,
            closed_at=_CLOSED_AT,
            float_minor=0,
            expected=(),
            counted=(),
        ),
        ShiftClosed(
            store_id="s1",
            register_id="till-1",
            shift=8,
            currency="CNY",
            opened_at=_CLOSED_AT,
            closed_at=_CLOSED_AT,
            float_minor=0,
            takings=(MethodSum(method="cash", amount_minor=5000),),
            loaded_minor=5000,
            expected=(MethodSum(method="cash", amount_minor=5000),),
            counted=(MethodSum(method="cash", amount_minor=5000),),
        ),
        ShiftClosed(
            store_id="s1",
            register_id="till-1",
            shift=9,
            currency="CNY",
            opened_at=_CLOSED_AT,
            closed_at=_CLOSED_AT,
            float_minor=0,
            expected=(),
            counted=(),
            voids=2,
            voided_minor=2500,
        ),
    ),
    PeriodClosed: (
        PeriodClosed(
            store_id="s1",
            register_id="till-1",
            currency="CNY",
            period=Period.DAY,
            number=2,
            business_day=date(2026, 3, 2),
            covers_from=datetime(2026, 3, 1, 14, tzinfo=UTC),
            closed_at=_CLOSED_AT,
            first_receipt=17,
            last_receipt=18,
            totals=Totals(receipts=2, sales_minor=3000, refunds_minor=1495),
            perpetual_before=Totals(receipts=16, sales_minor=9000, unsplit_minor=9000),
            perpetual_after=_TOTALS,
        ),
        PeriodClosed(
            store_id="s1",
            register_id="till-1",
            currency="CNY",
            period=Period.YEAR,
            number=1,
            business_day=date(2026, 3, 2),
            closed_at=_CLOSED_AT,
            first_receipt=1,
            last_receipt=0,
        ),
    ),
    ApprovalGranted: (
        ApprovalGranted(
            approval_id="a1",
            operation=Operation.REFUND,
            store_id="s1",
            target="x1",
            up_to=2500,
            currency="CNY",
            approved_by="person:u2",
            expires_at=datetime(2026, 3, 2, 12, 5, tzinfo=UTC),
        ),
        ApprovalGranted(
            approval_id="a1",
            operation=Operation.DISCOUNT,
            store_id="s1",
            target="x1",
            up_to=2500,
            approved_by="person:u2",
            expires_at=datetime(2026, 3, 2, 12, 5, tzinfo=UTC),
        ),
    ),
    ApprovalUsed: (ApprovalUsed(approval_id="a1", used_by="person:u1", document="return-r1", needed=2500),),
    KeyIssued: (
        KeyIssued(
            key_id="k2",
            scopes=("sales:write",),
            stores=("s1",),
            expires_at=datetime(2027, 1, 1, tzinfo=UTC),
            successor_of="k1",
        ),
        KeyIssued(key_id="k1", scopes=("*",)),
    ),
    KeyEnded: (
        KeyEnded(key_id="k1", ends_at=datetime(2026, 12, 1, tzinfo=UTC), successor="k2"),
        KeyEnded(key_id="k1"),
    ),
    UserAdded: (
        UserAdded(user_id="u1", roles=(CASHIER,), limits=LIMITS),
        UserAdded(user_id="u1", roles=(CASHIER,)),
        UserAdded(user_id="u1", roles=(), limits=GivenLimits(over_short_minor={"CNY": 500})),
        UserAdded(user_id="u1", roles=(), employee_id="e1"),
        UserAdded(user_id="u1", roles=(), limits=OTHER_LIMITS),
        UserAdded(user_id="u1", roles=(), limits=GivenLimits(void_minor={"CNY": 500})),
        UserAdded(user_id="u1", roles=(), limits=GivenLimits(shift_voids_minor={"CNY": 500})),
        UserAdded(user_id="u1", roles=(), limits=GivenLimits(compensation_minor={"CNY": 500})),
    ),
    UserChanged: (
        UserChanged(user_id="u1", roles=(CASHIER,), limits=LIMITS, disabled=True, password_reset=True),
        UserChanged(user_id="u1"),
        UserChanged(user_id="u1", roles=(), limits=GivenLimits(refund_minor=None), disabled=False),
        UserChanged(user_id="u1", roles=(), limits=GivenLimits(over_short_minor={"CNY": 500})),
        UserChanged(user_id="u1", employee_id="e1"),
        UserChanged(user_id="u1", limits=OTHER_LIMITS),
        UserChanged(user_id="u1", roles=(), limits=GivenLimits(void_minor={"CNY": 500})),
        UserChanged(user_id="u1", roles=(), limits=GivenLimits(shift_voids_minor={"CNY": 500})),
        UserChanged(user_id="u1", roles=(), limits=GivenLimits(compensation_minor={"CNY": 500})),
    ),
    UserErased: (UserErased(user_id="u1", reason="request"),),
    PasswordChanged: (PasswordChanged(user_id="u1"),),
    RoleDefined: (
        RoleDefined(role="night", permissions=("sales:write",), limits=LIMITS),
        RoleDefined(role="cashier"),
        RoleDefined(role="cashier", limits=GivenLimits(over_short_minor={"CNY": 500})),
        RoleDefined(role="cashier", limits=OTHER_LIMITS),
        RoleDefined(role="cashier", limits=GivenLimits(void_minor={"CNY": 500})),
        RoleDefined(role="cashier", limits=GivenLimits(shift_voids_minor={"CNY": 500})),
        RoleDefined(role="cashier", limits=GivenLimits(compensation_minor={"CNY": 500})),
    ),
    **CUSTOMER_EXAMPLES,
    **ORDER_EXAMPLES,
    **PURCHASING_EXAMPLES,
    **REPLENISHMENT_EXAMPLES,
    **SERVICE_EXAMPLES,
    **STAFF_EXAMPLES,
    **INCENTIVE_EXAMPLES,
    **STOCK_EXAMPLES,
    **COUNT_EXAMPLES,
    **FRESHNESS_EXAMPLES,
    **ALERT_EXAMPLES,
    **LEAD_EXAMPLES,
    **LINK_EXAMPLES,
    **SEGMENT_EXAMPLES,
    **STAFF_EXAMPLES,
    **CARE_EXAMPLES,
}
"""First every field set, then only those that must be, then whatever else is worth pinning."""


def golden_path(stored_type: str) -> Path:
    return GOLDEN / f"{stored_type}.json"


def golden_bytes(examples: tuple[Event, ...]) -> bytes:
    """One line each, exactly as the journal stores it."""
    return b"".join(msgspec.json.encode(example) + b"\n" for example in examples)


if __name__ == "__main__":
    for event, examples in EXAMPLES.items():
        path, lines = golden_path(event.TYPE), golden_bytes(examples)
        if not path.exists() or lines.startswith(path.read_bytes()):
            path.write_bytes(lines)
