"""/v1/reports: causes of complaints, quality of service, and who recommends the shop."""

from typing import Annotated, Literal

import msgspec
from litestar import Controller, get
from litestar.params import Parameter

from api.errors import Problem
from api.money import money
from api.reading import MAX_PAGE, caught_up
from api.reports import First, Last, StoreId, instants_of, stores_asked
from api.requests import ShopRequest
from domain.kernel.money import Money
from domain.service.case import CaseKind
from infra.tenancy import Tenant
from projections.complaint_causes.fold import ComplaintCauses
from projections.complaint_causes.queries import AmendsSum, CauseGroup, CauseSum, sums_of_causes
from projections.service_quality.fold import ServiceQuality
from projections.service_quality.queries import QualityGroup, QualitySum, sums_of_quality
from projections.survey_results.fold import SurveyResults
from projections.survey_results.queries import Recommendation, recommendations

Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
CAUSES = {group.name.lower(): group for group in CauseGroup}
MOST_GROUPS = 2
Causes = Annotated[str, Parameter(description=f"one or two, by a comma, of {', '.join(CAUSES)}")]


class AmendsView(msgspec.Struct, frozen=True, kw_only=True):
    """What was given in a currency: the most that coupons take off, and what points pay."""

    refund: Money
    credit: Money
    points: Money
    coupons: Money


class CauseView(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of a group; null in it: of those that name none. `unjudged` customers have said nothing yet."""

    group: dict[str, str | None]
    cases: int
    share_permille: int
    resolved: int
    reopened: int
    accepted: int
    disputed: int
    unjudged: int
    compensated: int
    amends: list[AmendsView]


class CausesView(msgspec.Struct, frozen=True, kw_only=True):
    """The groups, the one with most cases first."""

    data: list[CauseView]


class QualityView(msgspec.Struct, frozen=True, kw_only=True):
    """How an employee, store or month does; null key: nobody, no store. A rate of nothing is null."""

    key: str | None
    cases: int
    resolved: int
    solution_permille: int | None
    responses: int
    response_mean_s: int | None
    resolutions: int
    reopened: int
    reopening_permille: int | None
    asked: int
    answered: int
    csat_mean_milli: int | None


class QualitiesView(msgspec.Struct, frozen=True, kw_only=True):
    """The groups by their names."""

    data: list[QualityView]


class RecommendationView(msgspec.Struct, frozen=True, kw_only=True):
    """What customers of a period say; `nps` is -100 to 100, null where nobody has answered."""

    period: str
    asked: int
    answered: int
    promoters: int
    passives: int
    detractors: int
    nps: int | None


class RecommendationsView(msgspec.Struct, frozen=True, kw_only=True):
    """The periods, the last first."""

    data: list[RecommendationView]


def rounded(part: int, whole: int) -> int | None:
    """part / whole, half away from zero; None where it divides by nothing."""
    if not whole:
        return None
    share = (2 * abs(part) + whole) // (2 * whole)
    return share if part >= 0 else -share


def _causes(group_by: str) -> dict[str, CauseGroup]:
    names = list(dict.fromkeys(group_by.split(",")))
    if len(names) > MOST_GROUPS or not CAUSES.keys() >= set(names):
        raise Problem(400, "invalid_request", f"group_by takes one or two of {', '.join(CAUSES)}.")
    return {name: CAUSES[name] for name in names}


def _amends(given: AmendsSum) -> AmendsView:
    return AmendsView(
        refund=money(given.refund_minor, given.currency),
        credit=money(given.credit_minor, given.currency),
        points=money(given.points_minor, given.currency),
        coupons=money(given.coupon_minor, given.currency),
    )


def _cause(names: list[str], found: CauseSum) -> CauseView:
    return CauseView(
        group=dict(zip(names, found.group, strict=True)),
        cases=found.cases,
        share_permille=found.share_permille,
        resolved=found.resolved,
        reopened=found.reopened,
        accepted=found.accepted,
        disputed=found.disputed,
        unjudged=found.cases - found.accepted - found.disputed,
        compensated=found.compensated,
        amends=[_amends(each) for each in found.amends],
    )


def _quality(found: QualitySum) -> QualityView:
    return QualityView(
        key=found.key,
        cases=found.cases,
        resolved=found.resolved,
        solution_permille=rounded(1000 * found.resolved, found.cases),
        responses=found.responses,
        response_mean_s=rounded(found.response_s, found.responses),
        resolutions=found.resolutions,
        reopened=found.reopened,
        reopening_permille=rounded(1000 * found.reopened, found.resolutions),
        asked=found.asked,
        answered=found.answers,
        csat_mean_milli=rounded(1000 * found.scores, found.answers),
    )


def _recommendation(found: Recommendation) -> RecommendationView:
    return RecommendationView(
        period=found.period,
        asked=found.asked,
        answered=found.answered,
        promoters=found.promoters,
        passives=found.passives,
        detractors=found.detractors,
        nps=rounded(100 * (found.promoters - found.detractors), found.answered),
    )


class ServiceReportsController(Controller):
    """Reports on service."""

    path = "/v1/reports"
    tags = ("reports",)

    @get("/complaint-causes", operation_id="complaintCauses", opt={"scope": "reports:read"})
    async def causes(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        group_by: Causes,
        store_id: StoreId = None,
        kind: CaseKind | None = None,
        limit: Limit = 100,
    ) -> CausesView:
        """What the cases opened on days of the UTC calendar are about, and what amends for them came to."""
        groups = _causes(group_by)
        stores = await stores_asked(request, tenant, first, last, store_id)
        since, until = instants_of(first, last)
        await caught_up(request, tenant, ComplaintCauses.name)
        async with tenant.readers.connection() as connection:
            found = await sums_of_causes(
                connection,
                list(groups.values()),
                since=since,
                until=until,
                stores=stores,
                kind=kind,
                limit=limit,
            )
        return CausesView(data=[_cause(list(groups), each) for each in found])

    @get("/service-quality", operation_id="serviceQuality", opt={"scope": "reports:read"})
    async def quality(
        self,
        request: ShopRequest,
        tenant: Tenant,
        first: First,
        last: Last,
        group_by: Literal["employee", "store", "month"],
        store_id: StoreId = None,
        kind: CaseKind | None = None,
        limit: Limit = 100,
    ) -> QualitiesView:
        """How employees, stores or months do with the cases opened on days of the UTC calendar."""
        stores = await stores_asked(request, tenant, first, last, store_id)
        since, until = instants_of(first, last)
        await caught_up(request, tenant, ServiceQuality.name)
        async with tenant.readers.connection() as connection:
            found = await sums_of_quality(
                connection,
                QualityGroup[group_by.upper()],
                since=since,
                until=until,
                stores=stores,
                kind=kind,
                limit=limit,
            )
        return QualitiesView(data=[_quality(each) for each in found])

    @get("/recommendations", operation_id="recommendationReport", opt={"scope": "reports:read"})
    async def recommending(
        self, request: ShopRequest, tenant: Tenant, limit: Limit = 100
    ) -> RecommendationsView:
        """Whether customers recommend the shop, period by period. It is about all stores."""
        request.user.require_store(None)
        await caught_up(request, tenant, SurveyResults.name)
        async with tenant.readers.connection() as connection:
            found = await recommendations(connection, limit)
        return RecommendationsView(data=[_recommendation(each) for each in found])
