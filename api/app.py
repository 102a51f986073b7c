"""The application: everything the API needs is wired here and nowhere else."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from litestar import Litestar, Router
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig

from api.accesses import AccessesController
from api.alert_policies import (
    ProductThresholdsController,
    RecipientsController,
    StoreThresholdsController,
    TenantThresholdsController,
)
from api.alerts import AlertsController, StoreAlertsController
from api.approvals import ApprovalsController
from api.audit import AuditController, StreamsController
from api.auth import Doorkeeper
from api.barcodes import BarcodesController, ProductBarcodesController, ScalesController
from api.canned_answers import CannedAnswersController, DraftsController
from api.card_loads import CardLoadsController
from api.care_links import CareLinksController
from api.care_of_customers import CareMessagesController, WishesController
from api.care_reactions import CareReactionsController
from api.care_results import CareResultsController
from api.care_rules import CareRulesController
from api.closings import ClosingsController
from api.complaint_amends import ComplaintAmendsController
from api.complaint_clocks import ComplaintClocksController
from api.complaint_deadlines import DeadlinesController, ServiceContactsController
from api.complaint_referrals import ComplaintReferralsController
from api.complaint_report import ComplaintReportController
from api.complaints import ComplaintsController
from api.consents import ConsentsController
from api.contacts import ContactsController, SupplierContactsController
from api.count_results import CountResultsController
from api.counts import CountsController
from api.counts_due import CountsDueController
from api.coupon_batches import BatchesController, CampaignBatchesController
from api.coupon_reservations import CouponReservationsController
from api.coupon_targets import CouponTargetsController
from api.coupons import CampaignsController, CouponsController
from api.credits import CreditsController
from api.crews import CrewsController
from api.custom_fields import CustomFieldsController
from api.customer_duplicates import CustomerDuplicatesController
from api.customer_facts import FactFinder
from api.customer_import import CustomerImportController
from api.customer_merges import CustomerMergesController
from api.customer_page import ProfileController
from api.customer_search import CustomerSearchController
from api.customers import CustomersController
from api.deliveries import DeliveriesController
from api.docs_pages import Document, docs_assets, swagger
from api.employees import EmployeesController
from api.entrance import entrance
from api.errors import EXCEPTION_HANDLERS
from api.exchanges import ExchangesController
from api.expiry_board import ExpiryController
from api.follow_up_rules import FollowUpRulesController
from api.forgetting import ForgettingController
from api.fulfilment import FulfilmentController
from api.goods_in import GoodsInController
from api.honours import HonoursController
from api.inbox import InboxController
from api.journal import JournalController
from api.keys import KeysController
from api.landed_costs import LandedCostsController
from api.lead_report import LeadReportController
from api.leads import LeadsController
from api.liabilities import LiabilitiesController
from api.loyalty import LoyaltyController, WalletsController
from api.markdown_proposals import MarkdownLaddersController, MarkdownProposalsController
from api.markdowns import MarkdownsController
from api.metrics import measured
from api.offers import OffersController
from api.offline_sales import OfflineSalesController
from api.order_board import OrderBoardController
from api.ordering import OrderingController
from api.orders import OrdersController, StoreOrdersController
from api.parked_sales import ParkedSalesController
from api.performance import PerformanceController
from api.personal_export import ExportController
from api.price_lists import PriceListsController
from api.products import ProductsController
from api.profile_facts import ProfileFactsController
from api.projections import ProjectionsController
from api.purchase_board import OnOrderController, PurchaseBoardController
from api.purchase_drafts import PurchaseDraftsController, StorePurchasesController
from api.purchase_paper import PurchasePaperController
from api.purchase_steps import PurchaseStepsController
from api.purchases import PurchasesController
from api.quotes import QuotesController
from api.receipts import ReceiptsController
from api.registers import RegistersController
from api.replenishment import ReplenishmentController
from api.reports import ReportsController
from api.requests import ShopRequest, StrictRequest
from api.retention import RetentionController
from api.return_policy import ReturnPolicyController
from api.returns import ReturnsController
from api.reviews import FollowUpsController, ReviewsController
from api.roles import RolesController
from api.sales import SalesController, StoreSalesController
from api.schemes import SchemesController
from api.scorecards import ScorecardsController
from api.segment_definitions import SegmentDefinitionsController
from api.segment_members import SegmentListController
from api.segments import SegmentsController
from api.selling_reports import SellingReportsController
from api.service_reports import ServiceReportsController
from api.service_terms import ServiceTermsController, StoreServiceTermsController
from api.sessions import OwnPasswordController, SessionsController
from api.settlements import SaleExceptionsController
from api.shifts import ShiftController
from api.stock import StockController
from api.stock_ledger import StockLedgerController
from api.stock_lots import StockLotsController
from api.stock_policy import StockPolicyController
from api.storage_costs import StorageCostsController
from api.stored_value import GiftCardsController
from api.stores import StoresController
from api.suggestions import SuggestionController
from api.supplier_returns import SupplierReturnsController
from api.supplier_scores import SupplierScoresController
from api.suppliers import SuppliersController
from api.supply_terms import SupplyTermsController
from api.surveys import (
    ComplaintSurveysController,
    CustomerSurveysController,
    SurveyAnswersController,
    SurveyPlanController,
    SurveysController,
)
from api.system import SystemController
from api.targets import TargetsController
from api.tasks import TasksController
from api.tax_rates import TaxRatesController
from api.tracking import OrderLinksController, TrackingController
from api.transfers import StoreTransfersController, TransfersController
from api.turnover import TurnoverController
from api.unlinked_returns import UnlinkedReturnsController
from api.users import UsersController
from api.voids import VoidsController
from api.waste import WasteReportController
from infra.access.passwords import PasswordChecker
from infra.crypto.master_key import MasterKey
from infra.logging import configure_logging
from infra.postgres.pools import connector
from infra.process import calm_collector
from infra.settings import Settings
from infra.tenancy import Tenant, Tenants

CONTROLLERS = (
    StoresController,
    ProductsController,
    ProductBarcodesController,
    PriceListsController,
    TaxRatesController,
    MarkdownsController,
    MarkdownLaddersController,
    MarkdownProposalsController,
    BarcodesController,
    ScalesController,
    EmployeesController,
    TargetsController,
    ScorecardsController,
    CustomersController,
    ProfileController,
    CustomFieldsController,
    CustomerSearchController,
    CustomerMergesController,
    CustomerImportController,
    CustomerDuplicatesController,
    ConsentsController,
    ProfileFactsController,
    SegmentsController,
    SegmentDefinitionsController,
    SegmentListController,
    ForgettingController,
    ExportController,
    RetentionController,
    AccessesController,
    StockController,
    StockLotsController,
    LandedCostsController,
    StockLedgerController,
    ExpiryController,
    StockPolicyController,
    TurnoverController,
    CountsDueController,
    CountResultsController,
    StorageCostsController,
    AlertsController,
    StoreAlertsController,
    TenantThresholdsController,
    ProductThresholdsController,
    StoreThresholdsController,
    RecipientsController,
    ReplenishmentController,
    OrderingController,
    SuggestionController,
    StoreSalesController,
    OfflineSalesController,
    SaleExceptionsController,
    ParkedSalesController,
    SalesController,
    ReturnsController,
    ExchangesController,
    UnlinkedReturnsController,
    ReturnPolicyController,
    ReceiptsController,
    ClosingsController,
    ShiftController,
    VoidsController,
    RegistersController,
    CampaignsController,
    CouponTargetsController,
    CouponsController,
    CouponReservationsController,
    CampaignBatchesController,
    BatchesController,
    LoyaltyController,
    WalletsController,
    GiftCardsController,
    CardLoadsController,
    CreditsController,
    LiabilitiesController,
    OffersController,
    QuotesController,
    ComplaintsController,
    ComplaintClocksController,
    ComplaintReferralsController,
    DeadlinesController,
    ServiceContactsController,
    CannedAnswersController,
    DraftsController,
    ComplaintReportController,
    LeadsController,
    TasksController,
    FollowUpRulesController,
    LeadReportController,
    ComplaintAmendsController,
    ServiceReportsController,
    ServiceTermsController,
    StoreServiceTermsController,
    SurveyPlanController,
    ComplaintSurveysController,
    CustomerSurveysController,
    SurveysController,
    SurveyAnswersController,
    SchemesController,
    ReviewsController,
    FollowUpsController,
    HonoursController,
    PerformanceController,
    CareRulesController,
    CareResultsController,
    CareLinksController,
    CareReactionsController,
    CareMessagesController,
    WishesController,
    ReportsController,
    SellingReportsController,
    WasteReportController,
    JournalController,
    AuditController,
    StreamsController,
    SystemController,
    ProjectionsController,
    KeysController,
    SessionsController,
    OwnPasswordController,
    UsersController,
    RolesController,
    ApprovalsController,
    StoreOrdersController,
    OrdersController,
    DeliveriesController,
    OrderBoardController,
    FulfilmentController,
    CrewsController,
    InboxController,
    OrderLinksController,
    TrackingController,
    SuppliersController,
    SupplierContactsController,
    ContactsController,
    SupplyTermsController,
    SupplierScoresController,
    StorePurchasesController,
    PurchaseDraftsController,
    PurchaseBoardController,
    OnOrderController,
    PurchasesController,
    PurchaseStepsController,
    PurchasePaperController,
    GoodsInController,
    SupplierReturnsController,
    StoreTransfersController,
    TransfersController,
    CountsController,
)


async def provide_tenant(request: ShopRequest) -> Tenant:
    """The tenant that the key belongs to."""
    tenants: Tenants = request.app.state.tenants
    return await tenants.get(request.user.tenant)


@asynccontextmanager
async def lifespan(app: Litestar) -> AsyncGenerator[None]:
    """Connects before the first request and finishes the clerks' queues after the last."""
    tenants: Tenants = app.state.tenants
    await tenants.start()
    for name in await tenants.names():
        await tenants.get(name)
    doorkeeper: Doorkeeper = app.state.doorkeeper
    doorkeeper.start()
    calm_collector()
    try:
        yield
    finally:
        await doorkeeper.stop()
        await tenants.stop()


def create_app(settings: Settings | None = None) -> Litestar:
    """The ASGI application for these settings (the environment's, when none are given)."""
    settings = settings or Settings.from_environment(os.environ)
    configure_logging(settings.log_level)
    app = bare_app(settings.max_body_bytes)
    url = settings.require_database_url()
    keys_url = settings.keys_database_url or url
    app.state.tenants = Tenants(
        url=url,
        keys_url=keys_url,
        master=MasterKey.of_settings(settings, keys_url),
        phone_region=settings.phone_region,
    )
    app.state.doorkeeper = Doorkeeper(app.state.tenants.control, connector(url))
    app.state.passwords = PasswordChecker()
    app.state.watches = {}
    app.state.trusted_proxies = settings.trusted_networks
    app.state.fact_finder = FactFinder()
    return app


def bare_app(max_body_bytes: int) -> Litestar:
    """The routes without a database behind them: enough to describe the API."""
    return Litestar(
        route_handlers=[*CONTROLLERS, docs_assets()],
        dependencies={"tenant": Provide(provide_tenant)},
        exception_handlers=EXCEPTION_HANDLERS,
        request_class=StrictRequest,
        request_max_body_size=max_body_bytes,
        middleware=[measured, entrance],
        lifespan=[lifespan],
        openapi_config=OpenAPIConfig(
            title="Daybook",
            version="1.0.0",
            description="The journal of a chain of shops. Money is integer minor units with a currency.",
            openapi_router=Router("/docs", route_handlers=[], opt={"public": True}, include_in_schema=False),
            render_plugins=[swagger(), Document()],
        ),
        # Answers are built from our own structs; logging is structlog's, set up by the process.
        logging_config=None,
        debug=False,
    )
