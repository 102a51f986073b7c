"""The book: every event that may stand in the journal and every kind of stream, in one place."""

from collections.abc import Callable
from typing import Any

from domain.access.approval import APPROVAL, ApprovalGranted, ApprovalUsed
from domain.access.record import (
    ACCESS,
    KeyEnded,
    KeyIssued,
    PasswordChanged,
    RoleDefined,
    UserAdded,
    UserChanged,
)
from domain.catalog.product import PRODUCT, ProductAdded, ProductChanged
from domain.customers.customer import (
    CUSTOMER,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerChanged,
    CustomerErased,
    CustomerHeld,
    CustomerRegistered,
    CustomerReleased,
    DetailsExpired,
)
from domain.inventory.stock_item import STOCK_ITEM, StockMoved
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind
from domain.loyalty.points import LOYALTY, PointsEarned, PointsRestored, PointsSpent, PointsTakenBack
from domain.loyalty.programme import PROGRAMME, ProgrammeSet
from domain.privacy.retention import RETENTION, RetentionSet
from domain.promotions.batch import BATCH, CouponBatchIssued, CouponBatchRevoked
from domain.promotions.book import (
    CUSTOMER_USES,
    DRAWN,
    OFFERS,
    OfferDrawn,
    OfferEnded,
    OfferPublished,
    OfferUsedByCustomer,
)
from domain.promotions.campaign import (
    CAMPAIGN,
    QUOTA,
    CampaignDrawn,
    CampaignOpened,
    CustomerDrew,
    CustomerTargeted,
)
from domain.promotions.coupon import (
    COUPON,
    CouponIssued,
    CouponRedeemed,
    CouponReleased,
    CouponReserved,
    CouponReturned,
    CouponRevoked,
)
from domain.promotions.holds import CampaignHeld, CampaignReleased, CampaignRestored, CustomerRestored
from domain.sales.returns import RETURN, ReturnRecorded
from domain.sales.sale import SALE, LinesReturned, SaleCompleted
from domain.service.case import COMPLAINT, CaseAssigned, CaseCommented, CaseOpened, CaseReopened, CaseResolved
from domain.staff.employee import EMPLOYEE, EmployeeChanged, EmployeeErased, EmployeeHired
from domain.stores.store import STORE, StoreChanged, StoreOpened
from domain.tills.till import TILL, PeriodClosed, ReceiptIssued

EVENTS: tuple[type[Event], ...] = (
    StoreOpened,
    StoreChanged,
    ProductAdded,
    ProductChanged,
    EmployeeHired,
    EmployeeChanged,
    EmployeeErased,
    CustomerRegistered,
    CustomerChanged,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerHeld,
    CustomerReleased,
    DetailsExpired,
    CustomerErased,
    RetentionSet,
    StockMoved,
    CampaignOpened,
    CampaignDrawn,
    CustomerDrew,
    CustomerTargeted,
    CampaignHeld,
    CampaignReleased,
    CampaignRestored,
    CustomerRestored,
    CouponIssued,
    CouponReserved,
    CouponReleased,
    CouponRedeemed,
    CouponReturned,
    CouponRevoked,
    CouponBatchIssued,
    CouponBatchRevoked,
    OfferPublished,
    OfferEnded,
    OfferDrawn,
    OfferUsedByCustomer,
    ProgrammeSet,
    PointsEarned,
    PointsSpent,
    PointsRestored,
    PointsTakenBack,
    SaleCompleted,
    LinesReturned,
    ReturnRecorded,
    ReceiptIssued,
    PeriodClosed,
    CaseOpened,
    CaseAssigned,
    CaseCommented,
    CaseResolved,
    CaseReopened,
    ApprovalGranted,
    ApprovalUsed,
    KeyIssued,
    KeyEnded,
    UserAdded,
    UserChanged,
    PasswordChanged,
    RoleDefined,
)

STREAM_KINDS: tuple[StreamKind[Any], ...] = (
    STORE,
    PRODUCT,
    EMPLOYEE,
    CUSTOMER,
    STOCK_ITEM,
    CAMPAIGN,
    QUOTA,
    COUPON,
    BATCH,
    OFFERS,
    DRAWN,
    CUSTOMER_USES,
    PROGRAMME,
    LOYALTY,
    SALE,
    RETURN,
    TILL,
    COMPLAINT,
    APPROVAL,
    ACCESS,
    RETENTION,
)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[str, tuple[str, Upcaster]] = {}
"""Stored type -> (next type, how its data becomes the next version's). A chain ends at a type in EVENTS.

Stored bytes are never rewritten: an old version is brought up to date each time it is read.
"""
