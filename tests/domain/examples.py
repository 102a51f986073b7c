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
)
from domain.catalog.product import NegativeStock, ProductAdded, ProductChanged
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
from domain.inventory.stock_item import Place, StockMoved
from domain.kernel.allowance import Allowance
from domain.kernel.customer_facts import CustomerFacts
from domain.kernel.event import Event
from domain.kernel.points import Lot, SalePoints
from domain.kernel.quantity import Unit
from domain.kernel.sealed import Sealed
from domain.loyalty.points import PointsEarned, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.programme import Programme, ProgrammeSet
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
from domain.sales.returns import ReturnedLine, ReturnRecorded
from domain.sales.sale import (
    Attribution,
    CameBack,
    Discount,
    DiscountSource,
    LineShare,
    LinesReturned,
    Refund,
    SaleCompleted,
    SaleLine,
    TaxPolicy,
    Tender,
)
from domain.service.case import (
    CaseAssigned,
    CaseCommented,
    CaseKind,
    CaseOpened,
    CaseReopened,
    CaseResolved,
)
from domain.staff.employee import EmployeeChanged, EmployeeErased, EmployeeHired
from domain.stores.store import StoreChanged, StoreOpened, TaxRounding
from domain.tills.till import Period, PeriodClosed, ReceiptIssued
from domain.tills.totals import TaxTotal, Totals

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
CASHIER = RoleInStore(role="cashier", store_id="s1")


_LOT = Lot(number=3, points=100, expires_at=datetime(2027, 3, 2, 12, tzinfo=UTC))


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
    ),
    PointsEarned: (
        PointsEarned(customer_id="c1", document="sale-x1", lot=_LOT, repaid=5),
        PointsEarned(customer_id="c1", document="sale-x1", lot=Lot(number=7, points=20)),
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
    ),
    OfferEnded: (OfferEnded(offer_id="autumn", version=3),),
    OfferDrawn: (
        OfferDrawn(offer_id="autumn", version=3, sale_id="x1", customer_id="c1", amount_minor=1_000),
        OfferDrawn(offer_id="autumn", version=3, sale_id="x1", amount_minor=1_000),
    ),
    OfferUsedByCustomer: (OfferUsedByCustomer(offer_id="autumn", customer_id="c1", sale_id="x1"),),
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
    ),
    StoreChanged: (
        StoreChanged(store_id="s1", name="Side Street", time_zone="Europe/Berlin", day_starts_at_min=0),
        StoreChanged(store_id="s1"),
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
    ),
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
    CaseOpened: (
        CaseOpened(
            case_id="q1",
            kind=CaseKind.COMPLAINT,
            category="quality",
            text=_sealed("case.opened.v1/text"),
            customer_id="c1",
            store_id="s1",
            sale_id="x1",
            sku="apple",
        ),
        CaseOpened(
            case_id="q1", kind=CaseKind.COMPLAINT, category="quality", text=_sealed("case.opened.v1/text")
        ),
    ),
    CaseAssigned: (CaseAssigned(case_id="q1", employee_id="e1"),),
    CaseCommented: (
        CaseCommented(case_id="q1", text=_sealed("case.commented.v1/text"), employee_id="e1"),
        CaseCommented(case_id="q1", text=_sealed("case.commented.v1/text")),
    ),
    CaseResolved: (
        CaseResolved(case_id="q1", text=_sealed("case.resolved.v1/text"), employee_id="e1"),
        CaseResolved(case_id="q1", text=_sealed("case.resolved.v1/text")),
    ),
    CaseReopened: (
        CaseReopened(case_id="q1", text=_sealed("case.reopened.v1/text"), employee_id="e1"),
        CaseReopened(case_id="q1", text=_sealed("case.reopened.v1/text")),
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
    ),
    UserChanged: (
        UserChanged(user_id="u1", roles=(CASHIER,), limits=LIMITS, disabled=True, password_reset=True),
        UserChanged(user_id="u1"),
        UserChanged(user_id="u1", roles=(), limits=GivenLimits(refund_minor=None), disabled=False),
    ),
    PasswordChanged: (PasswordChanged(user_id="u1"),),
    RoleDefined: (
        RoleDefined(role="night", permissions=("sales:write",), limits=LIMITS),
        RoleDefined(role="cashier"),
    ),
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
