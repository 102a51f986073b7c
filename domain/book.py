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
from domain.care.round import ROUND, CareRoundDone
from domain.care.rule import CARE, CareRuleSet
from domain.care.touch import (
    TOUCH,
    CareDeferred,
    CareHeldOut,
    CarePlanned,
    CareReacted,
    CareSent,
    CareUndelivered,
    CareWithheld,
)
from domain.care.wish import WISH, WishNoted, WishWithdrawn
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
    SegmentEntered,
    SegmentLeft,
    SegmentsSet,
)
from domain.customers.facts import AddressRemoved, AddressSet, CustomerFieldsSet, CustomerProfileSet
from domain.customers.links import (
    CustomerMerged,
    CustomerMergedInto,
    CustomerToldApart,
    CustomerUnmerged,
    CustomerUnmergedFrom,
)
from domain.customers.segment import SEGMENT, SegmentDefined, SegmentEvaluated
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
from domain.leads.lead import (
    LEAD,
    FollowUpPlanned,
    LeadAdvanced,
    LeadGiven,
    LeadLost,
    LeadNoted,
    LeadOpened,
    LeadReopened,
    LeadWon,
)
from domain.leads.rules import RULES, FollowUpRulesSet
from domain.leads.task import TASK, TaskCancelled, TaskDone, TaskGiven, TaskOpened, TaskRescheduled
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
from domain.service.answers import ANSWER, AnswerRetired, AnswerSet
from domain.service.case import (
    COMPLAINT,
    CaseAssigned,
    CaseCommented,
    CaseEscalated,
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
from domain.service.compensation import CaseCompensated
from domain.service.contact import SERVICE_CONTACT, ServiceContactSet
from domain.service.survey import SURVEY, SurveyAnswered, SurveySent
from domain.service.survey_plan import SURVEY_PLAN, SurveyPlanSet
from domain.service.terms import SERVICE_TERMS, ServiceTermsSet
from domain.staff.crew import CREW, CrewAbsenceSet, CrewMemberSet, WorkAssigned, WorkEnded, WorkQueued
from domain.staff.cycle import CYCLE, CycleClosed, CycleOpened, CycleScored
from domain.staff.employee import (
    EMPLOYEE,
    EmployeeChanged,
    EmployeeErased,
    EmployeeHeld,
    EmployeeHired,
    EmployeeReleased,
)
from domain.staff.frozen_score import SCORE, ScoreFrozen
from domain.staff.honour import HONOUR, HonourAwarded
from domain.staff.rating import RATING, StaffRated
from domain.staff.review import (
    REVIEW,
    PlanFollowedUp,
    ReviewAcknowledged,
    ReviewCommented,
    ReviewDrafted,
    ReviewGiven,
)
from domain.staff.scheme import SCHEME, SchemePeriodClosed, SchemeSet
from domain.staff.scorecard import SCORECARD, ScorecardApplied, ScorecardSet
from domain.staff.target import TARGET, TargetEnded, TargetSet
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
    CustomerMerged,
    CustomerMergedInto,
    CustomerUnmerged,
    CustomerUnmergedFrom,
    CustomerToldApart,
    SegmentEntered,
    SegmentLeft,
    SegmentDefined,
    SegmentEvaluated,
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
    CaseEscalated,
    ServiceTermsSet,
    ServiceContactSet,
    AnswerSet,
    AnswerRetired,
    SurveyPlanSet,
    SurveySent,
    SurveyAnswered,
    CaseCompensated,
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
    CrewAbsenceSet,
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
    LeadOpened,
    LeadGiven,
    LeadAdvanced,
    LeadNoted,
    LeadWon,
    LeadLost,
    LeadReopened,
    FollowUpPlanned,
    FollowUpRulesSet,
    TaskOpened,
    TaskGiven,
    TaskRescheduled,
    TaskDone,
    TaskCancelled,
    TargetSet,
    TargetEnded,
    ScorecardSet,
    ScorecardApplied,
    CycleOpened,
    CycleClosed,
    CycleScored,
    StaffRated,
    ScoreFrozen,
    SchemeSet,
    SchemePeriodClosed,
    ReviewDrafted,
    ReviewGiven,
    ReviewAcknowledged,
    ReviewCommented,
    PlanFollowedUp,
    HonourAwarded,
    CareRuleSet,
    CareRoundDone,
    CarePlanned,
    CareHeldOut,
    CareDeferred,
    CareSent,
    CareWithheld,
    CareUndelivered,
    CareReacted,
    WishNoted,
    WishWithdrawn,
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
    SEGMENT,
    SALE,
    RETURN,
    RETURN_POLICY,
    TILL,
    VOID_ID,
    PARKED,
    COMPLAINT,
    SERVICE_TERMS,
    SERVICE_CONTACT,
    ANSWER,
    SURVEY_PLAN,
    SURVEY,
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
    LEAD,
    RULES,
    TASK,
    TARGET,
    SCORECARD,
    CYCLE,
    RATING,
    SCORE,
    SCHEME,
    REVIEW,
    HONOUR,
    CARE,
    ROUND,
    TOUCH,
    WISH,
)

AMENDMENTS: dict[type[Event], Amendment] = {StockMoved: CORRECTIONS, StockRelocated: CORRECTIONS}
"""What facts bring with them, whichever command they come of: a movement the correction of a count."""

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

UPCASTERS: dict[str, tuple[str, Upcaster]] = {}
"""Stored type -> (next type, how its data becomes the next version's). A chain ends at a type in EVENTS.

Stored bytes are never rewritten: an old version is brought up to date each time it is read.
"""
