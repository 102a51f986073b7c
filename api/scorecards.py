"""/v1/scorecards: what counts how much in scores, cycles of people who are scored, and their scores."""

from datetime import date
from typing import Annotated

import msgspec
from litestar import Controller, Response, get, post, put
from litestar.params import Parameter
from msgspec import Meta

from api.errors import Problem
from api.reading import MAX_PAGE, Page, caught_up, decode_cursor, page_of, read, written
from api.requests import Body, ShopRequest, command_origin, expected_version
from api.reviews import is_themself
from domain.kernel.ids import CurrencyCode, Id
from domain.staff.cycle import CYCLE, CloseCycle, Cycle, OpenCycle, cycle_id
from domain.staff.employee import EMPLOYEE
from domain.staff.figures import Correction, Facts
from domain.staff.frozen_score import SCORE
from domain.staff.rating import RateEmployee, person_id
from domain.staff.score import MAX_RATING, Indicator, ScoredPart
from domain.staff.scorecard import (
    MAX_FIGURE,
    MAX_FULL_MILLI,
    SCORECARD,
    Scorecard,
    ScorecardVersion,
    SetScorecard,
)
from infra.tenancy import Tenant
from projections.staff_scores.fold import StaffScores
from projections.staff_scores.scoring import scores_of_cycle

PERIOD = r"^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$(?!\n)"
Period = Annotated[str, Meta(pattern=PERIOD, description="the first month, as 2026-10")]
PeriodInPath = Annotated[str, Parameter(pattern=PERIOD, description="the first month, as 2026-10")]
Limit = Annotated[int, Parameter(ge=1, le=MAX_PAGE)]
Figure = Annotated[int, Meta(ge=-MAX_FIGURE, le=MAX_FIGURE)]
Points = Annotated[int, Meta(ge=1, le=MAX_FULL_MILLI)]


class PartBody(Body, frozen=True, kw_only=True):
    """No points at `nothing_at`, full ones at `full_at`, in a straight line; at most `cap_milli`.

    `full_at` is below `nothing_at` where less is better. Money is in minor units; margin, returns,
    conversion, attendance and attitude are thousandths, and so is the mean of CSAT; complaints are counted.
    """

    indicator: Indicator
    weight: Annotated[int, Meta(ge=1, le=100)]
    nothing_at: Figure = 0
    full_at: Figure
    cap_milli: Points


class ScorecardBody(Body, frozen=True, kw_only=True):
    """Weights sum to 100. `full_milli` are full marks, in thousandths; a cycle has 1, 3 or 12 `months`."""

    currency: CurrencyCode
    months: Annotated[int, Meta(ge=1, le=12)] = 1
    full_milli: Points = 5_000
    parts: Annotated[tuple[PartBody, ...], Meta(min_length=1, max_length=len(Indicator))]


class ScorecardView(ScorecardBody, frozen=True, kw_only=True):
    """The card of today and, counted from 1, its version; `last_period` is that of the last cycle."""

    version: int
    last_period: str | None


class PeriodBody(Body, frozen=True, kw_only=True):
    """The period of a cycle, by its first month."""

    period: Period


class CycleView(msgspec.Struct, frozen=True, kw_only=True):
    """A cycle goes by `version` and `formula` for good. `cut_off` null: it is open.

    `people` null: not all scores are frozen.
    """

    scorecard_id: str
    period: str
    version: int
    formula: str
    previous: str | None
    cut_off: date | None
    people: int | None


class ClosedView(msgspec.Struct, frozen=True, kw_only=True):
    """What was recorded before `cut_off`, a UTC day, counts. Scores are frozen before long."""

    scorecard_id: str
    period: str
    cut_off: date


class RatingBody(Body, frozen=True, kw_only=True):
    """A figure of conversion, attendance or attitude, in thousandths.

    That of conversion counts where no lead of theirs ended. With `corrects` it is what should have stood in
    the cycle before, which is closed: the difference counts in this one.
    """

    indicator: Indicator
    figure: Annotated[int, Meta(ge=0, le=MAX_RATING)]
    corrects: Period | None = None


class RatedView(msgspec.Struct, frozen=True, kw_only=True):
    """Who was rated."""

    employee_id: str


class ScoreInList(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody's frozen score, and the points of each indicator that was known, in thousandths."""

    employee_id: str
    score_milli: int | None
    points: dict[str, int]


class ScoreView(msgspec.Struct, frozen=True, kw_only=True):
    """A frozen score with all that it was worked out from. Minor units; revenue and cost without tax.

    `corrections` became known after the close of the period that they name, and count in this one.
    """

    scorecard_id: str
    period: str
    employee_id: str
    version: int
    formula: str
    score_milli: int | None
    parts: tuple[ScoredPart, ...]
    facts: Facts
    corrections: tuple[Correction, ...]


def _cycle_view(cycle: Cycle) -> CycleView:
    opened = cycle.opened
    assert opened is not None
    return CycleView(
        scorecard_id=opened.scorecard_id,
        period=opened.period,
        version=opened.version,
        formula=opened.formula,
        previous=opened.previous,
        cut_off=cycle.cut_off,
        people=cycle.people,
    )


class ScorecardsController(Controller):
    """Scorecards and their cycles."""

    path = "/v1/scorecards/{scorecard_id:str}"
    tags = ("staff",)

    @get(operation_id="getScorecard", opt={"scope": "reports:read"})
    async def show(self, tenant: Tenant, scorecard_id: str) -> Response[ScorecardView]:
        """A scorecard and, as ETag, its version."""
        state, _ = await tenant.require_state(SCORECARD, scorecard_id)
        told = {"version": state.version, "last_period": state.last_period}
        view = msgspec.convert({**msgspec.to_builtins(state.card), **told}, ScorecardView)
        return read(view, state.version)

    @put(operation_id="setScorecard", opt={"scope": "performance:write"})
    async def set(
        self, request: ShopRequest, tenant: Tenant, scorecard_id: Id, data: ScorecardBody
    ) -> Response[ScorecardVersion]:
        """Makes a scorecard, or its next version; before the first, If-Match is "0".

        Cycles that are open keep the one that they were opened with.
        """
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "setScorecard", key_required=False)
        command = SetScorecard(
            scorecard_id=scorecard_id,
            card=msgspec.convert(msgspec.to_builtins(data), Scorecard),
            expected=expected_version(request),
        )
        answer = await tenant.submit(command, origin)
        return written(answer.result, answer, version=answer.result.version)

    @post("/cycles", operation_id="openCycle", opt={"scope": "performance:write"})
    async def open(
        self, request: ShopRequest, tenant: Tenant, scorecard_id: Id, data: PeriodBody
    ) -> Response[CycleView]:
        """Opens the cycle of a period, by the card and the formula of today."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "openCycle", key_required=False)
        answer = await tenant.submit(OpenCycle(scorecard_id=scorecard_id, period=data.period), origin)
        state, _ = await tenant.state_at(CYCLE, answer.result.id, answer.position)
        return written(_cycle_view(state), answer, 201)

    @get("/cycles/{period:str}", operation_id="getCycle", opt={"scope": "reports:read"})
    async def cycle(self, tenant: Tenant, scorecard_id: str, period: PeriodInPath) -> CycleView:
        """A cycle: open, closed, or with all scores frozen."""
        state, _ = await tenant.require_state(CYCLE, cycle_id(scorecard_id, period))
        return _cycle_view(state)

    @post(
        "/cycles/{period:str}/closing",
        operation_id="closeCycle",
        opt={"scope": "performance:write"},
        status_code=200,
    )
    async def close(
        self, request: ShopRequest, tenant: Tenant, scorecard_id: Id, period: PeriodInPath
    ) -> Response[ClosedView]:
        """Closes a cycle whose days are over. Nothing in it changes any more; scores are frozen by a job."""
        request.user.require_store(None)
        origin = await command_origin(request, tenant, "closeCycle", key_required=False)
        answer = await tenant.submit(CloseCycle(scorecard_id=scorecard_id, period=period), origin)
        view = ClosedView(scorecard_id=scorecard_id, period=period, cut_off=answer.result.cut_off)
        return written(view, answer)

    @put(
        "/cycles/{period:str}/ratings/{employee_id:str}",
        operation_id="rateEmployee",
        opt={"scope": "performance:write"},
    )
    async def rate(
        self,
        request: ShopRequest,
        tenant: Tenant,
        scorecard_id: Id,
        period: PeriodInPath,
        employee_id: Id,
        data: RatingBody,
    ) -> Response[RatedView]:
        """Enters how somebody did, as long as the cycle is open. Nobody rates themself."""
        state, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(state.store_id)
        if await is_themself(request, tenant, employee_id):
            raise Problem(403, "forbidden", "Nobody rates themself.", store_id=state.store_id)
        origin = await command_origin(request, tenant, "rateEmployee", key_required=False)
        command = RateEmployee(
            scorecard_id=scorecard_id,
            period=period,
            employee_id=employee_id,
            indicator=data.indicator,
            figure=data.figure,
            corrects=data.corrects,
        )
        answer = await tenant.submit(command, origin)
        return written(RatedView(employee_id=employee_id), answer)

    @get("/cycles/{period:str}/scores", operation_id="listCycleScores", opt={"scope": "reports:read"})
    async def scores(
        self,
        request: ShopRequest,
        tenant: Tenant,
        scorecard_id: str,
        period: PeriodInPath,
        limit: Limit = 100,
        cursor: str | None = None,
    ) -> Page[ScoreInList]:
        """The frozen scores of a cycle, by employee."""
        request.user.require_store(None)
        after = decode_cursor(cursor, tuple[Id])
        await tenant.require_state(CYCLE, cycle_id(scorecard_id, period))
        await caught_up(request, tenant, StaffScores.name)
        async with tenant.readers.connection() as connection:
            rows = await scores_of_cycle(
                connection, scorecard_id, period, after=after[0] if after else "", limit=limit + 1
            )
        listed = [
            ScoreInList(employee_id=row.employee_id, score_milli=row.score_milli, points=row.points)
            for row in rows
        ]
        return page_of(listed, limit, lambda row: (row.employee_id,))

    @get(
        "/cycles/{period:str}/scores/{employee_id:str}",
        operation_id="getCycleScore",
        opt={"scope": "reports:read"},
    )
    async def score(
        self,
        request: ShopRequest,
        tenant: Tenant,
        scorecard_id: str,
        period: PeriodInPath,
        employee_id: str,
    ) -> ScoreView:
        """Somebody's frozen score of a cycle, and why it is what it is."""
        employee, _ = await tenant.require_state(EMPLOYEE, employee_id)
        request.user.require_store(employee.store_id)
        state, _ = await tenant.require_state(SCORE, person_id(scorecard_id, period, employee_id))
        assert state.frozen is not None
        return msgspec.convert(state.frozen, ScoreView, from_attributes=True)
