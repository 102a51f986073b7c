"""/v1/care-rules/{rule_id}/results: what a rule led to, against those who got no message for comparison."""

from collections.abc import Iterable

import msgspec
from litestar import Controller, get

from api.money import money
from api.reading import caught_up
from api.requests import ShopRequest
from domain.care.rule import CARE
from domain.care.uplift import FORMULA, incremental_minor, rate_permille
from domain.kernel.money import Money
from infra.tenancy import Tenant
from projections.campaign_results.fold import HELD_OUT, SENT, UNDELIVERED, WITHHELD, CampaignResults
from projections.campaign_results.queries import NOTHING, GroupSales, Outcomes, Results, results_of


class GroupView(msgspec.Struct, frozen=True, kw_only=True):
    """What a group bought while it counts. `margin` is paid without tax less cost, where cost is known."""

    converted: int
    converted_permille: int | None
    sales: int
    paid: Money
    margin: Money
    without_cost: Money


class CurrencyResults(msgspec.Struct, frozen=True, kw_only=True):
    """The two groups in a currency; `incremental_profit` is null where nobody was held out."""

    currency: str
    planned: GroupView
    held_out: GroupView
    incremental_profit: Money | None


class CareResultsView(msgspec.Struct, frozen=True, kw_only=True):
    """How many were planned a message and what became of it, how many held out, and what both bought.

    `no_consent` are those who were neither. `waiting` have not been due yet. `opened` and the following are
    members who did so; `rating_milli` is their mean rating in thousandths.
    """

    rule_id: str
    formula: str
    planned: int
    held_out: int
    no_consent: int
    waiting: int
    sent: int
    withheld: int
    undelivered: int
    coupons: int
    coupons_used: int
    opened: int
    clicked: int
    replied: int
    rated: int
    rating_milli: int | None
    data: list[CurrencyResults]


class CareResultsController(Controller):
    """What care rules led to."""

    path = "/v1/care-rules/{rule_id:str}/results"
    tags = ("care",)

    # Margins are for who reads reports, not for everybody who may see the rules.
    @get(operation_id="getCareResults", opt={"scope": "reports:read"})
    async def show(self, request: ShopRequest, tenant: Tenant, rule_id: str) -> CareResultsView:
        """What the rule led to, all its versions and occasions together, in all stores."""
        request.user.require_store(None)
        await tenant.require_state(CARE, rule_id)
        await caught_up(request, tenant, CampaignResults.name)
        async with tenant.readers.connection() as connection:
            found = await results_of(connection, rule_id)
        return _view(rule_id, found)


def _view(rule_id: str, found: Results) -> CareResultsView:
    outcomes = found.outcomes
    held_out = _members(outcomes.get(HELD_OUT))
    planned = sum(each.members for name, each in outcomes.items() if name != HELD_OUT)
    ended = [_members(outcomes.get(name)) for name in (SENT, WITHHELD, UNDELIVERED)]
    return CareResultsView(
        rule_id=rule_id,
        formula=FORMULA,
        planned=planned,
        held_out=held_out,
        no_consent=found.no_consent,
        waiting=planned - sum(ended),
        sent=ended[0],
        withheld=ended[1],
        undelivered=ended[2],
        coupons=sum(each.coupons for each in outcomes.values()),
        coupons_used=sum(each.coupons_used for each in outcomes.values()),
        opened=sum(each.opened for each in outcomes.values()),
        clicked=sum(each.clicked for each in outcomes.values()),
        replied=sum(each.replied for each in outcomes.values()),
        rated=(rated := sum(each.rated for each in outcomes.values())),
        rating_milli=rate_permille(sum(each.rating_sum for each in outcomes.values()), rated),
        data=list(_currencies(found, planned, held_out)),
    )


def _members(outcomes: Outcomes | None) -> int:
    return 0 if outcomes is None else outcomes.members


def _currencies(found: Results, planned: int, held_out: int) -> Iterable[CurrencyResults]:
    for currency in sorted({currency for _, currency in found.sales}):
        of_planned = found.sales.get((False, currency), NOTHING)
        of_held_out = found.sales.get((True, currency), NOTHING)
        profit = incremental_minor(
            planned=planned,
            planned_margin_minor=of_planned.margin_minor,
            held_out=held_out,
            held_out_margin_minor=of_held_out.margin_minor,
        )
        yield CurrencyResults(
            currency=currency,
            planned=_group(of_planned, planned, currency),
            held_out=_group(of_held_out, held_out, currency),
            incremental_profit=None if profit is None else money(profit, currency),
        )


def _group(of: GroupSales, members: int, currency: str) -> GroupView:
    return GroupView(
        converted=of.converted,
        converted_permille=rate_permille(of.converted, members),
        sales=of.sales,
        paid=money(of.paid_minor, currency),
        margin=money(of.margin_minor, currency),
        without_cost=money(of.without_cost_minor, currency),
    )
