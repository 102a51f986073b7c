"""All projections, in one place: the projector runs these."""

from projections.campaign_results.fold import CampaignResults
from projections.campaign_targets.fold import CampaignTargets
from projections.canned_answers.fold import CannedAnswers
from projections.care_audience.fold import CareAudience
from projections.complaint_board.fold import ComplaintBoard
from projections.complaint_causes.fold import ComplaintCauses
from projections.count_board.fold import CountBoard
from projections.count_results.fold import CountResults
from projections.counts_due.fold import CountsDue
from projections.coupon_usage.fold import CouponUsages
from projections.customer_days.fold import CustomerDays
from projections.customer_profile.fold import CustomerProfiles
from projections.demand_observed.fold import ObservedDemand
from projections.expiry_board.fold import ExpiryBoard
from projections.honours.fold import Honours
from projections.incentives.fold import Incentives
from projections.item_demand.fold import ItemsAskedFor
from projections.kernel.projection import Projection
from projections.lead_board.fold import LeadBoard
from projections.list_prices.fold import ListPrices
from projections.markdown_board.fold import MarkdownBoard
from projections.order_board.fold import OrderBoard
from projections.parked_sales.fold import ParkedSales
from projections.product_sales.fold import ProductsSold
from projections.promotion_results.fold import PromotionResults
from projections.purchase_board.fold import PurchaseBoard
from projections.register_journal.fold import RegisterJournal
from projections.replenishment.fold import Replenishment
from projections.report_keys.fold import ReportKeys
from projections.review_board.fold import ReviewBoard
from projections.sale_exceptions.fold import SaleExceptions
from projections.sales_report.fold import SalesReport
from projections.segments.fold import Segments
from projections.service_quality.fold import ServiceQuality
from projections.staff_scores.fold import StaffScores
from projections.stock_alerts.fold import StockAlerts
from projections.stock_ledger.fold import StockLedger
from projections.stock_levels.fold import StockLevels
from projections.stock_locations.fold import StockLocations
from projections.supplier_scores.fold import SupplierScores
from projections.supply_terms.fold import TermsOfSupply
from projections.survey_results.fold import SurveyResults
from projections.targets.fold import Targets
from projections.task_board.fold import TaskBoard
from projections.transfer_board.fold import TransferBoard
from projections.turnover.fold import Turnover
from projections.wallet.fold import Wallets

PROJECTIONS: tuple[Projection, ...] = (
    StockLevels(),
    CustomerProfiles(),
    SalesReport(),
    CouponUsages(),
    CampaignTargets(),
    ProductsSold(),
    PromotionResults(),
    ComplaintBoard(),
    CannedAnswers(),
    ComplaintCauses(),
    ServiceQuality(),
    SurveyResults(),
    ListPrices(),
    ParkedSales(),
    RegisterJournal(),
    SaleExceptions(),
    Wallets(),
    OrderBoard(),
    ItemsAskedFor(),
    Replenishment(),
    ObservedDemand(),
    SupplierScores(),
    TermsOfSupply(),
    PurchaseBoard(),
    TransferBoard(),
    CountBoard(),
    StockLedger(),
    StockLocations(),
    CountsDue(),
    CountResults(),
    Turnover(),
    ExpiryBoard(),
    MarkdownBoard(),
    ReportKeys(),
    StockAlerts(),
    LeadBoard(),
    TaskBoard(),
    Targets(),
    Incentives(),
    ReviewBoard(),
    Honours(),
    CareAudience(),
    CampaignResults(),
    CustomerDays(),
    Segments(),
    StaffScores(),
)
