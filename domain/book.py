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
    UserErased,
)
from domain.alerts.alert import ALERTS, AlertAcknowledged, AlertCleared, AlertRaised
from domain.alerts.digest import DIGESTS, AlertsTold
from domain.alerts.policy import ALERT_POLICY, AlertRecipientSet, AlertThresholdsSet
from domain.catalog.barcodes import BARCODE, SCALES, BarcodeAssigned, ScalesSet
from domain.catalog.markdown import MARKDOWN, LabelsCameBack, LabelsSold, MarkdownEnded, MarkdownMade
from domain.catalog.price_list import PRICE_LISTS, PriceListEnded, PriceListPublished, PriceListRepriced
from domain.catalog.product import (
    PRODUCT,
    BarcodesSet,
    PriceSet,
    ProductAdded,
    ProductChanged,
    ProductFieldsSet,
)
from domain.catalog.tax_rates import TAX_RATES, TaxRateSet
from domain.counts.count import (
    COUNT,
    CountApproved,
    CountCancelled,
    CountItemsAdded,
    CountPosted,
    CountStarted,
    LinesCounted,
    RecountAsked,
)
from domain.counts.plan import COUNT_PLAN, CountPlanSet
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
    SegmentsSet,
)
from domain.customers.facts import AddressRemoved, AddressSet, CustomerFieldsSet, CustomerProfileSet
from domain.fields.field import FIELDS, FieldDefined
from domain.freshness.item import FRESH_ITEM, MarkdownProposed, ProposalAccepted, ProposalRejected
from domain.freshness.ladder import LADDERS, MarkdownLadderSet
from domain.freshness.watch import WATCH, LotsWatched
from domain.inventory.cost import CostAdjusted
from domain.inventory.counted import CountClosed, CountOpened
from domain.inventory.late import CORRECTIONS
from domain.inventory.locations import StockRelocated
from domain.inventory.lots import LotExpired, LotReceived
from domain.inventory.policy import STOCK_POLICY, StockPolicySet
from domain.inventory.reservation import ReservationReleased, StockReserved
from domain.inventory.stock_item import STOCK_ITEM, StockMoved
from domain.kernel.amending import Amendment
from domain.kernel.event import Event
from domain.kernel.stream import StreamKind
from domain.loyalty.points import (
    LOYALTY,
    PointsEarned,
    PointsLapsed,
    PointsRestored,
    PointsSpent,
    PointsTakenBack,
)
from domain.loyalty.programme import PROGRAMME, ProgrammeSet
from domain.loyalty.tiers import TierChanged, TierGraceGiven, TierKept
from domain.orders.attention import Attended, AttentionNeeded
from domain.orders.comeback import OrderReturned
from domain.orders.delivery import DeliverySet
from domain.orders.order import (
    ORDER,
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
from domain.privacy.retention import RETENTION, RetentionSet
from domain.promotions.batch import BATCH, CouponBatchIssued, CouponBatchRevoked
from domain.promotions.book import (
    CUSTOMER_USES,
    DRAWN,
    OFFERS,
    OfferDrawn,
    OfferEnded,
    OfferPublished,
    OfferReleased,
    OfferUsedByCustomer,
    OfferUseReturned,
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
from domain.purchasing.contact import CONTACT, ContactAdded, ContactErased
from domain.purchasing.order import (
    PURCHASE,
    PurchaseCancelled,
    PurchaseClosed,
    PurchaseConfirmed,
    PurchaseDrafted,
    PurchaseReceived,
    PurchaseReturned,
    PurchaseSent,
)
from domain.purchasing.supplier import SUPPLIER, SupplierAdded, SupplierChanged
from domain.purchasing.supplier_return import SUPPLIER_RETURN, GoodsCredited, GoodsReturned
from domain.purchasing.terms import SUPPLY, TermsSet
from domain.replenishment.item import (
    REPLENISHED,
    ReplenishmentPolicySet,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionDrafted,
    SuggestionMade,
    SuggestionOrdered,
)
from domain.replenishment.observed import OBSERVED, DemandObserved
from domain.replenishment.ordering import ORDERING, OrderingPolicySet
from domain.sales.exceptions import ExceptionSettled
from domain.sales.parked import PARKED, BasketDiscarded, BasketParked, BasketRecalled
from domain.sales.policy import RETURN_POLICY, ReturnPolicySet
from domain.sales.returns import RETURN, ReturnRecorded
from domain.sales.sale import SALE, LinesReturned, SaleCompleted
from domain.service.case import (
    COMPLAINT,
    CaseAssigned,
    CaseCommented,
    CaseOpened,
    CasePaused,
    CasePrioritised,
    CaseReferred,
    CaseReopened,
    CaseResolved,
    CaseResponded,
    CaseResumed,
    ReferralReported,
    ResolutionJudged,
)
from domain.service.terms import SERVICE_TERMS, ServiceTermsSet
from domain.staff.crew import CREW, CrewMemberSet, WorkAssigned, WorkEnded, WorkQueued
from domain.staff.employee import (
    EMPLOYEE,
    EmployeeChanged,
    EmployeeErased,
    EmployeeHeld,
    EmployeeHired,
    EmployeeReleased,
)
from domain.stored_value.value import (
    CREDIT,
    GIFT_CARD,
    CreditGranted,
    GiftCardBlocked,
    GiftCardLoaded,
    GiftCardMade,
    GiftCardUnblocked,
    ValueExpired,
    ValueRefunded,
    ValueSpent,
)
from domain.stores.storage_cost import STORAGE, StorageCostsSet
from domain.stores.store import STORE, StoreChanged, StoreOpened
from domain.tills.shift import CashMoved, DrawerCounted, OverShortFound, ShiftClosed, ShiftOpened
from domain.tills.till import TILL, PeriodClosed, ReceiptIssued
from domain.tills.void import VOID_ID, BasketVoided, VoidIdTaken
from domain.transfers.transfer import TRANSFER, TransferReceived, TransferSent

EVENTS: tuple[type[Event], ...] = (
    StoreOpened,
    StoreChanged,
    ProductAdded,
    ProductChanged,
    ProductFieldsSet,
    PriceSet,
    BarcodesSet,
    PriceListPublished,
    PriceListRepriced,
    PriceListEnded,
    TaxRateSet,
    MarkdownMade,
    LabelsSold,
    LabelsCameBack,
    MarkdownEnded,
    BarcodeAssigned,
    ScalesSet,
    EmployeeHired,
    EmployeeChanged,
    EmployeeHeld,
    EmployeeReleased,
    EmployeeErased,
    CustomerRegistered,
    CustomerChanged,
    ConsentGiven,
    ConsentWithdrawn,
    CustomerHeld,
    CustomerReleased,
    SegmentsSet,
    CustomerProfileSet,
    AddressSet,
    AddressRemoved,
    CustomerFieldsSet,
    DetailsExpired,
    CustomerErased,
    RetentionSet,
    FieldDefined,
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
    PointsLapsed,
    TierChanged,
    TierGraceGiven,
    TierKept,
    GiftCardMade,
    GiftCardLoaded,
    GiftCardBlocked,
    GiftCardUnblocked,
    CreditGranted,
    ValueSpent,
    ValueRefunded,
    ValueExpired,
    SaleCompleted,
    LinesReturned,
    ExceptionSettled,
    ReturnRecorded,
    ReturnPolicySet,
    ReceiptIssued,
    PeriodClosed,
    ShiftOpened,
    CashMoved,
    DrawerCounted,
    OverShortFound,
    ShiftClosed,
    BasketVoided,
    VoidIdTaken,
    BasketParked,
    BasketRecalled,
    BasketDiscarded,
    CaseOpened,
    CaseAssigned,
    CaseCommented,
    CaseResolved,
    CaseReopened,
    CasePrioritised,
    CaseResponded,
    CasePaused,
    CaseResumed,
    CaseReferred,
    ReferralReported,
    ResolutionJudged,
    ServiceTermsSet,
    ApprovalGranted,
    ApprovalUsed,
    KeyIssued,
    KeyEnded,
    UserAdded,
    UserChanged,
    UserErased,
    PasswordChanged,
    RoleDefined,
    StockReserved,
    ReservationReleased,
    OfferReleased,
    OfferUseReturned,
    OrderPlaced,
    OrderPaid,
    OrderAllocated,
    AllocationShort,
    OrderPicked,
    OrderShipped,
    CarrierReported,
    OrderReceived,
    OrderDelayed,
    OrderDamaged,
    OrderCancelled,
    OrderFailed,
    OrderAssigned,
    DeliverySet,
    OrderReturned,
    AttentionNeeded,
    Attended,
    CrewMemberSet,
    WorkAssigned,
    WorkQueued,
    WorkEnded,
    LotReceived,
    StockRelocated,
    CostAdjusted,
    StockPolicySet,
    StorageCostsSet,
    CountPlanSet,
    ReplenishmentPolicySet,
    SuggestionMade,
    SuggestionAccepted,
    SuggestionDismissed,
    SuggestionOrdered,
    SuggestionDrafted,
    OrderingPolicySet,
    DemandObserved,
    SupplierAdded,
    SupplierChanged,
    ContactAdded,
    ContactErased,
    TermsSet,
    PurchaseDrafted,
    PurchaseSent,
    PurchaseConfirmed,
    PurchaseReceived,
    PurchaseClosed,
    PurchaseCancelled,
    PurchaseReturned,
    GoodsReturned,
    GoodsCredited,
    TransferSent,
    TransferReceived,
    CountStarted,
    CountItemsAdded,
    LinesCounted,
    RecountAsked,
    CountApproved,
    CountPosted,
    CountCancelled,
    CountOpened,
    CountClosed,
    LotExpired,
    MarkdownLadderSet,
    MarkdownProposed,
    ProposalAccepted,
    ProposalRejected,
    LotsWatched,
    AlertThresholdsSet,
    AlertRecipientSet,
    AlertRaised,
    AlertAcknowledged,
    AlertCleared,
    AlertsTold,
)

STREAM_KINDS: tuple[StreamKind[Any], ...] = (
    STORE,
    PRODUCT,
    PRICE_LISTS,
    TAX_RATES,
    MARKDOWN,
    BARCODE,
    SCALES,
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
    GIFT_CARD,
    CREDIT,
    SALE,
    RETURN,
    RETURN_POLICY,
    TILL,
    VOID_ID,
    PARKED,
    COMPLAINT,
    SERVICE_TERMS,
    APPROVAL,
    ACCESS,
    RETENTION,
    FIELDS,
    ORDER,
    CREW,
    STOCK_POLICY,
    STORAGE,
    COUNT_PLAN,
    REPLENISHED,
    ORDERING,
    OBSERVED,
    SUPPLIER,
    CONTACT,
    SUPPLY,
    PURCHASE,
    SUPPLIER_RETURN,
    TRANSFER,
    COUNT,
    LADDERS,
    FRESH_ITEM,
    WATCH,
    ALERT_POLICY,
    ALERTS,
    DIGESTS,
)

AMENDMENTS: dict[type[Event], Amendment] = {StockMoved: CORRECTIONS, StockRelocated: CORRECTIONS}
"""What facts bring with them, whichever command they come of: a movement the correction of a count."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[str, tuple[str, Upcaster]] = {}
"""Stored type -> (next type, how its data becomes the next version's). A chain ends at a type in EVENTS.

Stored bytes are never rewritten: an old version is brought up to date each time it is read.
"""
