"""/v1/customers/{customer_id}/profile: what a customer is to us, on one page."""

import asyncio
from datetime import date

import msgspec
from litestar import Controller, get

from api.accesses import opened
from api.dealings import (
    DEALINGS,
    CampaignView,
    CareView,
    CasesView,
    CustomerLead,
    CustomerTask,
    SurveysView,
    dealings_of,
)
from api.money import money, money_list
from api.persons import Person, person_of
from api.reading import caught_up
from api.requests import Instant, ShopRequest
from domain.customers import habits
from domain.kernel.money import Money
from infra.tenancy import Tenant
from projections.customer_profile.fold import CustomerProfile, CustomerProfiles
from projections.customer_profile.page import (
    LOOKED_AT,
    Preference,
    PriceLevel,
    preferences,
    price_levels,
    rhythm_of,
    times_of_day,
)
from projections.customer_profile.person import profile_of_person
from projections.customer_profile.queries import (
    Purchase,
    household_of,
    prices_of,
    purchases_of,
    traits_of,
)

FAVOURITES = 5
RECENT = 10
MEMBERS = 20


class CategorySpend(msgspec.Struct, frozen=True, kw_only=True):
    """What was spent in a category, net of discounts and returns."""

    category: str
    net: Money


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer brought in a currency, and how many permille of it went back."""

    spent: Money
    returned: Money
    net: Money
    returned_permille: int


class RhythmView(msgspec.Struct, frozen=True, kw_only=True):
    """On how many days they came, the median of the days in between, and when they are expected next.

    Null without a second day. A day that is over says that they are late.
    """

    formula: str
    purchase_days: int
    median_days: int | None
    expected_next_on: date | None


class PreferencesView(msgspec.Struct, frozen=True, kw_only=True):
    """What they like, of the last `purchases` that were looked at; price levels are of all that they kept."""

    formula: str
    purchases: int
    brands: list[Preference]
    sizes: list[Preference]
    varieties: list[Preference]
    times_of_day: list[Preference]
    price_formula: str
    price_levels: list[PriceLevel]


class RecentPurchase(msgspec.Struct, frozen=True, kw_only=True):
    """A sale to them, and what came back of it."""

    sale_id: str
    store_id: str
    sold_at: Instant
    total: Money
    returned: Money


class ProfileView(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer is to us. Spend is net of returns; favourites are the categories spent most on.

    `household` are the customers of the same one, as far as they fit on a page. Sales that were recorded
    wrongly and corrected count as visits and returns, and nowhere else.
    """

    customer_id: str
    registered_at: Instant | None
    visits: int
    returns: int
    spend: list[Money]
    first_purchase_at: Instant | None
    last_purchase_at: Instant | None
    favourite_categories: list[CategorySpend]
    coupons_issued: int
    coupons_redeemed: int
    complaints: int
    value: list[Value]
    rhythm: RhythmView
    preferences: PreferencesView
    recent_purchases: list[RecentPurchase]
    campaigns: list[CampaignView]
    cases: list[CasesView]
    surveys: list[SurveysView]
    care: list[CareView]
    leads: list[CustomerLead]
    tasks: list[CustomerTask]
    household: list[str]


async def profile_view(tenant: Tenant, person: Person) -> ProfileView:
    """What the read models say of a customer, under all their ids: a question to each table."""
    # Asked at once, in one journey: each wait of its own would be one behind whatever the process does.
    async with tenant.readers.connection() as connection, connection.pipeline():
        profile, purchases, traits, prices, (household, dealings) = await asyncio.gather(
            profile_of_person(connection, person.ids),
            purchases_of(connection, person.ids, LOOKED_AT),
            traits_of(connection, person.ids),
            prices_of(connection, person.ids),
            asyncio.gather(
                household_of(connection, person.ids, MEMBERS),
                dealings_of(connection, person.ids),
            ),
        )
    return ProfileView(
        customer_id=person.speaking.customer_id,
        registered_at=profile.registered_at,
        visits=profile.visits,
        returns=profile.returns,
        spend=money_list(profile.spend_minor),
        first_purchase_at=profile.first_purchase_at,
        last_purchase_at=profile.last_purchase_at,
        favourite_categories=_favourites(profile),
        coupons_issued=profile.coupons_issued,
        coupons_redeemed=profile.coupons_redeemed,
        complaints=profile.complaints,
        value=_value(profile),
        rhythm=_rhythm(purchases),
        preferences=PreferencesView(
            formula=habits.PREFERENCES,
            purchases=len(purchases),
            brands=preferences(purchases, traits, "brand")[:FAVOURITES],
            sizes=preferences(purchases, traits, "size")[:FAVOURITES],
            varieties=preferences(purchases, traits, "variety")[:FAVOURITES],
            times_of_day=times_of_day(purchases),
            price_formula=habits.PRICE_LEVEL,
            price_levels=price_levels(profile, prices),
        ),
        recent_purchases=[_recent(purchase) for purchase in purchases[:RECENT]],
        campaigns=dealings.campaigns,
        cases=dealings.cases,
        surveys=dealings.surveys,
        care=dealings.care,
        leads=dealings.leads,
        tasks=dealings.tasks,
        household=household,
    )


def _favourites(profile: CustomerProfile) -> list[CategorySpend]:
    ranked = sorted(profile.categories.items(), key=lambda entry: (-entry[1], entry[0]))
    return [_category_spend(key, net) for key, net in ranked[:FAVOURITES] if net > 0]


def _category_spend(key: str, net_minor: int) -> CategorySpend:
    """From the read model's key, such as CNY/fruit."""
    currency, _, category = key.partition("/")
    return CategorySpend(category=category, net=money(net_minor, currency))


def _value(profile: CustomerProfile) -> list[Value]:
    found: list[Value] = []
    for currency, net_minor in sorted(profile.spend_minor.items()):
        returned_minor = profile.returned_minor.get(currency, 0)
        spent_minor = net_minor + returned_minor
        found.append(
            Value(
                spent=money(spent_minor, currency),
                returned=money(returned_minor, currency),
                net=money(net_minor, currency),
                returned_permille=habits.permille(returned_minor, spent_minor),
            )
        )
    return found


def _rhythm(purchases: list[Purchase]) -> RhythmView:
    found = rhythm_of(purchases)
    return RhythmView(
        formula=habits.INTERVAL,
        purchase_days=found.days,
        median_days=found.median_days,
        expected_next_on=found.expected_on,
    )


def _recent(purchase: Purchase) -> RecentPurchase:
    return RecentPurchase(
        sale_id=purchase.sale_id,
        store_id=purchase.store_id,
        sold_at=purchase.sold_at,
        total=money(purchase.total_minor, purchase.currency),
        returned=money(purchase.returned_minor, purchase.currency),
    )


class ProfileController(Controller):
    """What a customer is to us."""

    path = "/v1/customers/{customer_id:str}/profile"
    tags = ("customers",)

    @get(operation_id="getProfile", opt={"scope": "customers:read"})
    async def profile(self, request: ShopRequest, tenant: Tenant, customer_id: str) -> ProfileView:
        """What a customer bought, brought back, likes, answers and waits for, on one page."""
        person = await person_of(request, tenant, customer_id)
        for read_model in (CustomerProfiles, *DEALINGS):
            await caught_up(request, tenant, read_model.name)
        # Both are done before anything is told.
        view, _ = await asyncio.gather(
            profile_view(tenant, person),
            opened(request, tenant, (), about=person.subjects),
        )
        return view
